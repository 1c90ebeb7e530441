"""Capturing a job in a worker, or adopting one that another worker captured."""

import time
from pathlib import Path

from sweeper.capture import Bounds, Call, Interception, Job, adopted_job, take_job
from sweeper.engines import FitEngine
from sweeper.protocol import Adopt, Capture

_TIMED_STEPS = 8


def capture_job(
    order: Capture, interception: Interception, call: Call
) -> tuple[Job, FitEngine, tuple[float, float | None]]:
    """The job with its engine, and the seconds to trace and of one step."""
    bounds = Bounds(nbytes=order.sample_bytes, samples=order.samples, steps=order.steps)
    job = take_job(call, bounds)
    started = time.perf_counter()
    engine = FitEngine(job, interception=interception)
    tracing = time.perf_counter() - started
    return job, engine, (tracing, engine.time_step(_TIMED_STEPS))


class SamplesNotKept(Exception):
    """The samples or weights could not be written to the run directory."""


def keep_samples(job: Job, order: Capture) -> None:
    """Writes samples and weights to the folder that the driver named; raises `SamplesNotKept`."""
    try:
        job.save(Path(order.folder))
    except OSError as error:
        size = (job.train.nbytes + (job.val.nbytes if job.val is not None else 0)) / 2**20
        raise SamplesNotKept(f"{order.folder}: {error.strerror or error} (the samples take {size:.0f} MiB)") from error


def adopt_job(order: Adopt, interception: Interception, call: Call) -> FitEngine:
    """The engine for a job whose samples and weights another worker kept."""
    folder = Path(order.folder)
    job = adopted_job(call, folder)
    engine = FitEngine(job, interception=interception)
    job.load_state(folder)
    engine.measure_start()
    return engine
