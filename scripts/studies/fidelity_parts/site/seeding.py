"""A seed for scripts that set none, so that two processes of one script draw the same.

What a script seeds itself comes later and counts. A generator that the script makes without a seed
(`numpy.random.default_rng()`) gets the same one.
"""

import random
from types import ModuleType
from typing import Any

from after_import import after_import


def seed_everything(seed: int) -> None:
    """Seeds Python now, and NumPy, TensorFlow and Keras as soon as they are imported."""

    def seed_numpy(numpy_random: ModuleType) -> None:
        numpy_random.seed(seed)
        original = numpy_random.default_rng

        def default_rng(given: Any = None) -> Any:
            return original(seed if given is None else given)

        numpy_random.default_rng = default_rng  # type: ignore[attr-defined]  # the module is made anew here

    def seed_tensorflow(tensorflow: ModuleType) -> None:
        tensorflow.random.set_seed(seed)

    def seed_keras(global_state: ModuleType) -> None:
        global_state.set_global_attribute("global_random_seed", seed)

    random.seed(seed)
    after_import("numpy.random", seed_numpy)
    after_import("tensorflow", seed_tensorflow)
    after_import("keras.src.backend.common.global_state", seed_keras)
