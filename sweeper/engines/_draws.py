"""Watches TensorFlow's own random operations, whose generators each probe must restart."""

from typing import Any

TRACE_SEED = 20_260_101
"""Seed of random operations where the script sets none: they take it when traced, so it is that of no single probe."""


class RandomOperations:
    """Notices whether anything that is traced draws from TensorFlow's own generators.

    Starting them again makes TensorFlow forget every function that it has made ready: as much time as hundreds of
    steps of a small model. Keras's layers draw from generators of their own and do not need it.
    """

    def __init__(self) -> None:
        self._seen = False
        self._seed = TRACE_SEED

    def watch(self) -> None:
        """Notices draws from now on, for the rest of the process."""
        import tensorflow as tf
        from tensorflow.python.eager import context
        from tensorflow.python.framework import random_seed

        own = context.global_seed()
        self._seed = TRACE_SEED if own is None else own
        tf.random.set_seed(self._seed)

        original = random_seed.get_seed

        def get_seed(op_seed: Any) -> Any:
            self._seen = True
            return original(op_seed)

        random_seed.get_seed = get_seed

    def start_again(self) -> None:
        """Restarts the generators, if any draw was seen."""
        if self._seen:
            import tensorflow as tf

            tf.random.set_seed(self._seed)
