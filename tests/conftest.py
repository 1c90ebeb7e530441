from hypothesis import settings

settings.register_profile("sweeper", deadline=None)  # a busy machine is no failure
settings.register_profile("thorough", parent=settings.get_profile("sweeper"), max_examples=10_000)
settings.load_profile("sweeper")
