"""TensorFlow: many steps of a probe inside one traced function, so that Python is paid once for all of them.

The step is the model's own, wrapped as `fit` wraps it. The learning rate is in a variable and the number of samples in
a batch is not known when the loop is traced, so one trace serves every rate, batch size and seed of an optimizer.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from sweeper.capture import Indices, Job, runs_eagerly
from sweeper.engines._base import AbstractEngine, Unsuited
from sweeper.engines._fit_runs import validation_batch
from sweeper.engines._fit_training import FitTraining, check_plain_fit
from sweeper.engines._graph_loops import Gathering, Train, Validate, train_loop, validation_loop
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._warm_up import Rates, WarmUp
from sweeper.probes import Probe

CHUNK_SECONDS = 0.5
"""A loop returns after about this long: signs of life go out, and curves that are over end there."""


class GraphEngine(AbstractEngine):
    """Runs the steps of a probe in a loop inside a TensorFlow function; `xla` compiles the step as fit can."""

    def __init__(self, fit: FitTraining, *, xla: bool) -> None:
        super().__init__(fit)
        _check(fit.job)
        self._fit = fit
        self._xla = xla
        self._loops: dict[str, Train] = {}
        self._step_seconds: dict[int, float] = {}
        self._validate: Validate | None = None
        self._validation_seconds = 0.0

    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        # It also shows whether the job can be validated at all, before the loop around it is traced.
        self.measure_start()
        for probe, recorder in zip(probes, recorders, strict=True):
            self._train_one(self._fit.begin(probe), recorder, validate=validate)

    def _train_one(self, probe: Probe, recorder: CurveRecorder, *, validate: bool) -> None:
        rows, gap = self._fit.runs.rows(probe), self._fit.runs.gap(probe.steps, validate=validate)
        rising = self._fit.warm_up(probe)
        with self._fit.step.recording():
            if probe.optimizer not in self._loops:
                # The first call makes the loop ready, which takes much longer than the step.
                self._call(self._traced(probe.optimizer, rising), rows[:1], rising.rates[:1], (1,), validates=False)
                self._fit.begin(probe)
            while recorder.taken < probe.steps and not recorder.stopped:
                self._next_steps(probe, rows, rising.rates, recorder, gap=gap)

    def _next_steps(
        self, probe: Probe, rows: Indices, rates: Rates, recorder: CurveRecorder, *, gap: int | None
    ) -> None:
        """Runs steps for about as long as a call may take, up to checkpoints where it can."""
        first, size = recorder.taken, probe.batch_size
        until = min(first + self._chunk(size), probe.steps)
        ends = (until,) if gap is None else _checkpoints(first, until, gap=gap, steps=probe.steps)
        validates = gap is not None and bool(ends)
        ends = ends or (until,)
        started = time.perf_counter()
        loop, parts = self._loops[probe.optimizer], [end - first for end in ends]
        steps, validations = self._call(loop, rows[first:until], rates[first:until], parts, validates=validates)
        seconds = time.perf_counter() - started
        if validates:
            seconds = max(seconds - len(ends) * self._validation_seconds, seconds / 2)
        self._step_seconds[size] = seconds / len(steps)
        for end, validation in zip(parts, validations, strict=True):
            part = steps[recorder.taken - first : end]
            recorder.chunk(part, seconds=seconds * len(part) / len(steps))
            if recorder.stopped:
                return
            if validates:
                recorder.validation(validation)

    def _call(
        self, loop: Train, rows: Indices, rates: Rates, ends: Sequence[int], *, validates: bool
    ) -> tuple[list[list[float]], list[float]]:
        """Calls a loop, which traces the step the first time: the numbers of the steps that ran, and validations."""
        step = self._fit.step
        step.bare = True
        try:
            ran, steps, validations = loop(rows, rates.astype(np.float32), np.asarray(ends, np.int32), validates)
            return np.asarray(steps)[: int(ran)].tolist(), np.asarray(validations).tolist()
        finally:
            step.bare = False

    def _chunk(self, size: int) -> int:
        """Steps that take about as long as a call may."""
        known = self._step_seconds.get(size)
        if known is None:
            # XLA compiles the step for each batch size.
            others = {} if self._xla else self._step_seconds
            known = min((seconds * max(1.0, size / other) for other, seconds in others.items()), default=CHUNK_SECONDS)
        return max(1, int(CHUNK_SECONDS / known))

    def _traced(self, label: str, rising: WarmUp) -> Train:
        """The loop of an optimizer, new; the validation is one for all of them."""
        job = self._fit.job
        validate = self._validating() if job.val is not None else _nothing
        smaller = not job.train.whole_elements and job.order.has_smaller_batches
        samples = Gathering(job.train, fixed=None if smaller else self._fixed_size(), smaller=smaller)
        loop = train_loop(job.model.train_step, samples, validate, rising=rising.variables, xla=self._xla)
        self._loops[label] = loop
        return loop

    def _validating(self) -> Validate:
        job = self._fit.job
        assert job.val is not None
        if self._validate is None:
            count, size = len(job.val), 1 if job.val.whole_elements else validation_batch(job)
            samples = Gathering(job.val, fixed=self._fixed_size())
            self._validate = validation_loop(
                job.model,
                samples,
                count=count,
                size=size,
                xla=self._xla,
                carried=self._fit.runs.carried,
                keys=job.loss_keys,
            )
        return self._validate

    def _validation(self, seed: int) -> float:
        with self._fit.step.recording():
            if self._validate is None:
                # The first call makes it ready, and may draw random numbers.
                self._validating()()
            validate = self._validating()
            self._fit.start_from(seed)
            started = time.perf_counter()
            loss = float(validate())
        self._validation_seconds = time.perf_counter() - started
        return loss

    def _fixed_size(self) -> int | None:
        job = self._fit.job
        return job.batch_size if job.batch_size_fixed else None


def _nothing() -> Any:
    """A placeholder for the validation of a job without one."""
    import tensorflow as tf

    return tf.constant(math.nan)


def _checkpoints(first: int, until: int, *, gap: int, steps: int) -> tuple[int, ...]:
    """The steps after `first` and up to `until` at which a validation is due."""
    due = range(first // gap * gap + gap, until + 1, gap)
    return (*due, steps) if until == steps and steps % gap else tuple(due)


def _check(job: Job) -> None:
    """Raises `Unsuited` where fit does more than calling the step on each batch."""
    model = job.model
    if runs_eagerly(model):
        raise Unsuited("the model runs eagerly")
    if getattr(model, "_distribute_strategy", None) is not None:
        raise Unsuited("the model trains under a distribution strategy")
    check_plain_fit(job)
