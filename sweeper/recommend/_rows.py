"""From the probes of a run to its rows."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from sweeper.probe import Outcome
from sweeper.ranges import Row
from sweeper.recommend._cells import Column, columns
from sweeper.recommend._edges import edges
from sweeper.recommend._layout import best_column, lay_out, safe_range
from sweeper.recommend._reasons import reason
from sweeper.recommend._thresholds import DEFAULT, Thresholds
from sweeper.robust import spread
from sweeper.space import Space
from sweeper.verdict import Judged


def build_rows(
    space: Space, judged: Sequence[Judged], nulls: Sequence[Outcome], *, thresholds: Thresholds = DEFAULT
) -> tuple[Row, ...]:
    """One row for each optimizer and batch size of the space, in its order.

    Args:
        space: The axes.
        judged: The outcomes so far with their verdicts; their rates need not be on the axis.
        nulls: The null probes, which give the rows their noise.
        thresholds: The numbers to decide by.
    """
    found: defaultdict[tuple[str, int], list[Judged]] = defaultdict(list)
    for item in judged:
        found[item.outcome.probe.optimizer, item.outcome.probe.batch_size].append(item)
    return tuple(
        _row(
            optimizer.label,
            batch_size,
            columns(found[optimizer.label, batch_size], thresholds=thresholds),
            noise=_noise(nulls, batch_size),
            thresholds=thresholds,
        )
        for optimizer in space.optimizers
        for batch_size in space.batch_sizes
    )


def _noise(nulls: Sequence[Outcome], batch_size: int) -> float | None:
    """The median over seeds of the noise floor at a batch size; None without a null curve of it."""
    curves = [null.curve for null in nulls if null.probe.batch_size == batch_size and null.curve is not None]
    floors = [spread(np.asarray(curve.train_loss, dtype=np.float64)) for curve in curves]
    finite = [floor for floor in floors if math.isfinite(floor)]
    return statistics.median(finite) if finite else None


def _row(
    optimizer: str, batch_size: int, found: tuple[Column, ...], *, noise: float | None, thresholds: Thresholds
) -> Row:
    layout = lay_out(found)
    safe = safe_range(layout, thresholds)
    best = best_column(layout)
    return Row(
        optimizer=optimizer,
        batch_size=batch_size,
        cells=tuple(column.cell for column in found),
        safe=safe,
        reason=reason(layout, safe, thresholds),
        recommended_learning_rate=None if safe is None or best is None else min(best.cell.learning_rate, safe.high),
        edges=edges(layout),
        noise=noise,
    )
