"""One phase of the driver on a made-up job: `python -m benchmark_parts.scale_child PHASE PROBES`.

The run directory and `figures.json` are in the current folder.
"""

import json
import math
import os
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmark_parts.process import RESULT
from benchmark_parts.scale import AXES
from sweeper import AbstractView, Curve, JobInfo, OptimizerInfo, Outcome, OutcomeKind, Probe, load_settings
from sweeper.classify import Context, classify
from sweeper.events import Event, JobCaptured, Waiting
from sweeper.execute import AbstractExecutor, AbstractTasks, FakeExecutor, Task
from sweeper.record import RunDirectory
from sweeper.sweep import plan, probe, rebuild, resume

RUN, HALF = Path("run"), Path("half-run")
STEPS = 200
CHECKPOINTS = 8
JOB = JobInfo(
    fit_site="train.py:1",
    fit_number=1,
    model="made up (Sequential)",
    parameters=10_000,
    trainable_parameters=10_000,
    loss="sparse_categorical_crossentropy",
    optimizer=OptimizerInfo(name="Adam", learning_rate=1e-3),
    batch_size=32,
    train_samples=2_000,
    train_samples_available=2_000,
    val_samples=200,
    val_source="validation_data",
    sample_bytes=1_000_000,
    backend="tensorflow",
    trace_seconds=1.0,
    step_seconds=0.001,
)


class Clock(AbstractView):
    """Notes when the run goes on and when the report begins."""

    def __init__(self) -> None:
        self.captured = self.reporting = time.perf_counter()

    def show(self, event: Event) -> None:
        """Takes the time of the two events that matter."""
        if isinstance(event, JobCaptured):
            self.captured = time.perf_counter()
        if isinstance(event, Waiting):
            self.reporting = time.perf_counter()


class Training:
    """Makes curves up and knows how long that took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, task: Task) -> Outcome:
        """A finished probe."""
        began = time.perf_counter()
        outcome = Outcome(probe=task.probe, kind=OutcomeKind.COMPLETED, curve=curve_of(task.probe), seconds=0.1)
        self.seconds += time.perf_counter() - began
        return outcome


def curve_of(probe: Probe) -> Curve:
    """A made-up curve: flat at low rates, falling at middling ones, exploding at high ones."""
    chance = random.Random(probe.id)  # noqa: S311  no secret
    scale = 100 * probe.learning_rate
    blows_up = probe.learning_rate > 0.1  # noqa: PLR2004
    losses, gap = [], probe.steps // CHECKPOINTS
    for step in range(probe.steps):
        level = math.exp(0.05 * step) if blows_up else math.exp(-scale * step / probe.steps)
        losses.append(2.3 * level * (1.0 + 0.02 * chance.gauss(0.0, 1.0)))
    checkpoints = tuple(range(0, probe.steps + 1, gap))
    return Curve(
        train_loss=tuple(losses),
        gradient_norm=tuple(0.1 * loss for loss in losses),
        val_steps=checkpoints,
        val_loss=tuple(losses[min(step, probe.steps - 1)] for step in checkpoints),
    )


class HalfExecutor(FakeExecutor):
    """An executor that stops after a number of tasks, as a run does that is killed."""

    def __init__(self, job: JobInfo, train: Training, tasks: int) -> None:
        super().__init__(job, train)
        self._tasks = tasks

    def hand_out(self, tasks: AbstractTasks) -> None:
        """Hands out the first tasks."""
        if self._tasks:
            self._tasks -= 1
            super().hand_out(tasks)
        else:
            self.drain()


def settings_of(probes: int, out: Path) -> Any:
    """The settings of a run with a number of probes."""
    rates, seeds = AXES[probes]
    Path("train.py").touch()
    asked = {
        "target": "train.py",
        "optimizer": "script,sgd,momentum,rmsprop,adamw",
        "batch_size": "16,32,64,128",
        "lr": f"1e-5:10:log:{rates}",
        "seeds": str(seeds),
        "steps": str(STEPS),
        "search": "grid",
        "out": str(out),
    }
    return load_settings(asked, environ=os.environ, cwd=Path.cwd()).settings


def use(executor: AbstractExecutor) -> None:
    """Puts an executor in the place of the one that starts processes: the run has no option for it."""
    from sweeper.sweep import _api, _run

    for module in (_api, _run):
        module.executor_for = lambda *_, **__: executor


def phase(name: str, probes: int) -> dict[str, float]:
    """Seconds of one phase."""
    train, clock, command = Training(), Clock(), ("benchmark",)
    use(HalfExecutor(JOB, train, probes // 2) if name == "half" else FakeExecutor(JOB, train))
    if name == "classify":
        return _classify()
    began = time.perf_counter()
    match name:
        case "plan":
            plan(settings_of(probes, RUN), view=clock)
        case "record" | "half":
            probe(settings_of(probes, RUN if name == "record" else HALF), command=command, view=clock)
        case "resume":
            resume(HALF, force=False, view=clock)
        case "report":
            rebuild(RUN)
    ended = time.perf_counter()
    return {
        "total_s": ended - began - train.seconds,
        "until_s": clock.captured - began,
        "probes_s": clock.reporting - clock.captured - train.seconds,
        "report_s": ended - clock.reporting,
    }


def _classify() -> dict[str, float]:
    loading = time.perf_counter()
    outcomes = RunDirectory.open(RUN).outcomes()
    began = time.perf_counter()
    nulls = {(one.probe.batch_size, one.probe.seed): one.curve for one in outcomes if one.probe.is_null}
    for one in outcomes:
        size = one.probe.batch_size
        context = Context(planned_steps=STEPS, passes=STEPS * size / JOB.train_samples, val_samples=JOB.val_samples)
        assert one.curve is not None
        classify(one.curve, null=nulls[size, one.probe.seed], context=context)
    return {"load_s": began - loading, "total_s": time.perf_counter() - began}


def main() -> None:
    """Runs a phase and writes its figures."""
    name, probes = sys.argv[1], int(sys.argv[2])
    found = phase(name, probes)
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10)
    if RUN.exists():
        run = RunDirectory.open(RUN)
        files = {"results_bytes": run.results_file, "page_bytes": run.report_file}
        found |= {name: file.stat().st_size for name, file in files.items() if file.exists()}
    Path(RESULT).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
