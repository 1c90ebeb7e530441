"""Where the stable range of an optimizer ends at batch sizes that were not probed.

Between two probed sizes it ends between their ends, whatever a line through all of them says. Beyond the probed sizes
it follows the line from the nearest end; where the ends do not lie on a line, nothing is said of sizes beyond them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from sweeper.growth import Growth
from sweeper.job import JobInfo
from sweeper.optimizers import batch_exponent
from sweeper.ranges import RateEstimate, Row
from sweeper.recommend._power_law import Point, PowerLaw, power_law
from sweeper.recommendation import ScaledRate, Scaling
from sweeper.space import OptimizerChoice, Space

REACH = 2
"""Doublings of the batch size beyond the probed sizes: further away a straight line is not to be trusted."""
NORMAL_90 = 1.645
"""Standard errors on either side of the mean of a normal distribution that hold 90% of it."""


def expected_exponents(space: Space, job: JobInfo | None, growth: Growth = Growth.ALIKE) -> dict[str, float]:
    """The exponent by rule of thumb for each optimizer of the axis, by its label; `growth` is that of the loss."""
    return {choice.label: _expected(choice, job, growth) for choice in space.optimizers}


def _expected(choice: OptimizerChoice, job: JobInfo | None, growth: Growth) -> float:
    own = "" if job is None else job.optimizer.name
    return batch_exponent(choice.name, own=own, sums=growth is Growth.PROPORTIONAL)


def scalings(
    rows: Sequence[Row],
    errors: Mapping[tuple[str, int], float],
    space: Space,
    job: JobInfo | None,
    *,
    growth: Growth = Growth.ALIKE,
) -> tuple[Scaling, ...]:
    """How stable rates change with the batch size, for each optimizer with a row that fails, in the order of the axis.

    Args:
        rows: The rows of the map.
        errors: How well the edge of each row is known, in decades, by optimizer and batch size.
        space: The axes.
        job: What the script uses; None leaves the rule of thumb for adaptive optimizers.
        growth: What the loss of the same weights does as batches get larger.
    """
    if job is not None and job.batch_size_fixed:
        return ()
    exponents = expected_exponents(space, job, growth)
    found = (
        _scaling([row for row in rows if row.optimizer == label], errors, exponent, job)
        for label, exponent in exponents.items()
    )
    return tuple(scaling for scaling in found if scaling is not None)


def _scaling(
    rows: Sequence[Row], errors: Mapping[tuple[str, int], float], expected: float, job: JobInfo | None
) -> Scaling | None:
    points = [
        Point(
            batch_size=row.batch_size,
            log_rate=math.log10(row.safe.high),
            error=errors[row.optimizer, row.batch_size],
        )
        for row in rows
        # Without a rate that fails, the stable range ends where probing ended.
        if row.safe is not None and row.failing_rate is not None
    ]
    law = power_law(points, expected=expected)
    if law is None:
        return None
    most = math.inf if job is None else job.train_samples or math.inf
    points.sort(key=lambda point: point.batch_size)
    fits = not law.misfit(points)
    ends = (_end_at(size, points, law, fits=fits) for size in _sizes([row.batch_size for row in rows], most=most))
    return Scaling(
        optimizer=rows[0].optimizer,
        exponent=law.exponent,
        exponent_error=law.exponent_error,
        expected=expected,
        rows=len(points),
        at=tuple(end for end in ends if end is not None),
        fits=fits,
    )


def _end_at(size: int, points: Sequence[Point], law: PowerLaw, *, fits: bool) -> ScaledRate | None:
    """The end of the stable range at a batch size, from measured ends; None beyond them where no line fits."""
    below = [point for point in points if point.batch_size < size]
    above = [point for point in points if point.batch_size > size]
    if below and above:
        return _between(size, below[-1], above[0], scatter=law.scatter)
    if not fits:
        return None
    near = below[-1] if below else above[0]
    away = math.log10(size / near.batch_size)
    error = NORMAL_90 * math.hypot(near.error, law.scatter, away * law.exponent_error)
    return _scaled(size, near.log_rate + law.exponent * away, below=error, above=error)


def _between(size: int, below: Point, above: Point, *, scatter: float) -> ScaledRate:
    """The end between two measured ends, on the line between them, with an interval that reaches no lower than both."""
    part = math.log(size / below.batch_size) / math.log(above.batch_size / below.batch_size)
    log_rate = below.log_rate + part * (above.log_rate - below.log_rate)
    error = NORMAL_90 * math.hypot((1 - part) * below.error, part * above.error, scatter)
    return _scaled(size, log_rate, below=min(error, log_rate - min(below.log_rate, above.log_rate)), above=error)


def _scaled(size: int, log_rate: float, *, below: float, above: float) -> ScaledRate:
    low, rate, high = (float(f"{10**one:.3g}") for one in (log_rate - below, log_rate, log_rate + above))
    return ScaledRate(batch_size=size, end=RateEstimate(rate=rate, low=low, high=high))


def _sizes(probed: Sequence[int], *, most: float) -> Iterator[int]:
    """Batch sizes to say the end for: doublings of the smallest probed, up to `REACH` beyond both ends, none probed."""
    smallest, largest = min(probed), max(probed)
    size = float(smallest)
    while size / 2 >= max(1, smallest / 2**REACH):
        size /= 2
    while size <= min(most, largest * 2**REACH):
        if size == int(size) and int(size) not in probed:
            yield int(size)
        size *= 2
