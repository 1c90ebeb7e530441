"""Capturing a job in a worker, or adopting one that another worker captured."""

from collections.abc import Callable
from pathlib import Path

from sweeper.capture import Bounds, Call, Interception, Job, Overlay, adopted_job, take_job
from sweeper.engines import AbstractEngine, PreparedJob, Tried, choose_engine, make_engine, rehearse, settle_batches
from sweeper.protocol import Adopt, Capture
from sweeper.settings import DEFAULT_STEPS


def capture_job(
    order: Capture, interception: Interception, call: Call, *, scratch: Path, alive: Callable[[int], None]
) -> tuple[Job, Tried]:
    """The job, and the engine that was chosen for it; raises `Unsuited` when the one that was asked for cannot.

    What the script's callbacks write while its first steps are rehearsed goes to `scratch`.
    """
    bounds = Bounds(nbytes=order.sample_bytes, samples=order.samples, steps=order.steps, times=order.times)
    job = take_job(call, bounds, alive=lambda: alive(0))
    prepared = PreparedJob(job, interception=interception)
    settle_batches(prepared)
    chosen = choose_engine(prepared, order.engine, steps=order.steps or DEFAULT_STEPS)
    overlay = Overlay(scratch)
    overlay.install()
    rehearse(prepared, call)
    overlay.remove()
    # As every other worker measures it, whichever engine did so when it was tried.
    prepared.first_vals.clear()
    chosen.engine.measure_start()
    return job, chosen


class SamplesNotKept(Exception):
    """The samples or weights could not be written to the run directory."""


def keep_samples(job: Job, order: Capture) -> None:
    """Writes samples and weights to the folder that the driver named; raises `SamplesNotKept`."""
    try:
        job.save(Path(order.folder))
    except OSError as error:
        size = (job.train.nbytes + (job.val.nbytes if job.val is not None else 0)) / 2**20
        raise SamplesNotKept(f"{order.folder}: {error.strerror or error} (the samples take {size:.0f} MiB)") from error


def adopt_job(order: Adopt, interception: Interception, call: Call) -> AbstractEngine:
    """The engine for a job whose samples and weights another worker kept."""
    folder = Path(order.folder)
    job = adopted_job(call, folder)
    prepared = PreparedJob(job, interception=interception)
    job.load_state(folder)
    engine = make_engine(prepared, order.engine)
    engine.measure_start()
    return engine
