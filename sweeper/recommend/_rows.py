"""The rows of a map from the probes of a run: their stable ranges, edges and rates to start with."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from sweeper.curve import Curve
from sweeper.job import JobInfo
from sweeper.probes import Outcome
from sweeper.ranges import SAME_RATE, Cell, CellLabel, Chance, Row, SafeRange
from sweeper.recommend._cells import is_better, scored_cells
from sweeper.recommend._chance import EdgeBelief, EdgeCounts, Expected, Floats, edge_beliefs, likelihood
from sweeper.recommend._compare import comparison_of
from sweeper.recommend._edges import edges
from sweeper.recommend._length import job_length
from sweeper.recommend._power_law import Point, power_law
from sweeper.recommend._reasons import fails_anyhow, reason
from sweeper.recommend._scaling import expected_exponents, scalings
from sweeper.recommend._stable import best_cell, easiest_rate, safe_range, stable_points, well_points
from sweeper.recommend._thresholds import DEFAULT, RangeThresholds
from sweeper.recommendation import Comparison, Measure, Scaling
from sweeper.robust import noise_floor
from sweeper.rows import JudgedCell, JudgedRow, judged_rows
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
    """How stable rates change with the batch size, for each optimizer where that is known."""
    comparison: Comparison
    """By what the batch sizes of the rows compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FailingEdge:
    """What is known of the edge above which a row fails."""

    belief: EdgeBelief
    risky: float | None
    """The rate at which the chance of failing becomes too high; None where no rate fails."""


