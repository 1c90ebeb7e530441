"""How the rates of one row lie: which train, where training first fails, and what of that is safe."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TypeAlias

import numpy as np

from sweeper.ranges import SafeRange
from sweeper.recommend._cells import Column
from sweeper.recommend._thresholds import Thresholds
from sweeper.verdict import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a row and what matters most among them."""

    columns: tuple[Column, ...]
    """By ascending rate."""
    failing: Column | None
    """The lowest rate at which training fails."""
    block: tuple[Column, ...]
    """The longest run of neighbouring rates below it that train; empty when there is none."""

    @property
    def steady(self) -> tuple[Column, ...]:
        """The rates of the block below the first at which a seed's loss jumped above its start."""
        return tuple(takewhile(lambda column: not column.unstable, self.block))

    @property
    def judged(self) -> tuple[Column, ...]:
        """The columns with a curve."""
        return tuple(column for column in self.columns if column.cell.label is not None)

    def beyond(self, column: Column) -> int:
        """Probes of a column that fail: those that broke, or all if it stalls above all rates that train."""
        stalls = column.cell.label is Label.STALLED
        return column.cell.judged if stalls and column.cell.learning_rate > self._highest_trainable else column.failing

    def is_split(self, column: Column) -> bool:
        """Whether some probes of a column fail and others do not."""
        return 0 < self.beyond(column) < column.cell.judged

    @property
    def _highest_trainable(self) -> float:
        return max((column.cell.learning_rate for column in self.columns if column.trainable), default=math.inf)

    @property
    def failing_rate(self) -> float | None:
        """The lowest rate at which training fails."""
        return None if self.failing is None else self.failing.cell.learning_rate

    @property
    def highest_stalled(self) -> float | None:
        """The highest rate that stalls because it is low: below the block, or below the failing rate without one."""
        limit = self.block[0].cell.learning_rate if self.block else self.failing_rate
        stalled = (column.cell.learning_rate for column in self.columns if column.cell.label is Label.STALLED)
        return max((rate for rate in stalled if limit is None or rate < limit), default=None)


def lay_out(columns: tuple[Column, ...]) -> Layout:
    """The layout of a row's columns, which ascend by rate."""
    cut = _first_failing(columns)
    return Layout(
        columns=columns,
        failing=None if cut is None else columns[cut],
        block=_longest_block(columns[:cut]),
    )


def _first_failing(columns: Sequence[Column]) -> int | None:
    """The index of the lowest rate at which a seed diverged, or from which on all is dead.

    One seed is enough: a rate that fails for one order of the samples in three is not safe.
    """
    trainable = [index for index, column in enumerate(columns) if column.trainable]
    highest = trainable[-1] if trainable else math.inf
    fails = (
        index
        for index, column in enumerate(columns)
        if column.failing or (column.cell.label is Label.STALLED and index > highest)
    )
    return next(fails, None)


def _longest_block(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The run of columns that train over most decades, the higher one of two equals.

    One whose first rate lets the loss jump has no steady part, and counts only where all are so.
    """
    runs = [tuple(run) for trains, run in groupby(columns, key=lambda column: column.trainable) if trains]
    return max(reversed(runs), key=lambda run: (not run[0].unstable, _width(run)), default=())


def _width(run: Sequence[Column]) -> float:
    """Decades from the first rate to the last, rounded so that equal steps of a grid are equal."""
    return round(math.log10(run[-1].cell.learning_rate / run[0].cell.learning_rate), 3)


def margin(length: float, thresholds: Thresholds) -> float:
    """Decades to stay below the first failing rate, for a job so many times as long as a probe."""
    return thresholds.margin + thresholds.margin_growth * math.log10(max(1.0, length))


def safe_range(layout: Layout, risky: float | None, length: float, thresholds: Thresholds) -> SafeRange | None:
    """The steady rates of the block, cut below the failing rate; None when nothing is left.

    Args:
        layout: The columns of the row.
        risky: The rate at which the chance of failing within a probe is too high; None where no rate fails.
        length: That of the long job in probes.
        thresholds: The numbers to decide by.
    """
    if not layout.steady:
        return None
    low, high = layout.steady[0].cell.learning_rate, layout.steady[-1].cell.learning_rate
    if layout.failing_rate is not None:
        high = min(high, _cut(layout.failing_rate, margin(length, thresholds)), risky or math.inf)
    return SafeRange(low=low, high=high) if high >= low else None


def _cut(rate: float, decades: float) -> float:
    """A rate so many decades lower, rounded like the rates of the axis: a cut of a grid step keeps the grid's rates."""
    return float(f"{rate / 10**decades:.6g}")


def best_column(columns: Sequence[Column]) -> Column | None:
    """The column with the lowest final loss; None when none has one."""
    scored = [column for column in columns if column.cell.score is not None]
    return min(scored, key=lambda column: column.cell.score or 0.0, default=None)


Points: TypeAlias = tuple[tuple[float, float], ...]
"""Learning rates, ascending, with the final loss of each."""


def stable_points(layout: Layout, safe: SafeRange | None) -> Points:
    """The stable rates whose final loss is known: those probed, and the end of the range.

    The loss at an end that was not probed lies between those of its neighbours.
    """
    if safe is None:
        return ()
    points = [(c.cell.learning_rate, c.cell.score) for c in layout.block if c.cell.score is not None]
    inside = [point for point in points if point[0] <= safe.high]
    if inside and inside[-1][0] < safe.high and len(inside) < len(points):
        rates, losses = np.log([rate for rate, _ in points]), [loss for _, loss in points]
        inside.append((safe.high, float(np.interp(math.log(safe.high), rates, losses))))
    return tuple(inside)


def well_points(points: Points, start: float, thresholds: Thresholds) -> Points:
    """The neighbours of the best of some rates that train about as well as it does.

    Args:
        points: The stable rates.
        start: The loss before any update.
        thresholds: The numbers to decide by.
    """
    lowest = min((loss for _, loss in points), default=math.inf)
    enough = lowest + (1 - thresholds.well) * (start - lowest) if start > lowest else math.inf
    runs = (tuple(run) for _, run in groupby(points, key=lambda point: point[1] <= enough))
    return next((run for run in runs if any(loss == lowest for _, loss in run)), ())


def easiest_rate(well: Points, start: float, thresholds: Thresholds) -> float | None:
    """The lowest of the rates that train well with almost the lowest loss of them; None without any.

    `start` is the loss before any update.
    """
    lowest = min((loss for _, loss in well), default=math.inf)
    return next((rate for rate, loss in well if loss <= lowest + thresholds.ease * max(0.0, start - lowest)), None)
