from hypothesis import settings

settings.register_profile("sweeper", deadline=None)  # a busy machine is no failure
settings.load_profile("sweeper")
