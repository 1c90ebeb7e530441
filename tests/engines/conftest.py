"""What tests of engines in this process share."""

import gc

import pytest

from sweeper.capture import Interception


@pytest.fixture(scope="module")
def keras():
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("plain fit is compared on TensorFlow")
    gc.collect()
    gc.freeze()  # what came with TensorFlow need not be searched for variables again and again
    yield keras
    gc.unfreeze()


@pytest.fixture(scope="module")
def interception(keras):
    found = Interception(on_fit=lambda model, fit, args, kwargs, _: fit(model, *args, **kwargs), on_legacy=lambda: None)
    found.install()
    return found
