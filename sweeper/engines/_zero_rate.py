"""The first steps of a job, at learning rate 0: what fit refuses, which optimizers train, where the loss is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture import CapturedTraining, Job, OptimizerWatch, is_built, runs_eagerly, write
from sweeper.curve import Curve
from sweeper.engines._fit_callbacks import each_step_callback
from sweeper.engines._fit_runs import FitRuns
from sweeper.engines._loss_source import LossSource, SeenStep, choose_source
from sweeper.engines._own_rates import ZeroRateCheck
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._step import RecordedStep, metric_values, seen_step
from sweeper.probes import NULL_RATE, Probe
from sweeper.space import SCRIPT

STEPS = 2
"""Steps at rate 0."""
EAGER_STEPS = 5
"""Steps at rate 0 where they run in Python, and what they keep there shall show."""
GATHERED_STEPS = 64
"""Most steps to the first update where a train step runs eagerly: it may gather gradients over many steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroRateRun:
    """What the steps at rate 0 showed besides what is now in the job."""

    trace_seconds: float
    """What fit takes for an optimizer's first steps: nearly all of it traces and compiles."""
    step_seconds: float
    """Time of a step of fit, by a single one."""
    curve: Curve
    moved: tuple[str, ...]
    """Names of the weights that moved all the same."""


def null_probe(job: CapturedTraining, *, steps: int) -> Probe:
    """A probe at rate 0 with the script's own optimizer and batch size."""
    return Probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=job.batch_size, seed=0, steps=steps)


def run_at_zero_rate(job: Job, step: RecordedStep, runs: FitRuns) -> ZeroRateRun:
    """Runs the first steps; the job then knows its optimizers, and the step where its loss comes from.

    Where Python decides in which steps an optimizer applies gradients, it runs on until one does.
    """
    model = job.model
    check = ZeroRateCheck(job)
    watch = OptimizerWatch(job, on_first=check.begin)
    if model.optimizer is not None:
        # Without all weights, the slots are made when it is seen to apply gradients, as Keras does it.
        watch.prepare(model.optimizer, model.trainable_variables if is_built(model) else ())
    step.on_apply = watch.record
    probe = null_probe(job, steps=EAGER_STEPS if runs_eagerly(model) else STEPS)
    recorder = CurveRecorder(steps=probe.steps, progress=lambda _: None)
    step.source = _known_source(job)
    for variable, value in metric_values():
        write(variable, value)
    seen: list[SeenStep] = []
    started = time.perf_counter()
    sees = each_step_callback(lambda _, logs: seen.append(seen_step(logs)))
    runs.fit(probe, recorder, (check.callback(), sees))
    trace_seconds = time.perf_counter() - started
    each = 1
    if not watch.found and runs_eagerly(model):
        each = _gather(watch, check, step, runs, probe)
    step.on_apply = None
    check.end()
    watch.store()
    check.check_rates()
    if not step.has_norm and not job.only and _keeps_its_trace(step, runs, replace(probe, steps=each), model):
        job.only = (
            "the script's train_step applies gradients in a tf.function of its own, which keeps the optimizer that "
            "it was first traced with"
        )
    _settle_loss(job, step, seen)
    return ZeroRateRun(
        trace_seconds=trace_seconds,
        step_seconds=recorder.last_step_seconds,
        curve=recorder.curve(has_norm=False),
        moved=check.moved(),
    )


def _gather(watch: OptimizerWatch, check: ZeroRateCheck, step: RecordedStep, runs: FitRuns, probe: Probe) -> int:
    """Runs on to the second update of a train step that counts its steps in Python; returns the steps of each."""
    step.gathers = True
    taken = probe.steps

    def count(model: Any, _: Any) -> None:
        nonlocal taken
        taken += 1
        model.stop_training = watch.found

    probe = replace(probe, steps=GATHERED_STEPS)
    runs.fit(probe, CurveRecorder(steps=probe.steps, progress=lambda _: None), (each_step_callback(count),))
    if watch.found:
        probe = replace(probe, steps=taken)
        runs.fit(probe, CurveRecorder(steps=taken, progress=lambda _: None), (check.callback(),))
    return taken


def _known_source(job: CapturedTraining) -> LossSource | None:
    """The source of the steps' losses, where another worker has found it."""
    return LossSource(from_logs=job.loss_from == "logs", keys=tuple(job.loss_keys)) if job.loss_from else None


def _settle_loss(job: Job, step: RecordedStep, seen: Sequence[SeenStep]) -> None:
    """Decides where the losses of steps come from; the job says so where they are not the logs' `loss`."""
    if step.is_keras or step.source is not None or not seen:
        return
    choice = choose_source(seen, step.places, replicas=step.replicas)
    step.source = choice.source
    job.loss_from, job.loss_keys = ("logs" if choice.source.from_logs else "gradient"), [*choice.source.keys]
    if choice.said:
        job.changed("loss", choice.said)
    if choice.finding is not None:
        job.findings.append(choice.finding)
    if choice.source.from_logs and seen[0].parts:
        # What was traced takes the loss from the gradient.
        step.renew()
        job.model.train_function = None


def _keeps_its_trace(step: RecordedStep, runs: FitRuns, probe: Probe, model: Any) -> bool:
    """Whether gradients are applied by code that a new trace of the train step does not trace again."""
    seen: list[Any] = []
    step.on_apply = lambda optimizer, _: seen.append(optimizer)
    step.renew()
    model.train_function = None
    runs.fit(probe, CurveRecorder(steps=probe.steps, progress=lambda _: None))
    step.on_apply = None
    return not seen
