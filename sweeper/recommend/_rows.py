"""From the probes of a run to its rows."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sweeper.curve import Curve
from sweeper.job import JobInfo
from sweeper.probe import Outcome
from sweeper.ranges import (
    SAME_RATE,
    Cell,
    CellLabel,
    Chance,
    Comparison,
    Measure,
    Row,
    SafeRange,
    Scaling,
    called,
)
from sweeper.recommend._cells import Column, columns, is_better
from sweeper.recommend._chance import EdgeBelief, Expected, Floats, Trials, edge_beliefs, likelihood
from sweeper.recommend._compare import comparison_of, in_measure
from sweeper.recommend._edges import edges
from sweeper.recommend._layout import (
    Layout,
    best_column,
    easiest_rate,
    lay_out,
    safe_range,
    stable_points,
    well_points,
)
from sweeper.recommend._length import job_length
from sweeper.recommend._power_law import Point, power_law
from sweeper.recommend._reasons import fails_anyhow, reason
from sweeper.recommend._scaling import expected_exponents, scalings
from sweeper.recommend._thresholds import DEFAULT, Thresholds
from sweeper.robust import noise_floor
from sweeper.space import SCRIPT, Space
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
    comparison: Comparison
    """By what the batch sizes of the rows compare."""


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
    lengths = {
        size: job_length(space, size, job=job, job_steps=job_steps, thresholds=thresholds) for size in space.batch_sizes
    }
    comparison = comparison_of(nulls, space.batch_sizes)
    known = _known(layouts, expected_exponents(space, job, comparison.growth), thresholds)
    starts = {size: _start(nulls, judged, size) for size in space.batch_sizes}
    noises = {size: _noise(nulls, size) for size in space.batch_sizes}
    rows = tuple(
        _row(
            key,
            layout,
            known.get(key),
            around=_Around(
                start=starts[key[1]],
                noise=noises[key[1]],
                length=lengths[key[1]],
                own_rate=job.optimizer.learning_rate if job is not None and key[0] == SCRIPT else None,
                measure=comparison.measure,
            ),
            thresholds=thresholds,
        )
        for key, layout in layouts.items()
    )
    errors = {key: one.belief.error() for key, one in known.items()}
    return Map(rows=rows, scalings=scalings(rows, errors, space, job, growth=comparison.growth), comparison=comparison)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What a row has to know that its own probes do not say."""

    start: float
    """The loss before any update."""
    noise: float | None
    length: float
    """That of the long job in probes."""
    own_rate: float | None
    """The script's own rate, if the row is of its optimizer; None for another or where it is not known."""
    measure: Measure
    """By what its cells compare with those of other batch sizes."""


def _row(key: _Key, layout: Layout, known: _Known | None, *, around: _Around, thresholds: Thresholds) -> Row:
    belief, risky = (None, None) if known is None else (known.belief, known.risky)
    safe = safe_range(layout, risky, around.length, thresholds)
    well = well_points(stable_points(layout, safe), around.start, thresholds)
    ends = SafeRange(low=well[0][0], high=well[-1][0]) if well else None
    easiest = easiest_rate(well, around.start, thresholds)
    own = _own_rate(layout, ends, easiest, around.own_rate, thresholds)
    fastest = best_column(layout.block)
    return Row(
        optimizer=key[0],
        batch_size=key[1],
        cells=tuple(
            _in_measure(column, _cell(column, layout, belief, thresholds), around.measure, batch_size=key[1])
            for column in layout.columns
        ),
        safe=safe,
        reason=reason(layout, safe, risky, around.length, thresholds),
        fastest_learning_rate=None if fastest is None else fastest.cell.learning_rate,
        recommended_learning_rate=easiest if own is None else own,
        edges=edges(layout, belief),
        job_length=around.length,
        noise=around.noise,
        well=ends,
        fails_anyhow=fails_anyhow(layout),
    )


def _own_rate(
    layout: Layout, well: SafeRange | None, easiest: float | None, own: float | None, thresholds: Thresholds
) -> float | None:
    """The script's own rate where it was probed, trains well and does as well as the easiest rate; else None."""
    if own is None or easiest is None or well is None or not well.holds(own):
        return None
    rates = [column.cell.learning_rate for column in layout.columns]
    same = [rate for rate in rates if math.isclose(rate, own, rel_tol=SAME_RATE)]
    at_easiest = [column.cell for column in layout.block if column.cell.learning_rate <= easiest]
    if not same or not at_easiest:
        return None
    cell = layout.columns[rates.index(same[0])].cell
    return None if is_better(at_easiest[-1], cell, thresholds) else cell.learning_rate


def _cell(column: Column, layout: Layout, belief: EdgeBelief | None, thresholds: Thresholds) -> Cell:
    """The cell of a column with what its row makes of it."""
    chance = None if belief is None else _holding(belief.at(column.cell.learning_rate))
    name = _called(column, layout, chance, thresholds)
    return replace(column.cell, diverges=chance, called=name, jumps=bool(column.unstable))


def _in_measure(column: Column, cell: Cell, measure: Measure, *, batch_size: int) -> Cell:
    """The cell with what it is compared by with those of other batch sizes."""
    value, error = in_measure(measure, cell, batch_size=batch_size, validation=column.validation)
    return replace(cell, compared=value, compared_error=error)


def _called(column: Column, layout: Layout, chance: Chance | None, thresholds: Thresholds) -> CellLabel | None:
    if column.verdict is None:
        return None
    if column.trainable and chance is not None and chance.probability >= thresholds.unreliable:
        return CellLabel.UNRELIABLE
    trains = [other.cell.learning_rate for other in layout.columns if other.trainable]
    return called(column.verdict, column.cell.learning_rate, trains=trains, fails=layout.failing_rate)


def _holding(chance: Chance) -> Chance:
    """A chance whose interval holds it: of what is hardly possible, the mean may lie beyond nine tenths."""
    return replace(chance, low=min(chance.low, chance.probability), high=max(chance.high, chance.probability))


def _start(nulls: Sequence[Outcome], judged: Sequence[Judged], batch_size: int) -> float:
    """The loss before any update at a batch size, a median over seeds; without a null curve, the highest first loss.

    All probes of a seed begin with the same batch and the same weights.
    """
    at_rest = [curve.train_loss for curve in _curves(nulls, batch_size)]
    levels = [float(np.median(losses)) for losses in at_rest if losses and np.isfinite(losses).all()]
    if levels:
        return statistics.median(levels)
    trained = _curves([one.outcome for one in judged], batch_size)
    first = (curve.train_loss[0] for curve in trained if curve.train_loss)
    return max((loss for loss in first if math.isfinite(loss)), default=-math.inf)


def _noise(nulls: Sequence[Outcome], batch_size: int) -> float | None:
    """The noise floor at a batch size, a median over seeds; None without a null curve of it."""
    found = (noise_floor(curve.train_loss) for curve in _curves(nulls, batch_size))
    floors = [floor for floor in found if math.isfinite(floor)]
    return statistics.median(floors) if floors else None


def _curves(outcomes: Sequence[Outcome], batch_size: int) -> list[Curve]:
    return [one.curve for one in outcomes if one.probe.batch_size == batch_size and one.curve is not None]
