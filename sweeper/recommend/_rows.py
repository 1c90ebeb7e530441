"""From the probes of a run to its rows."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sweeper.job import JobInfo
from sweeper.probe import Outcome
from sweeper.ranges import Cell, Row, Scaling
from sweeper.recommend._cells import Column, columns
from sweeper.recommend._chance import EdgeBelief, Expected, Floats, Trials, edge_beliefs, likelihood
from sweeper.recommend._edges import edges
from sweeper.recommend._layout import Layout, best_column, easiest_rate, lay_out, safe_range
from sweeper.recommend._length import job_length
from sweeper.recommend._power_law import Point, power_law
from sweeper.recommend._reasons import reason
from sweeper.recommend._scaling import expected_exponents, scalings
from sweeper.recommend._thresholds import DEFAULT, Thresholds
from sweeper.robust import spread
from sweeper.space import Space
from sweeper.verdict import Judged

_Key: TypeAlias = tuple[str, int]
"""Optimizer and batch size of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """What all probes of a run say together."""

    rows: tuple[Row, ...]
    """One for each optimizer and batch size of the space, in its order."""
    scalings: tuple[Scaling, ...]
    """How safe rates move with the batch size, for each optimizer of which that can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Where a row fails."""

    belief: EdgeBelief
    risky: float | None
    """The rate at which the chance of failing is too high; None where no rate fails."""


def build_map(
    space: Space,
    judged: Sequence[Judged],
    nulls: Sequence[Outcome],
    *,
    job: JobInfo | None = None,
    job_steps: int | None = None,
    thresholds: Thresholds = DEFAULT,
) -> Map:
    """The rows of a run, and how they change with the batch size.

    Args:
        space: The axes.
        judged: The outcomes so far with their verdicts; their rates need not be on the axis.
        nulls: The null probes, which give the rows their noise.
        job: What the script trains, and for how long; None when that is not known.
        job_steps: Updates of the long job at the script's own batch size; None takes the script's own.
        thresholds: The numbers to decide by.
    """
    layouts = _layouts(space, judged, thresholds)
    known = _known(layouts, expected_exponents(space, job), thresholds)
    lengths = {
        size: job_length(space, size, job=job, job_steps=job_steps, thresholds=thresholds) for size in space.batch_sizes
    }
    rows = tuple(
        _row(key, layout, known.get(key), nulls=nulls, length=lengths[key[1]], thresholds=thresholds)
        for key, layout in layouts.items()
    )
    errors = {key: one.belief.error() for key, one in known.items()}
    return Map(rows=rows, scalings=scalings(rows, errors, space, job))


def _layouts(space: Space, judged: Sequence[Judged], thresholds: Thresholds) -> dict[_Key, Layout]:
    found: defaultdict[_Key, list[Judged]] = defaultdict(list)
    for item in judged:
        found[item.outcome.probe.optimizer, item.outcome.probe.batch_size].append(item)
    keys = [(optimizer.label, size) for optimizer in space.optimizers for size in space.batch_sizes]
    return {key: lay_out(columns(found[key], thresholds=thresholds)) for key in keys}


def _known(
    layouts: Mapping[_Key, Layout], exponents: Mapping[str, float], thresholds: Thresholds
) -> dict[_Key, _Known]:
    """What is known of where each row fails: from its own probes first, then with what its neighbours say."""
    said = {key: likelihood(_trials(layout.judged, layout)) for key, layout in layouts.items() if layout.judged}
    alone = dict(zip(said, edge_beliefs(tuple(said.values()), (None,) * len(said)), strict=True))
    points = {
        key: Point(batch_size=key[1], place=math.log10(belief.place().rate), error=belief.error())
        for key, belief in alone.items()
        if layouts[key].failing is not None
    }
    expected = {key: _expected(key, points, exponents[key[0]]) for key in said}
    beliefs = edge_beliefs(tuple(said.values()), tuple(expected.values()))
    return {
        key: _Known(belief=belief, risky=_risky(key, layouts[key], said, expected, thresholds))
        for key, belief in zip(said, beliefs, strict=True)
    }


def _risky(
    key: _Key,
    layout: Layout,
    said: Mapping[_Key, Floats],
    expected: Mapping[_Key, Expected | None],
    thresholds: Thresholds,
) -> float | None:
    """The rate at which the chance of failing is too high; None where no rate fails.

    Of the row's own rates above the first that fails only those count at which seeds disagree, which shows how gradual
    the edge is. Where all fail, the edge would else look sharper than without them, and the range would grow.
    """
    failing = layout.failing_rate
    if failing is None:
        return None
    columns = [one for one in layout.judged if one.cell.learning_rate <= failing or layout.is_split(one)]
    careful = {**said, key: likelihood(_trials(columns, layout))}
    beliefs = edge_beliefs(tuple(careful.values()), tuple(expected.values()))
    return beliefs[tuple(careful).index(key)].rate_at(thresholds.risk)


def _trials(columns: Sequence[Column], layout: Layout) -> Trials:
    return Trials(
        places=tuple(math.log10(column.cell.learning_rate) for column in columns),
        beyond=tuple(layout.beyond(column) for column in columns),
        number=tuple(column.cell.judged for column in columns),
    )


def _expected(key: _Key, points: Mapping[_Key, Point], exponent: float) -> Expected | None:
    """Where the other batch sizes of an optimizer suggest that it fails; None without any."""
    others = [point for other, point in points.items() if other[0] == key[0] and other != key]
    law = power_law(others, expected=exponent)
    if law is None:
        return None
    place, error = law.at(key[1])
    return Expected(place=place, error=error)


def _row(
    key: _Key,
    layout: Layout,
    known: _Known | None,
    *,
    nulls: Sequence[Outcome],
    length: float,
    thresholds: Thresholds,
) -> Row:
    """One row; `length` is that of the long job in probes."""
    belief, risky = (None, None) if known is None else (known.belief, known.risky)
    safe = safe_range(layout, risky, length, thresholds)
    fastest = best_column(layout.block)
    start, noise = _before_any_update(nulls, key[1])
    return Row(
        optimizer=key[0],
        batch_size=key[1],
        cells=tuple(_with_chance(column.cell, belief) for column in layout.columns),
        safe=safe,
        reason=reason(layout, safe, risky, length, thresholds),
        fastest_learning_rate=None if fastest is None else fastest.cell.learning_rate,
        recommended_learning_rate=easiest_rate(layout, safe, start, thresholds),
        edges=edges(layout, belief),
        job_length=length,
        noise=noise,
    )


def _with_chance(cell: Cell, belief: EdgeBelief | None) -> Cell:
    return cell if belief is None else replace(cell, diverges=belief.at(cell.learning_rate))


def _before_any_update(nulls: Sequence[Outcome], batch_size: int) -> tuple[float, float | None]:
    """Loss and noise floor at a batch size, medians over seeds; -inf and None without a null curve of it."""
    curves = [null.curve for null in nulls if null.probe.batch_size == batch_size and null.curve is not None]
    losses = [np.asarray(curve.train_loss, dtype=np.float64) for curve in curves]
    levels = [float(np.median(values)) for values in losses if np.isfinite(values).all() and values.size]
    floors = [floor for values in losses if math.isfinite(floor := spread(values))]
    return statistics.median(levels) if levels else -math.inf, statistics.median(floors) if floors else None
