"""Sweeper itself, through its Python API, with a view that only notes the time."""

import os
import resource
import time
from pathlib import Path
from typing import Any

from benchmark_parts.grid import Grid
from benchmark_parts.tasks import KIB
from sweeper import AbstractView, load_settings
from sweeper.events import Event, JobCaptured, ProbeDone
from sweeper.record import RunDirectory
from sweeper.sweep import probe

FOLDER = Path("run")


class Clock(AbstractView):
    """Notes when the job was captured and when each probe was judged."""

    def __init__(self) -> None:
        self.captured = 0.0
        self.judged: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Takes the time of the two events that matter."""
        match event:
            case JobCaptured():
                self.captured = time.time()
            case ProbeDone():
                self.judged[event.judged.outcome.probe.id] = time.time()


def sweep(grid: Grid, **settings: str) -> dict[str, Any]:
    """Runs `sweeper probe` on a grid in this process; `settings` are further options by name, which win."""
    options = {
        "target": str(grid.script),
        "optimizer": ",".join(grid.optimizers),
        "batch_size": ",".join(map(str, grid.batch_sizes)),
        "lr": ",".join(f"{rate:.6g}" for rate in grid.rates),
        "steps": str(grid.steps),
        "search": "grid",
        "gpus": "none",
        "out": str(FOLDER),
    } | settings
    asked = load_settings({name: value for name, value in options.items() if value}, environ=os.environ, cwd=Path.cwd())
    clock = Clock()
    result = probe(asked.settings, command=("benchmark",), view=clock)
    return _told(result.results.as_json(), clock, RunDirectory.open(result.directory))


def _told(results: dict[str, Any], clock: Clock, run: RunDirectory) -> dict[str, Any]:
    found = run.job()
    assert found is not None, results["findings"]
    job, _ = found
    return {
        "ready": clock.captured,
        "ended": time.time(),
        "trials": [_trial(one, clock) for one in results["probes"] if one["id"] in clock.judged],
        "null_seconds": [one["seconds"] for one in results["probes"] if one["learning_rate"] == 0],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB,
        "worker_peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB,
        "engine": f"{job.engine.text}: {job.engine.reason}".strip(": "),
        "constant_loss": job.constant_loss,
        "validation": f"{job.val_samples} samples, {job.val_source}",
        "state": results["environment"]["state"],
        "workers": results["environment"]["machine"].get("workers"),
        "rows": results["rows"],
        "changes": results["changes"],
        "report_bytes": run.report_file.stat().st_size,
    }


def _trial(one: dict[str, Any], clock: Clock) -> dict[str, Any]:
    rate = one["samples_per_second"]
    return {
        **{name: one[name] for name in ("optimizer", "batch_size", "learning_rate", "seconds", "verdict")},
        "seed": one["seed"],
        "steps": one["steps_run"],
        "planned_steps": one["steps"],
        "stepping": rate / one["batch_size"] if rate else None,
        "ended": clock.judged[one["id"]],
    }
