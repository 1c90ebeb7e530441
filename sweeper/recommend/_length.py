"""How much longer than a probe the long job is."""

import math

from sweeper.job import JobInfo
from sweeper.recommend._thresholds import Thresholds
from sweeper.space import Space


def job_steps_of(job: JobInfo) -> int | None:
    """Updates that the script makes at its own batch size; None when its epochs or its samples are not known."""
    samples = job.train_samples_available
    if job.epochs is None or samples is None:
        return None
    return job.epochs * math.ceil(samples / (1 if job.whole_elements else job.batch_size))


def job_length(
    space: Space, batch_size: int, *, job: JobInfo | None, job_steps: int | None, thresholds: Thresholds
) -> float:
    """The length of the long job at a batch size in probes, at least 1: as many passes as at the script's own size.

    Args:
        space: The axes, with the steps of a probe.
        batch_size: One on the axis.
        job: The script's own length, where that can be told.
        job_steps: Updates of the long job at the script's own batch size, as the person says; None takes the script's.
        thresholds: The length where nothing is known.
    """
    steps = job_steps if job_steps is not None else job_steps_of(job) if job is not None else None
    if steps is None:
        return thresholds.stretch
    factor = 1.0 if job is None or job.whole_elements else job.batch_size / batch_size
    return max(1.0, steps * factor / space.steps_at(batch_size))
