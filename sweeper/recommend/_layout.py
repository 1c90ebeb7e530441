"""How the rates of one row lie: which train, where training first fails, and what of that is safe."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

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
    """The run of columns that train over most decades, the higher one of two equals."""
    runs = [tuple(run) for trains, run in groupby(columns, key=lambda column: column.trainable) if trains]
    return max(reversed(runs), key=_width, default=())


def _width(run: Sequence[Column]) -> float:
    """Decades from the first rate to the last, rounded so that equal steps of a grid are equal."""
    return round(math.log10(run[-1].cell.learning_rate / run[0].cell.learning_rate), 3)


def safe_range(layout: Layout, thresholds: Thresholds) -> SafeRange | None:
    """The steady rates of the block, cut at the margin below the failing rate; None when nothing is left."""
    if not layout.steady:
        return None
    low, high = layout.steady[0].cell.learning_rate, layout.steady[-1].cell.learning_rate
    if layout.failing_rate is not None:
        # Rounded like the rates of the axis, so that a margin of one grid step does not cut off a grid rate.
        high = min(high, float(f"{layout.failing_rate / 10**thresholds.margin:.6g}"))
    return SafeRange(low=low, high=high) if high >= low else None


def best_column(layout: Layout) -> Column | None:
    """The column of the block with the lowest final loss; None when none has one."""
    scored = [column for column in layout.block if column.cell.score is not None]
    return min(scored, key=lambda column: column.cell.score or 0.0, default=None)
