"""The safe end of an optimizer at batch sizes that were not probed."""

import math
from collections.abc import Iterator, Mapping, Sequence

from sweeper.job import JobInfo
from sweeper.optimizers import batch_exponent
from sweeper.ranges import Place, Row, ScaledRate, Scaling
from sweeper.recommend._power_law import Point, power_law
from sweeper.space import OptimizerChoice, Space

REACH = 2
"""Doublings of the batch size beyond the sizes probed: further away a straight line is not to be believed."""
NORMAL_90 = 1.645
"""Standard errors on either side of a normal mean that hold 90%."""


def expected_exponents(space: Space, job: JobInfo | None) -> dict[str, float]:
    """The rule of thumb for each optimizer of the axis, by its label."""
    return {choice.label: _expected(choice, job) for choice in space.optimizers}


def _expected(choice: OptimizerChoice, job: JobInfo | None) -> float:
    return batch_exponent(choice.name, own="" if job is None else job.optimizer.name)


def scalings(
    rows: Sequence[Row], errors: Mapping[tuple[str, int], float], space: Space, job: JobInfo | None
) -> tuple[Scaling, ...]:
    """One for each optimizer with a row whose safe end is set by how training fails, in the order of the axis.

    Args:
        rows: The rows of the map.
        errors: How well the edge of each row is known, in decades, by optimizer and batch size.
        space: The axes.
        job: What the script uses; None leaves the rule of thumb for adaptive optimizers.
    """
    if job is not None and job.batch_size_fixed:
        return ()
    exponents = expected_exponents(space, job)
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
            place=math.log10(row.safe.high),
            error=errors[row.optimizer, row.batch_size],
        )
        for row in rows
        # Without a rate that fails, the safe end is only as high as was probed.
        if row.safe is not None and row.failing_rate is not None
    ]
    law = power_law(points, expected=expected)
    if law is None:
        return None
    most = math.inf if job is None else job.train_samples
    ends = []
    for size in _sizes([row.batch_size for row in rows], most=most):
        place, error = law.at(size)
        low, middle, high = (float(f"{10 ** (place + z * error):.3g}") for z in (-NORMAL_90, 0.0, NORMAL_90))
        ends.append(ScaledRate(batch_size=size, end=Place(rate=middle, low=low, high=high)))
    return Scaling(
        optimizer=rows[0].optimizer,
        exponent=law.exponent,
        exponent_error=law.exponent_error,
        expected=expected,
        rows=len(points),
        at=tuple(ends),
    )


def _sizes(probed: Sequence[int], *, most: float) -> Iterator[int]:
    """Doublings of the smallest size probed, from a little below it to a little above the largest, without those."""
    smallest, largest = min(probed), max(probed)
    size = float(smallest)
    while size / 2 >= max(1, smallest / 2**REACH):
        size /= 2
    while size <= min(most, largest * 2**REACH):
        if size == int(size) and int(size) not in probed:
            yield int(size)
        size *= 2
