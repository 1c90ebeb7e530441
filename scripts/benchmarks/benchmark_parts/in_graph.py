"""The limit: a loop over steps written by hand for this one purpose, inside one TensorFlow function.

Samples lie in tensors, a batch is a gather, the learning rate is a variable, and nothing but the loss of each step
comes out. One function serves every rate, and without XLA every batch size too.
"""

import time
from collections.abc import Callable
from typing import Any

from benchmark_parts.grid import Grid
from benchmark_parts.tasks import Clock, Job, make_optimizer, start

TRIED_STEPS = 5
TOO_SLOW = 3.0
"""Times the seconds of a step without XLA, above which XLA is given up: on CPUs it slows convolutions in loops down."""


def graph(grid: Grid, clock: Clock) -> None:
    """The loop without XLA."""
    job = start(grid, clock, arrays=False)
    for name in grid.optimizers:
        looped = Looped(job, name, xla=False)
        for size in grid.batch_sizes:
            _train(looped, grid, clock, cell=(name, size), order=job.order(size))


def graph_xla(grid: Grid, clock: Clock) -> None:
    """The loop compiled by XLA, for one batch size after the other; given up at once where it is much slower."""
    job = start(grid, clock, arrays=False)
    few = job.order(grid.batch_sizes[0])[:TRIED_STEPS]
    plain, compiled = (_seconds(Looped(job, grid.optimizers[0], xla=xla), few) for xla in (False, True))
    if compiled > TOO_SLOW * plain:
        clock.extra["given_up"] = f"{compiled / plain:.0f} times slower than without XLA"
        return
    for name in grid.optimizers:
        looped = Looped(job, name, xla=True)
        for size in grid.batch_sizes:
            _train(looped, grid, clock, cell=(name, size), order=job.order(size))


class Looped:
    """A model with its loop."""

    def __init__(self, job: Job, optimizer: str, *, xla: bool) -> None:
        self._model = job.build()
        self._optimizer = make_optimizer(optimizer, 1e-3)
        self._optimizer.build(self._model.trainable_variables)
        self._variables = [*self._model.variables, *self._optimizer.variables]
        self._first = [variable.numpy() for variable in self._variables]
        self._loop = _loop(self._model, self._optimizer, job, xla=xla)

    def train(self, order: Any, rate: float) -> Any:
        """The loss of each step, from the first weights."""
        for variable, value in zip(self._variables, self._first, strict=True):
            variable.assign(value)
        self._optimizer.learning_rate.assign(rate)
        return self._loop(order).numpy()


def _loop(model: Any, optimizer: Any, job: Job, *, xla: bool) -> Callable[[Any], Any]:
    import keras
    import tensorflow as tf

    x, y = (tf.constant(column) for column in job.data)
    loss_of = keras.losses.get(job.loss)
    weights = model.trainable_variables

    def step(number: Any, order: Any, losses: Any) -> tuple[Any, Any, Any]:
        chosen = order[number]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_of(tf.gather(y, chosen), model(tf.gather(x, chosen), training=True)))
        optimizer.apply(tape.gradient(loss, weights), weights)
        return number + 1, order, losses.write(number, loss)

    def loop(order: Any) -> Any:
        steps = order.shape[0] if xla else tf.shape(order)[0]
        state = (tf.constant(0), order, tf.TensorArray(tf.float32, size=steps))
        _, _, losses = tf.while_loop(lambda number, *_: number < steps, step, state)
        return losses.stack()

    if xla:
        return tf.function(loop, jit_compile=True, autograph=False)
    return tf.function(loop, input_signature=[tf.TensorSpec([None, None], tf.int32)], autograph=False)


def _seconds(looped: Looped, order: Any) -> float:
    looped.train(order, 1e-3)
    began = time.perf_counter()
    looped.train(order, 1e-3)
    return time.perf_counter() - began


def _train(looped: Looped, grid: Grid, clock: Clock, *, cell: tuple[str, int], order: Any) -> None:
    for rate in grid.rates:
        began = time.perf_counter()
        looped.train(order, rate)
        clock.trained(*cell, rate, seconds=time.perf_counter() - began, steps=grid.steps)
