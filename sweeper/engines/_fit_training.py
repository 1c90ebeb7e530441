"""The script's `model.fit` call as what trains: a captured job made ready for probes.

Every engine starts its probes from here: the kept state, the optimizers of the axis, the rates, the order of samples.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sweeper.capture import (
    DenseColumn,
    Indices,
    Interception,
    Job,
    ScriptCallbacks,
    build,
    calls_python,
    is_stateful,
    read,
    runs_eagerly,
    variable_name,
)
from sweeper.curve import Curve
from sweeper.engines._axis import AxisOptimizers
from sweeper.engines._base import Unsuited
from sweeper.engines._fit_runs import FitRuns
from sweeper.engines._loss_source import NoLoss
from sweeper.engines._own_rates import ZeroRateCheck, moving_finding
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._start import Start, keep_global_seeds
from sweeper.engines._step import RecordedStep
from sweeper.engines._training import AbstractTraining
from sweeper.engines._warm_up import WarmUp, warm_up_callback
from sweeper.engines._zero_rate import null_probe, run_at_zero_rate
from sweeper.probes import Probe
from sweeper.space import OptimizerChoice

SAME_FRESH = 1e-3
"""Relative difference of losses up to which two runs of the first steps are the same."""
MOST_NAMES = 3
"""Variables that a sentence names."""


class FitTraining(AbstractTraining):
    """A job in the state that every probe starts from, trained by Keras's own `fit`."""

    def __init__(self, job: Job, *, interception: Interception) -> None:
        self.job = self.captured = job
        self.first_vals = {}
        self.step = RecordedStep(job.model, interception)
        self.runs = FitRuns(job, self.step)
        self._start = Start(job)
        self._make_ready()

    def _make_ready(self) -> None:
        """Brings the job into the state that every probe starts from, and learns which optimizers it uses."""
        job, model = self.job, self.job.model
        if getattr(model, "steps_per_execution", 1) not in {1, None}:
            detail = f"{model.steps_per_execution} was set to 1, to see the loss of every step"
            job.changed("steps_per_execution", detail)
            model.steps_per_execution = 1
        build(model, job.train, job.batch_size)
        keep_global_seeds()
        callbacks = ScriptCallbacks(job)
        with self.step.inside_fit():
            callbacks.begin()
        model.train_function = model.test_function = model.predict_function = None
        self._start.keep()
        zero = run_at_zero_rate(job, self.step, self.runs)
        self.trace_seconds, self.first_step_seconds = zero.trace_seconds, zero.step_seconds
        self.runs.settle_metrics()
        self._start.keep_new()
        self.runs.settle_carried(self._start.seeds)
        self._axis = AxisOptimizers(job, self.step)
        if _breaks_weights(zero.curve) and not job.only:
            self._axis.use_sgd_for_null_probes()
        elif zero.moved:
            self._explain_moving(zero.moved)
        elif job.foreseen is None:
            self._note_what_stays(zero.curve)
        with self.step.inside_fit():
            callbacks.look_ahead()
        if job.foreseen is None:
            self._note_moving_validations()

    def _note_what_stays(self, fresh: Curve) -> None:
        """Says where steps go on from what earlier ones left in Python; `fresh` has the first of all, at rate 0."""
        job, source = self.job, self.step.source
        in_python = runs_eagerly(job.model) or calls_python()
        if not in_python or self._start.draws_from_tensorflow or (source is not None and source.from_logs):
            return
        null = self.begin(null_probe(job, steps=fresh.steps))
        recorder = CurveRecorder(steps=null.steps, progress=lambda _: None)
        self.runs.fit(null, recorder)
        self._axis.keep_function(null.optimizer)
        again = recorder.curve(has_norm=False)
        apart = [
            (number, *pair)
            for number, pair in enumerate(zip(fresh.train_loss, again.train_loss, strict=False), 1)
            if not np.allclose(*pair, rtol=SAME_FRESH, equal_nan=True)
        ]
        if apart:
            step, one, other = apart[0]
            job.changed(
                "repeatability",
                f"step {step} at rate 0 gave a loss of {one:.6g} when fit was reached, and of {other:.6g} when all was "
                "set back to that: the training keeps something in Python that is not set back between probes (an "
                "iterator, a queue, an attribute of a class, say), so each probe goes on from what others left there",
            )

    def _note_moving_validations(self) -> None:
        """Says which variables the script's validations change for the epochs after them; those of a probe do not."""
        job = self.job
        if not (job.course.validates_between and job.val is not None and self.runs.carried) or is_stateful(job.model):
            return
        self.start_from(0)
        before = [read(variable) for variable in self.runs.carried]
        try:
            self.runs.evaluate(steps=1)
        except Exception:  # noqa: BLE001  a script's own test_step may raise anything, and is then said not to
            moved = []
        else:
            pairs = zip(self.runs.carried, before, strict=True)
            moved = [variable for variable, value in pairs if not np.array_equal(read(variable), value)]
        self.start_from(0)
        if moved:
            names = ", ".join(variable_name(variable, job.model) for variable in moved[:MOST_NAMES])
            more = f" and {len(moved) - MOST_NAMES} more" if len(moved) > MOST_NAMES else ""
            job.changed(
                "validation",
                f"each validation of the script changes {names}{more} for the epochs after it; those of a probe leave "
                "them as they were, so losses may differ from the first validation on",
            )

    def _explain_moving(self, moved: tuple[str, ...]) -> None:
        """Finds what moved weights at rate 0: the optimizer, which SGD replaces in null probes, or something else."""
        job = self.job
        if not job.only:
            self._axis.use_sgd_for_null_probes()
            again = ZeroRateCheck(job)
            null = self.begin(null_probe(job, steps=2))
            self.runs.fit(null, CurveRecorder(steps=2, progress=lambda _: None), (again.callback(),))
            self._axis.keep_function(null.optimizer)
            moved = again.moved()
        if moved:
            job.findings.append(moving_finding(moved, len(job.model.trainable_variables)))

    @property
    def has_norm(self) -> bool:
        return self.step.has_norm

    @property
    def validates(self) -> bool:
        return self.job.val is not None

    def add_choices(self, choices: Sequence[OptimizerChoice]) -> None:
        self._axis.add(choices)

    def weights_seed(self, seed: int) -> int:
        return self._start.weights_seed(seed)

    def start_from(self, seed: int) -> None:
        self._start.set_back(seed)

    def begin(self, probe: Probe) -> Probe:
        probe = self._axis.resolved(probe)
        self._axis.select(probe.optimizer)
        self.start_from(probe.seed)
        self._axis.set_rate(probe)
        return probe

    def train(self, probe: Probe, recorder: CurveRecorder, *, validate: bool, callbacks: Sequence[Any] = ()) -> None:
        rising = self.warm_up(probe)
        rises = (warm_up_callback(rising),) if rising.variables else ()
        self.runs.fit(probe, recorder, (*rises, *callbacks), validate=validate)
        self._axis.keep_function(probe.optimizer)

    def evaluate(self) -> float:
        return self.runs.evaluate()

    def can_evaluate(self, error: Exception) -> bool:
        job = self.job
        try:
            self.start_from(0)
            self.evaluate()
        except Exception:  # noqa: BLE001  a script's own test_step may raise anything; training can still be probed
            reason = (str(error).strip().splitlines() or [""])[0][:200]
            seen = (
                "in what test_step returns"
                if isinstance(error, NoLoss)
                else f"evaluating raised {type(error).__name__}"
            )
            job.val_source = f"none: {seen}: {reason}"
            job.val = None
            return False
        return True

    def steps_in(self, seconds: float, *, least: int, most: int) -> int:
        """The number of steps at the script's own batch size that take `seconds`, between `least` and `most`."""
        step = self.first_step_seconds
        return int(np.clip(seconds / step, least, most)) if step else most

    def hold_rate(self, probe: Probe) -> None:
        """Sets the rate of the script's own optimizers back to that of the probe that trains now."""
        self._axis.hold_rate(probe.learning_rate)

    def change_rate(self, probe: Probe) -> None:
        """Sets the rate of a probe; the job is at the start of another one that differs in its rate only."""
        self._axis.set_rate(self._axis.resolved(probe))

    def warm_up(self, probe: Probe) -> WarmUp:
        """What is set before the steps of a probe, as it came from `begin`: a rate that rises, what callbacks drive."""
        job = self.job
        own = job.course.assumed_steps
        each = own if probe.batch_size == job.batch_size else math.ceil(own * job.batch_size / probe.batch_size)
        values = [scheduled.values(probe.steps, own=own, each=each) for scheduled in job.scheduled]
        return self._axis.warm_up(probe).beside([scheduled.variable for scheduled in job.scheduled], values)

    def null_losses(self, rows: Indices, *, seed: int = 0) -> list[float]:
        """The losses of batches, one after another at rate 0; another seed varies only what is drawn in the steps."""
        probe = self.begin(null_probe(self.job, steps=len(rows)))
        self._start.vary_draws(seed)
        recorder = CurveRecorder(steps=probe.steps, progress=lambda _: None)
        self.runs.fit(probe, recorder, rows=rows)
        self._axis.keep_function(probe.optimizer)
        return list(recorder.curve(has_norm=False).train_loss)


def _breaks_weights(null: Curve) -> bool:
    """Whether an optimizer makes weights that are not finite at rate zero, as Ftrl does."""
    return null.first_nonfinite_weight is not None and null.first_nonfinite_loss != 1


def check_plain_fit(job: Job) -> None:
    """Raises `Unsuited` where fit does more than calling the model's step on each batch of dense samples."""
    import keras

    for name in ("make_train_function", "make_test_function", "_make_function"):
        if getattr(type(job.model), name, None) is not getattr(keras.Model, name, None):
            raise Unsuited(f"the model has a {name} of its own")
    for samples in (job.train, job.val):
        if samples is not None and not all(isinstance(column, DenseColumn) for column in samples.columns):
            raise Unsuited("samples are ragged or strings")
