"""The start of a training: everything that it changes, kept and set back, and every source of randomness."""

import random
from functools import cached_property
from typing import Any

import numpy as np

from sweeper.capture import Job, OtherWeights, PythonState, is_seed_state, random_states, runs_eagerly, write

TRACE_SEED = 20_260_101
"""Seed of random operations where the script sets none: they take it when traced, so it is that of no single probe."""


class Start:
    """The state that every probe of a job starts from."""

    def __init__(self, job: Job) -> None:
        import keras

        self._job = job
        self._python = PythonState()
        self._draws = _RandomOperations()
        self.seeds: list[Any] = []
        """The states of Keras's seed generators."""
        job.random.restore()
        if keras.backend.backend() == "tensorflow":
            self._draws.watch()

    @property
    def draws_from_tensorflow(self) -> bool:
        """Whether anything draws from TensorFlow's own generators, whose numbers depend on what was traced before."""
        return self._draws.seen

    def keep(self) -> None:
        """Keeps the present state of the script's variables and objects."""
        self._job.state.keep_new()
        self._python.keep(eager=runs_eagerly(self._job.model))

    def keep_new(self) -> None:
        """Keeps the variables that have been made since, and learns which of all are states of seed generators."""
        self._job.state.keep_new()
        self.seeds = [variable for variable in self._job.state.variables if is_seed_state(variable)]

    @cached_property
    def _other_weights(self) -> OtherWeights:
        return OtherWeights(self._job.model.weights, self._job.fresh_weights(), self._job.copied_weights())

    def weights_seed(self, seed: int) -> int:
        """The seed whose initial weights a probe of this seed has: 0 where all have the script's own."""
        return seed if seed and self._job.fresh_weights() else 0

    def set_back(self, seed: int) -> None:
        """Sets everything that a training changes back, and every source of randomness to what the seed says."""
        import keras

        self._job.state.restore()
        self._python.restore()
        if self.weights_seed(seed):
            self._other_weights.write(seed)
        self.vary_draws(seed)
        backend = keras.backend.backend()
        if seed == 0:
            self._job.random.restore()
        else:
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002  scripts draw from the global generator
            if backend == "torch":
                import torch

                torch.manual_seed(seed)
        if backend == "tensorflow":
            self._draws.start_again()

    def vary_draws(self, seed: int) -> None:
        """Makes layers draw other random numbers than with seed 0, which is the script's own."""
        for number, variable in enumerate(self.seeds):
            write(variable, varied_seed(self._job.state.value(variable), seed=seed, number=number))


class _RandomOperations:
    """Notices whether anything that is traced draws from TensorFlow's own generators.

    Starting them again makes TensorFlow forget every function that it has made ready: as much time as hundreds of
    steps of a small model. Keras's layers draw from generators of their own and do not need it.
    """

    def __init__(self) -> None:
        self.seen = False
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
            self.seen = True
            return original(op_seed)

        random_seed.get_seed = get_seed

    def start_again(self) -> None:
        """Restarts the generators, if any draw was seen."""
        if self.seen:
            import tensorflow as tf

            tf.random.set_seed(self._seed)


def keep_global_seeds() -> None:
    """Makes the global seed generator one that the state keeps, whichever trace uses it first."""
    from keras.src.random.seed_generator import global_seed_generator

    drawn_so_far = random_states()
    global_seed_generator()
    drawn_so_far.restore()


def varied_seed(kept: Any, *, seed: int, number: int) -> Any:
    """The state of a seed generator for a probe's seed; seed 0 keeps the script's own."""
    if seed == 0:
        return kept
    drawn = np.random.Generator(np.random.PCG64([seed, number])).integers(0, 2**31, size=kept.shape)
    return drawn.astype(kept.dtype)
