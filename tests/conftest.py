"""What all tests share: Keras, one take-over of its fit, the order of tests, and settings that spare time."""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("sweeper", deadline=None)  # a busy machine is no failure
settings.register_profile("thorough", parent=settings.get_profile("sweeper"), max_examples=10_000)
settings.load_profile("sweeper")

gc.set_threshold(50_000, 20, 50)
"""TensorFlow leaves half a million objects, and Python's own thresholds search them again and again."""
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
"""The programs of tests run for milliseconds: compiling them well would take longer."""
LONGEST = "test_vector"
"""The module of the longest test, which starts first: none is to begin it when all others are done."""


def pytest_collection_modifyitems(items):
    """Puts slow tests first, so that no process waits for one at the end."""
    items.sort(key=lambda item: (item.path.stem != LONGEST, item.get_closest_marker("slow") is None))


@pytest.fixture(scope="module")
def keras():
    """Keras on TensorFlow. What came with it and what other modules left is not searched for variables again."""
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("plain fit is compared on TensorFlow")
    gc.collect()
    gc.freeze()
    return keras


@pytest.fixture(scope="module")
def tf(keras):
    import tensorflow as tf

    return tf


@pytest.fixture(scope="session")
def interception():
    """The take-over of fit, once in a process: every further one would be called around those before it."""
    from sweeper.capture import Interception

    found = Interception(on_fit=lambda model, fit, args, kwargs, _: fit(model, *args, **kwargs), on_legacy=lambda: None)
    found.install()
    return found


@pytest.fixture(scope="session")
def warm():
    """Starts workers that need not import Keras, on TensorFlow."""
    from tests.warm_launcher import WarmLauncher

    with WarmLauncher("tensorflow") as launcher:
        yield launcher


@pytest.fixture(scope="session")
def warm_jax():
    pytest.importorskip("jax")
    from tests.warm_launcher import WarmLauncher

    with WarmLauncher("jax") as launcher:
        yield launcher


@pytest.fixture
def warm_workers(warm, monkeypatch):
    """Lets runs start such workers."""
    monkeypatch.setattr("sweeper.sweep._run.make_launcher", lambda: warm)
