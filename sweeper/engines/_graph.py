"""TensorFlow: many steps of a probe inside one traced function, so that Python is paid once for all of them.

The step is the model's own, wrapped as `fit` wraps it. The learning rate is in a variable and the number of samples in
a batch is not known when the loop is traced, so one trace serves every rate, batch size and seed of an optimizer.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweeper.capture import DenseColumn, Indices, Samples, sample_order
from sweeper.engines._base import AbstractEngine, Unsuited
from sweeper.engines._batches import as_tensor, tuples
from sweeper.engines._prepared import CHECKPOINTS, PreparedJob, validation_batch
from sweeper.engines._recorder import CurveRecorder, loss_in
from sweeper.engines._step import FINITE, LOSS, NORM, metric_values
from sweeper.probe import Probe

CHUNK_SECONDS = 0.5
"""A loop returns after about this long: signs of life go out, and curves that are over end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loops:
    """The traced functions of one optimizer."""

    train: Callable[..., tuple[Any, Any, Any, Any]]
    validate: Callable[..., Any]


class GraphEngine(AbstractEngine):
    """Runs the steps of a probe in a loop inside a TensorFlow function; `xla` compiles the step as fit can."""

    def __init__(self, prepared: PreparedJob, *, xla: bool) -> None:
        super().__init__(prepared)
        _check(prepared)
        self._xla = xla
        self._loops: dict[str, _Loops] = {}
        self._step_seconds: dict[int, float] = {}

    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        for probe, recorder in zip(probes, recorders, strict=True):
            self._train_one(self.prepared.begin(probe), recorder, validate=validate)

    def _train_one(self, probe: Probe, recorder: CurveRecorder, *, validate: bool) -> None:
        job = self.prepared.job
        with self.prepared.step.recording():
            loops = self._loops_of(probe.optimizer)
            unit = 1 if job.train.whole_elements else probe.batch_size
            order = sample_order(len(job.train), needed=probe.steps * unit, seed=probe.seed, shuffle=job.shuffle)
            validate = validate and job.val is not None
            gap = math.ceil(probe.steps / CHECKPOINTS) if validate else probe.steps
            done = 0
            while done < probe.steps and not recorder.stopped:
                until = min(done + gap, probe.steps)
                self._steps(loops, order, probe.batch_size, (done, until), recorder)
                done = until
                if validate and not recorder.stopped:
                    recorder.validation(self._validation(loops))

    def _steps(self, loops: _Loops, order: Indices, size: int, span: tuple[int, int], recorder: CurveRecorder) -> None:
        """Runs the steps from one number up to another, or to the one that ends the probe."""
        done, until = span
        while done < until and not recorder.stopped:
            count = min(until - done, self._chunk(size))
            started = time.perf_counter()
            ran, *numbers = self._trained(loops, order, size, (done, done + count))
            ran = int(ran)
            columns = [np.asarray(values)[:ran].tolist() for values in numbers]
            seconds = time.perf_counter() - started
            self._step_seconds[size] = seconds / ran
            recorder.chunk(list(zip(*columns, strict=True)), seconds=seconds)
            done += ran

    def _trained(self, loops: _Loops, order: Indices, size: int, span: tuple[int, int]) -> tuple[Any, ...]:
        """Calls the loop, which traces the step the first time."""
        step = self.prepared.step
        step.bare = True
        try:
            return loops.train(order, size, *span)
        finally:
            step.bare = False

    def _chunk(self, size: int) -> int:
        known = self._step_seconds.get(size)
        return 1 if known is None else max(1, int(CHUNK_SECONDS / known))

    def _validation(self, loops: _Loops) -> float:
        job = self.prepared.job
        assert job.val is not None
        count = len(job.val)
        size = 1 if job.val.whole_elements else validation_batch(job)
        loss = loops.validate(np.arange(count, dtype=np.int64), size, count)
        self.prepared.restart_stray_metrics()
        return float(np.asarray(loss))

    def _loops_of(self, label: str) -> _Loops:
        if label not in self._loops:
            job = self.prepared.job
            fixed = job.batch_size if job.batch_size_fixed else None
            train = _train_loop(job.model.train_step, _Gathering(job.train, fixed=fixed), xla=self._xla)
            val = job.val if job.val is not None else job.train
            validate = _validation_loop(job.model, _Gathering(val, fixed=fixed), xla=self._xla)
            self._loops[label] = _Loops(train=train, validate=validate)
        return self._loops[label]


