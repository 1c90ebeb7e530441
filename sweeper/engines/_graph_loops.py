"""Loops over the steps of a training and over the batches of its validation, inside one TensorFlow function.

The number of samples in a batch is not known when a loop is traced, so one trace serves every batch size.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture import NO_SAMPLE, DenseColumn, Samples
from sweeper.engines._batches import as_tensor, tuples
from sweeper.engines._loss_source import loss_in
from sweeper.engines._step import FINITE, LOSS, NORM, is_plain, loss_alone, metric_values
from sweeper.engines._warm_up import spans

Validate: TypeAlias = Callable[[], Any]
"""To the loss that `evaluate` gives."""
Train: TypeAlias = Callable[..., tuple[Any, Any, Any]]
"""From the indices of each step's samples, the values to set before each step, the steps at which parts of the
training end and whether to validate after each part to how many steps ran, loss, norm and finiteness of each, and the
validation losses."""


class Gathering:
    """Takes batches out of samples that stay in memory as tensors."""

    def __init__(self, samples: Samples, *, fixed: int | None, smaller: bool = False) -> None:
        import tensorflow as tf

        self.whole = samples.whole_elements
        self.fixed = fixed
        """Samples in every batch, where the model is made for one size."""
        self._smaller = smaller
        """Whether some batches are smaller than others."""
        self._structure = samples.structure
        with tf.device("CPU"):
            self._columns = [as_tensor(column) for column in samples.columns if isinstance(column, DenseColumn)]

    def at(self, chosen: Any) -> Any:
        """The batch of the samples at these indices (of the element at this one, where whole elements are kept)."""
        import tensorflow as tf

        if self._smaller:
            chosen = chosen[: tf.math.count_nonzero(chosen != NO_SAMPLE)]
        return tuples(self._structure, [tf.gather(column, chosen) for column in self._columns])


def train_loop(
    step: Callable[[Any], Any], samples: Gathering, validate: Validate, *, rising: Sequence[Any], xla: bool
) -> Train:
    """A function that trains; `rising` are the variables that it sets before each step.

    It returns after the first step that leaves weights that are not finite: they stay so.
    """
    import tensorflow as tf

    one_step = _as_in_fit(step, xla=xla)
    columns = spans(rising)
    places = list(zip(rising, columns, strict=True))

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def loop(rows: Any, rates: Any, ends: Any, validates: Any) -> Any:
        def run_one(number: Any, sound: Any, seen: Any) -> Any:
            del sound
            for variable, (first, end) in places:
                value = tf.reshape(rates[number, first:end], variable.shape)
                variable.assign(tf.cast(value, variable.dtype))
            logs = one_step(samples.at(rows[number]))
            seen = seen.write(number, tf.stack([logs[LOSS], logs[NORM], logs[FINITE]]))
            return number + 1, logs[FINITE] > 0, seen

        def run_part(part: Any, number: Any, sound: Any, seen: Any, validations: Any) -> Any:
            end = ends[part]
            number, sound, seen = tf.while_loop(
                lambda number, sound, _: tf.logical_and(number < end, sound), run_one, (number, sound, seen)
            )
            loss = tf.cond(tf.logical_and(sound, validates), validate, lambda: tf.constant(np.nan))
            return part + 1, number, sound, seen, validations.write(part, loss)

        parts = tf.size(ends)
        seen = tf.TensorArray(tf.float32, tf.shape(rows)[0], element_shape=[3])
        validations = tf.TensorArray(tf.float32, parts, element_shape=[])
        _, number, _, seen, validations = tf.while_loop(
            lambda part, _, sound, *__: tf.logical_and(part < parts, sound), run_part, (0, 0, True, seen, validations)
        )
        return number, seen.stack(), validations.stack()

    row = [] if samples.whole else [samples.fixed]
    each_step = (
        tf.TensorSpec([None, *row], tf.int64),
        tf.TensorSpec([None, columns[-1][1] if columns else 0], tf.float32),
    )
    parts = (tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.bool))
    return tf.function(loop, input_signature=(*each_step, *parts))


def validation_loop(
    model: Any, samples: Gathering, *, count: int, size: int, xla: bool, carried: Sequence[Any], keys: Sequence[str]
) -> Validate:
    """A function to the loss of so many samples (or whole elements) in batches of a size.

    `carried` are variables that shall be after it what they were before; `keys` are the entries of logs that are the
    loss.
    """
    import tensorflow as tf

    plain = is_plain(model, "test_step")
    one_step = _as_in_fit(_weighted_test_step(model) if plain else model.test_step, xla=xla)
    batches = -(-count // size)

    def start_metrics() -> None:
        for variable, value in () if plain else metric_values():
            variable.assign(value)

    def step(number: Any) -> Any:
        if samples.whole:
            return one_step(samples.at(number))
        chosen = tf.range(number * size, tf.minimum((number + 1) * size, count))
        chosen.set_shape([samples.fixed])
        return one_step(samples.at(chosen))

    def next_step(number: Any, logs: Any) -> tuple[Any, Any]:
        new = step(number)
        return number + 1, tf.nest.map_structure(tf.add, logs, new) if plain else new

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def loop() -> Any:
        before = [tf.identity(tf.convert_to_tensor(variable)) for variable in carried]
        loss = measured()
        with tf.control_dependencies([loss]):
            for variable, value in zip(carried, before, strict=True):
                variable.assign(value)
            return tf.identity(loss)

    def measured() -> Any:
        start_metrics()
        # The first one tells what the step returns.
        logs = step(tf.constant(0, tf.int64))
        _, logs = tf.while_loop(lambda number, _: number < batches, next_step, (tf.constant(1, tf.int64), logs))
        if plain:
            total, weight = logs
            return total / weight
        loss = loss_in(model._get_metrics_result_or_logs(logs), keys)  # noqa: SLF001  what evaluate returns
        loss = tf.reduce_mean(tf.cast(loss, tf.float32))
        with tf.control_dependencies([loss]):
            start_metrics()
            return tf.identity(loss)

    return tf.function(loop, input_signature=())


def _weighted_test_step(model: Any) -> Callable[[Any], tuple[Any, Any]]:
    """Keras's own test step without metrics: the loss of a batch times its samples, and their number."""
    import tensorflow as tf

    def step(data: Any) -> tuple[Any, Any]:
        with loss_alone(model) as kept:
            model.test_step(data)
        weight = tf.cast(kept.weight, tf.float32)
        return tf.cast(kept.loss, tf.float32) * weight, weight

    return step


def _as_in_fit(step: Callable[[Any], Any], *, xla: bool) -> Callable[[Any], Any]:
    """A step as `fit` calls it: without conversion of Python's control flow, and compiled if wanted."""
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def one_step(data: Any) -> Any:
        return step(data)

    return tf.function(one_step, reduce_retracing=True, jit_compile=True) if xla else one_step
