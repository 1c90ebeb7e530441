"""The length of the long job, in updates and in probes."""

import math

from sweeper.job import JobInfo
from sweeper.recommend._thresholds import RangeThresholds
from sweeper.space import Space


def job_steps_of(job: JobInfo) -> int | None:
    """Updates that the script itself would make; None when its epochs or its samples are not known."""
    samples = job.train_samples_available
    if job.epochs is None or samples is None:
        return None
    return job.epochs * math.ceil(samples / (1 if job.whole_elements else job.batch_size))


def job_length(
    space: Space, batch_size: int, *, job: JobInfo | None, job_steps: int | None, thresholds: RangeThresholds
) -> float:
    """How many times as long as a probe the long job is at a batch size, at least 1.

    At every batch size the job makes as many passes over the samples as at the script's own.

    Args:
        space: The axes, with the steps of a probe.
        batch_size: A batch size on the axis.
        job: What the script trains, and for how long; None when that is not known.
        job_steps: Updates of the long job at the script's own batch size, as the user says; None takes the script's.
        thresholds: Holds the length to assume where nothing is known.
    """
    steps = job_steps if job_steps is not None else job_steps_of(job) if job is not None else None
    if steps is None:
        return thresholds.stretch
    factor = 1.0 if job is None or job.whole_elements else job.batch_size / batch_size
    return max(1.0, steps * factor / space.steps_at(batch_size))
