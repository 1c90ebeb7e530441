"""Capturing a job in a worker, or adopting one that another worker captured."""

import traceback
from collections.abc import Callable
from pathlib import Path

from sweeper.capture import (
    Bounds,
    Call,
    Interception,
    Job,
    adopted_job,
    take_job,
)
from sweeper.engines import (
    AbstractEngine,
    FitTraining,
    MeasuredEngine,
    choose_engine,
    make_engine,
    rehearse,
    settle_batches,
)
from sweeper.protocol import Adopt, Capture
from sweeper.settings import DEFAULT_STEPS


def capture_job(
    order: Capture, interception: Interception, call: Call, *, alive: Callable[[int], None]
) -> tuple[Job, MeasuredEngine]:
    """The job, and the engine that was chosen for it; raises `Unsuited` when the requested engine cannot train it."""
    bounds = Bounds(nbytes=order.sample_bytes, samples=order.samples, steps=order.steps, times=order.times)
    job = take_job(call, bounds, alive=lambda: alive(0))
    fit = FitTraining(job, interception=interception)
    settle_batches(fit)
    chosen = choose_engine(fit, order.engine, steps=order.steps or DEFAULT_STEPS)
    try:
        rehearse(fit, call)
    except Exception as error:  # noqa: BLE001  a fault in comparing must not end a run
        traceback.print_exc()
        job.rehearsal = f"the script's own first steps could not be run: {type(error).__name__}"
    # As every other worker measures it, whichever engine did so when it was tried.
    fit.first_vals.clear()
    chosen.engine.measure_start()
    return job, chosen


class SamplesNotKept(Exception):
    """The samples or weights could not be written to the run directory."""


def keep_samples(job: Job, order: Capture) -> None:
    """Writes samples and weights to the folder that the driver named; raises `SamplesNotKept`."""
    nbytes = job.train.nbytes + (job.val.nbytes if job.val is not None else 0)
    keep_in_folder(order, job.save, what=f"the samples take {nbytes / 2**20:.0f} MiB")


def keep_in_folder(order: Capture, save: Callable[[Path], None], *, what: str) -> None:
    """Calls `save` with the folder that the driver named; raises `SamplesNotKept`, which says `what` was to be kept."""
    try:
        save(Path(order.folder))
    except OSError as error:
        raise SamplesNotKept(f"{order.folder}: {error.strerror or error} ({what})") from error


def adopt_job(order: Adopt, interception: Interception, call: Call) -> AbstractEngine:
    """The engine for a job whose samples and weights another worker kept."""
    folder = Path(order.folder)
    job = adopted_job(call, folder)
    fit = FitTraining(job, interception=interception)
    job.load_state(folder)
    engine = make_engine(fit, order.engine)
    engine.measure_start()
    return engine