def build_map(
    space: Space,
    judged: Sequence[Judged],
    nulls: Sequence[Outcome],
    *,
    job: JobInfo | None = None,
    job_steps: int | None = None,
    thresholds: RangeThresholds = DEFAULT,
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
    read = {(row.optimizer, row.batch_size): row for row in judged_rows(space, judged)}
    lengths = {
        size: job_length(space, size, job=job, job_steps=job_steps, thresholds=thresholds) for size in space.batch_sizes
    }
    comparison = comparison_of(nulls, space.batch_sizes)
    known = _failing_edges(read, expected_exponents(space, job, comparison.growth), thresholds)
    starts = {size: _start(nulls, judged, size) for size in space.batch_sizes}
    noises = {size: _noise(nulls, size) for size in space.batch_sizes}
    rows = tuple(
        _row(
            row,
            known.get(key),
            context=_Context(
                start=starts[row.batch_size],
                noise=noises[row.batch_size],
                length=lengths[row.batch_size],
                own_rate=job.optimizer.learning_rate if job is not None and row.optimizer == SCRIPT else None,
                measure=comparison.measure,
            ),
            thresholds=thresholds,
        )
        for key, row in read.items()
    )
    errors = {key: one.belief.error() for key, one in known.items()}
    return Map(rows=rows, scalings=scalings(rows, errors, space, job, growth=comparison.growth), comparison=comparison)


def _failing_edges(
    rows: Mapping[_Key, JudgedRow], exponents: Mapping[str, float], thresholds: RangeThresholds
) -> dict[_Key, _FailingEdge]:
    """Where each row fails, from its own probes and from those of its neighbours."""
    likelihoods = {key: likelihood(_counts(row.judged, row)) for key, row in rows.items() if row.judged}
    alone = dict(zip(likelihoods, edge_beliefs(tuple(likelihoods.values()), (None,) * len(likelihoods)), strict=True))
    points = {
        key: Point(batch_size=key[1], log_rate=math.log10(belief.rate().rate), error=belief.error())
        for key, belief in alone.items()
        if rows[key].failing is not None
    }
    expected = {key: _expected(key, points, exponents[key[0]]) for key in likelihoods}
    beliefs = edge_beliefs(tuple(likelihoods.values()), tuple(expected.values()))
    return {
        key: _FailingEdge(belief=belief, risky=_risky(rows[key], likelihoods, expected, thresholds))
        for key, belief in zip(likelihoods, beliefs, strict=True)
    }


def _risky(
    row: JudgedRow,
    likelihoods: Mapping[_Key, Floats],
    expected: Mapping[_Key, Expected | None],
    thresholds: RangeThresholds,
) -> float | None:
    """The rate at which the chance of failing becomes too high; None where no rate fails.

    Above the row's first failing rate only rates count at which seeds disagree: they show how gradual the edge is.
    Rates at which all seeds fail would make the edge look sharper, and the stable range larger, than without them.
    """
    if row.failing is None:
        return None
    key = row.optimizer, row.batch_size
    cells = [one for one in row.judged if one.learning_rate <= row.failing.learning_rate or row.is_split(one)]
    careful = {**likelihoods, key: likelihood(_counts(cells, row))}
    beliefs = edge_beliefs(tuple(careful.values()), tuple(expected.values()))
    return beliefs[tuple(careful).index(key)].rate_at(thresholds.risk)


def _counts(cells: Sequence[JudgedCell], row: JudgedRow) -> EdgeCounts:
    return EdgeCounts(
        log_rates=tuple(math.log10(cell.learning_rate) for cell in cells),
        beyond=tuple(row.failures(cell) for cell in cells),
        number=tuple(len(cell.verdicts) for cell in cells),
    )


def _expected(key: _Key, points: Mapping[_Key, Point], exponent: float) -> Expected | None:
    """Where the other batch sizes of an optimizer suggest that a row fails; None without any."""
    others = [point for other, point in points.items() if other[0] == key[0] and other != key]
    law = power_law(others, expected=exponent)
    if law is None:
        return None
    log_rate, error = law.at(key[1])
    return Expected(log_rate=log_rate, error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What the stable range of a row depends on besides its own probes."""

    start: float
    """The loss before any update."""
    noise: float | None
    length: float
    """Length of the long job, in probes."""
    own_rate: float | None
    """The script's own rate, if the row is of its optimizer; None for another or where it is not known."""
    measure: Measure
    """By what its cells compare with those of other batch sizes."""


def _row(row: JudgedRow, known: _FailingEdge | None, *, context: _Context, thresholds: RangeThresholds) -> Row:
    belief, risky = (None, None) if known is None else (known.belief, known.risky)
    cells = scored_cells(row, context.measure, thresholds)
    block = [cell for cell, judged in zip(cells, row.cells, strict=True) if judged in row.block]
    safe = safe_range(row, risky, context.length, thresholds)
    well = well_points(stable_points(block, safe), context.start, thresholds)
    ends = SafeRange(low=well[0][0], high=well[-1][0]) if well else None
    easiest = easiest_rate(well, context.start, thresholds)
    own = _own_rate(block, ends, easiest, context.own_rate, thresholds)
    best = best_cell(block)
    fastest = None if best is None else best.learning_rate
    return Row(
        optimizer=row.optimizer,
        batch_size=row.batch_size,
        cells=tuple(
            _on_map(cell, judged, row, belief, thresholds) for cell, judged in zip(cells, row.cells, strict=True)
        ),
        safe=safe,
        reason=reason(row, safe, risky, context.length, thresholds, fastest=fastest),
        fastest_learning_rate=fastest,
        recommended_learning_rate=easiest if own is None else own,
        edges=edges(row, belief),
        job_length=context.length,
        noise=context.noise,
        well=ends,
        fails_anyhow=fails_anyhow(row),
    )


def _own_rate(
    block: Sequence[Cell],
    well: SafeRange | None,
    easiest: float | None,
    own: float | None,
    thresholds: RangeThresholds,
) -> float | None:
    """The script's own rate where it was probed, trains well and does as well as the easiest rate; else None."""
    if own is None or easiest is None or well is None or not well.holds(own):
        return None
    same = [cell for cell in block if math.isclose(cell.learning_rate, own, rel_tol=SAME_RATE)]
    at_easiest = [cell for cell in block if cell.learning_rate <= easiest]
    if not same or not at_easiest or is_better(at_easiest[-1], same[0], thresholds):
        return None
    return same[0].learning_rate


def _on_map(
    cell: Cell, judged: JudgedCell, row: JudgedRow, belief: EdgeBelief | None, thresholds: RangeThresholds
) -> Cell:
    """A cell with its chance of diverging and its label on the map, which depend on the whole row."""
    chance = None if belief is None else _widened(belief.at(cell.learning_rate))
    return replace(cell, diverges=chance, called=_called(judged, row, chance, thresholds))


def _called(cell: JudgedCell, row: JudgedRow, chance: Chance | None, thresholds: RangeThresholds) -> CellLabel | None:
    if cell.verdict is None:
        return None
    if cell.trains and chance is not None and chance.probability >= thresholds.unreliable:
        return CellLabel.UNRELIABLE
    return row.called(cell.verdict, cell.learning_rate)


def _widened(chance: Chance) -> Chance:
    """A chance with its interval widened to hold it: the mean of a very skewed distribution may lie outside of 90%."""
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