def _check(prepared: PreparedJob) -> None:
    """Raises `Unsuited` where fit does more than calling the step on each batch."""
    import keras
    import tensorflow as tf

    model = prepared.job.model
    if model.run_eagerly or tf.config.functions_run_eagerly():
        raise Unsuited("the model runs eagerly")
    if getattr(model, "_distribute_strategy", None) is not None:
        raise Unsuited("the model trains under a distribution strategy")
    for name in ("make_train_function", "make_test_function", "_make_function"):
        if getattr(type(model), name, None) is not getattr(keras.Model, name, None):
            raise Unsuited(f"the model has a {name} of its own")
    for samples in (prepared.job.train, prepared.job.val):
        if samples is not None and not all(isinstance(column, DenseColumn) for column in samples.columns):
            raise Unsuited("samples are ragged or strings")


class _Gathering:
    """Takes batches out of samples that stay in memory as tensors."""

    def __init__(self, samples: Samples, *, fixed: int | None) -> None:
        import tensorflow as tf

        self._structure = samples.structure
        self._whole = samples.whole_elements
        self._fixed = fixed
        with tf.device("CPU"):
            self._columns = [as_tensor(column) for column in samples.columns if isinstance(column, DenseColumn)]

    def batch(self, order: Any, size: Any, number: Any) -> Any:
        """The batch with a number, from the samples at `order`; the last one may be smaller."""
        import tensorflow as tf

        if self._whole:
            chosen = order[number]
        else:
            chosen = order[number * size : (number + 1) * size]
            chosen.set_shape([self._fixed])
        return tuples(self._structure, [tf.gather(column, chosen) for column in self._columns])


def _as_in_fit(step: Callable[[Any], Any], *, xla: bool) -> Callable[[Any], Any]:
    """A step as `fit` calls it: without conversion of Python's control flow, and compiled if wanted."""
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def one_step(data: Any) -> Any:
        return step(data)

    return tf.function(one_step, reduce_retracing=True, jit_compile=True) if xla else one_step


def _train_loop(step: Callable[[Any], Any], samples: _Gathering, *, xla: bool) -> Callable[..., Any]:
    """A function from the order of samples to the number of steps that ran and what each of them gave."""
    import tensorflow as tf

    one_step = _as_in_fit(step, xla=xla)
    scalar = tf.TensorSpec([], tf.int64)

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def loop(order: Any, size: Any, first: Any, until: Any) -> Any:
        def goes_on(number: Any, sound: Any, *_: Any) -> Any:
            return tf.logical_and(number < until, sound)

        def run_one(number: Any, sound: Any, *columns: Any) -> Any:
            del sound
            logs = one_step(samples.batch(order, size, number))
            given, at = (logs[LOSS], logs[NORM], logs[FINITE]), tf.cast(number - first, tf.int32)
            written = (column.write(at, value) for column, value in zip(columns, given, strict=True))
            # Weights that are not finite stay so.
            return number + 1, logs[FINITE] > 0, *written

        count = tf.cast(until - first, tf.int32)
        columns = [tf.TensorArray(tf.float32, size=count, element_shape=[]) for _ in range(3)]
        number, _, *columns = tf.while_loop(goes_on, run_one, (first, True, *columns))
        return number - first, *(column.stack() for column in columns)

    return tf.function(loop, input_signature=(tf.TensorSpec([None], tf.int64), scalar, scalar, scalar))


def _validation_loop(model: Any, samples: _Gathering, *, xla: bool) -> Callable[..., Any]:
    """A function from the order of samples to the loss that `evaluate` gives for them."""
    import tensorflow as tf

    one_step = _as_in_fit(model.test_step, xla=xla)
    scalar = tf.TensorSpec([], tf.int64)

    def start_metrics() -> None:
        for variable, value in metric_values():
            variable.assign(value)

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def loop(order: Any, size: Any, count: Any) -> Any:
        batches = -(-count // size)
        start_metrics()
        # The first one tells what the step returns.
        logs = one_step(samples.batch(order, size, tf.constant(0, tf.int64)))
        _, logs = tf.while_loop(
            lambda number, _: number < batches,
            lambda number, _: (number + 1, one_step(samples.batch(order, size, number))),
            (tf.constant(1, tf.int64), logs),
        )
        loss = loss_in(model._get_metrics_result_or_logs(logs))  # noqa: SLF001  what evaluate returns
        loss = tf.reduce_mean(tf.cast(loss, tf.float32))
        with tf.control_dependencies([loss]):
            start_metrics()
            return tf.identity(loss)

    return tf.function(loop, input_signature=(tf.TensorSpec([None], tf.int64), scalar, scalar))
