"""The cells of a row: the common verdict of the seeds of each rate, and the loss that they reached."""

import math
import statistics
from collections.abc import Collection, Sequence

import numpy as np

from sweeper.curve import Curve
from sweeper.ranges import Cell
from sweeper.recommend._compare import end_validation, in_measure
from sweeper.recommend._thresholds import RangeThresholds
from sweeper.recommendation import Measure
from sweeper.robust import jitter, median_error, tail_length, tail_level
from sweeper.rows import JudgedCell, JudgedRow


def scored_cells(row: JudgedRow, measure: Measure, thresholds: RangeThresholds) -> tuple[Cell, ...]:
    """A cell with its final loss for each rate of a row, by ascending rate.

    Only seeds that every rate has had count for final losses: another seed starts from other weights and samples.
    """
    seeds = [{one.outcome.probe.seed for one in cell.probes if one.outcome.curve is not None} for cell in row.cells]
    shared = set[int].intersection(*(some for some in seeds if some)) if any(seeds) else set()
    return tuple(_scored(cell, row.batch_size, shared, measure, thresholds) for cell in row.cells)


def _scored(
    judged: JudgedCell, batch_size: int, seeds: Collection[int], measure: Measure, thresholds: RangeThresholds
) -> Cell:
    comparable = [one.outcome for one in judged.probes if not seeds or one.outcome.probe.seed in seeds]
    curves = [outcome.curve for outcome in comparable if outcome.curve is not None]
    score, error = _score(curves, thresholds)
    compared, compared_error = in_measure(measure, (score, error), batch_size, validation=end_validation(curves))
    return Cell(
        learning_rate=judged.learning_rate,
        label=judged.label,
        agreeing=judged.agreeing,
        judged=len(judged.verdicts),
        failed=judged.ended,
        score=score,
        score_error=error,
        jumps=judged.unstable > 0,
        compared=compared,
        compared_error=compared_error,
    )


def is_better(one: Cell, other: Cell, thresholds: RangeThresholds) -> bool:
    """Whether the final loss of `one` is lower by more than chance and by enough to matter; without one it is not.

    Both are of one batch size.
    """
    return _is_lower((one.score, one.score_error), (other.score, other.score_error), thresholds)


def is_better_across(one: Cell, other: Cell, thresholds: RangeThresholds) -> bool:
    """Whether a cell is better than one of another batch size, by the measure of the map; without one it is not."""
    return one.compared is not None and _is_lower(
        (one.compared, one.compared_error), (other.compared, other.compared_error), thresholds
    )


def _is_lower(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], thresholds: RangeThresholds
) -> bool:
    """Whether a loss, given with its error, is lower than another by more than chance and by enough to matter."""
    if one[0] is None or other[0] is None:
        return other[0] is None and one[0] is not None
    error = math.hypot(one[1] or 0.0, other[1] or 0.0)
    tie = max(thresholds.tie_errors * error, thresholds.tie_share * abs(one[0]))
    return one[0] < other[0] - tie


def _score(curves: Sequence[Curve], thresholds: RangeThresholds) -> tuple[float | None, float | None]:
    """The median final loss of curves and its standard error; None unless every one is finite."""
    share, least = thresholds.score_share, thresholds.score_steps
    levels = [tail_level(curve.train_loss, share=share, least=least) for curve in curves]
    if not levels or not all(math.isfinite(level) for level in levels):
        return None, None
    errors = [_error(curve, tail_length(curve.steps, share=share, least=least)) for curve in curves]
    return statistics.median(levels), statistics.median(errors) / len(errors) ** 0.5


def _error(curve: Curve, window: int) -> float:
    tail = np.asarray(curve.train_loss[-2 * window :], dtype=np.float64)
    return median_error(jitter(tail), window) if np.isfinite(tail).all() else 0.0
