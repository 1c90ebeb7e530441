"""Capturing a job in a worker, or adopting one that another worker captured."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweeper.capture import Bounds, FitArguments, Interception, Job, adopted_job, take_job
from sweeper.engines import FitEngine
from sweeper.protocol import Adopt, Capture

_TIMED_STEPS = 8


def capture_job(
    order: Capture, interception: Interception, model: Any, original: Callable[..., Any], arguments: FitArguments
) -> tuple[Job, FitEngine, tuple[float, float | None]]:
    """The job with its engine, its samples kept in the folder, and the seconds to trace and of one step."""
    bounds = Bounds(nbytes=order.sample_bytes, samples=order.samples, steps=order.steps)
    job = take_job(model, original, arguments, bounds)
    started = time.perf_counter()
    engine = FitEngine(job, interception=interception)
    tracing = time.perf_counter() - started
    job.save(Path(order.folder))
    return job, engine, (tracing, engine.time_step(_TIMED_STEPS))


def adopt_job(order: Adopt, interception: Interception, model: Any, original: Callable[..., Any]) -> FitEngine:
    """The engine for a job whose samples and weights another worker kept."""
    folder = Path(order.folder)
    job = adopted_job(model, original, folder)
    engine = FitEngine(job, interception=interception)
    job.load_state(folder)
    engine.measure_start()
    return engine
