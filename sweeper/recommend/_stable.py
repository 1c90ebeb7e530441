"""Which rates of a row are stable, and which of these train well."""

import math
from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import TypeAlias

import numpy as np

from sweeper.ranges import Cell, SafeRange
from sweeper.recommend._thresholds import RangeThresholds
from sweeper.rows import JudgedCell, JudgedRow

Points: TypeAlias = tuple[tuple[float, float], ...]
"""Learning rates, ascending, with the final loss of each."""


def margin(length: float, thresholds: RangeThresholds) -> float:
    """Decades to stay below the first failing rate, for a job `length` times as long as a probe."""
    return thresholds.margin + thresholds.margin_growth * math.log10(max(1.0, length))


def steady(row: JudgedRow) -> tuple[JudgedCell, ...]:
    """The rates of the block below the first at which the loss of a seed jumped above its start."""
    return tuple(takewhile(lambda cell: not cell.unstable, row.block))


def safe_range(row: JudgedRow, risky: float | None, length: float, thresholds: RangeThresholds) -> SafeRange | None:
    """The stable range of a row: its steady rates, up to a margin below the failing one; None when there are none.

    Args:
        row: The judged probes of the row.
        risky: The rate at which the chance of failing within a probe becomes too high; None where no rate fails.
        length: Length of the long job, in probes.
        thresholds: The numbers to decide by.
    """
    rates = [cell.learning_rate for cell in steady(row)]
    if not rates or row.data_fault:
        return None
    low, high = rates[0], rates[-1]
    if row.failing is not None:
        high = min(high, _cut(row.failing.learning_rate, margin(length, thresholds)), risky or math.inf)
    return SafeRange(low=low, high=high) if high >= low else None


def _cut(rate: float, decades: float) -> float:
    """The rate so many decades lower, rounded like the rates of the axis, so that it may equal one of them."""
    return float(f"{rate / 10**decades:.6g}")


def best_cell(cells: Sequence[Cell]) -> Cell | None:
    """The cell with the lowest final loss; None when none has one."""
    scored = [cell for cell in cells if cell.score is not None]
    return min(scored, key=lambda cell: cell.score or 0.0, default=None)


def stable_points(block: Sequence[Cell], safe: SafeRange | None) -> Points:
    """The stable rates of a block whose final loss is known: those probed, and the end of the range.

    The loss at an end that was not probed lies between those of its neighbours.
    """
    if safe is None:
        return ()
    points = [(cell.learning_rate, cell.score) for cell in block if cell.score is not None]
    inside = [point for point in points if point[0] <= safe.high]
    if inside and inside[-1][0] < safe.high and len(inside) < len(points):
        rates, losses = np.log([rate for rate, _ in points]), [loss for _, loss in points]
        inside.append((safe.high, float(np.interp(math.log(safe.high), rates, losses))))
    return tuple(inside)


def well_points(points: Points, start: float, thresholds: RangeThresholds) -> Points:
    """The run of rates around the best one that train about as well as it does.

    Args:
        points: The stable rates.
        start: The loss before any update.
        thresholds: The numbers to decide by.
    """
    lowest = min((loss for _, loss in points), default=math.inf)
    enough = lowest + (1 - thresholds.well) * (start - lowest) if start > lowest else math.inf
    runs = (tuple(run) for _, run in groupby(points, key=lambda point: point[1] <= enough))
    return next((run for run in runs if any(loss == lowest for _, loss in run)), ())


def easiest_rate(well: Points, start: float, thresholds: RangeThresholds) -> float | None:
    """The lowest rate that trains well and ends with almost the lowest loss; None without any.

    `start` is the loss before any update.
    """
    lowest = min((loss for _, loss in well), default=math.inf)
    return next((rate for rate, loss in well if loss <= lowest + thresholds.ease * max(0.0, start - lowest)), None)
