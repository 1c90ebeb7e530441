"""Which setting to start the long job with.

Optimizers at one batch size saw the same batches and compare directly. Batch sizes do not: with equal steps the larger
one saw more samples, with equal samples the smaller one made more updates. So another batch size replaces the script's
own only where it reached a lower loss with no more steps and no more samples. On a tie the script's own choice stays.
What is compared across batch sizes, `_compare` decides: the training loss may depend on the size itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sweeper.job import COMMAND, JobInfo
from sweeper.ranges import SAME_RATE, Cell, Row, SafeRange
from sweeper.recommend._cells import is_better, is_better_across
from sweeper.recommend._compare import comparison_sentence
from sweeper.recommend._script import place_script
from sweeper.recommend._thresholds import DEFAULT, RangeThresholds
from sweeper.recommendation import Comparison, Measure, Recommendation, SizeReached
from sweeper.space import SCRIPT, Space
from sweeper.text import number_text, rate_text

BY_LOSS = Comparison(measure=Measure.LOSS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """A row that could be recommended, with what it reached."""

    row: Row
    safe: SafeRange
    learning_rate: float
    cell: Cell
    """The probed cell that stands for the rate."""
    steps: int

    @property
    def samples(self) -> int:
        """Samples that a probe of the row trained on."""
        return self.steps * self.row.batch_size


def recommend(
    rows: Sequence[Row],
    job: JobInfo,
    space: Space,
    *,
    comparison: Comparison = BY_LOSS,
    thresholds: RangeThresholds = DEFAULT,
) -> Recommendation:
    """The setting to start the long job with, or why there is none; and how the script's own setting does.

    `comparison` says how batch sizes of the map compare.
    """
    script = place_script(rows, job)
    options = [option for row in rows if (option := _option(row, space)) is not None]
    if not options:
        return Recommendation(
            optimizer=None, learning_rate=None, batch_size=None, safe=None, reason=_no_option(rows), script=script
        )
    best = _best_of_sizes(options, job, thresholds)
    chosen = _choose(best, thresholds)
    row, rate = chosen.row, chosen.learning_rate
    return Recommendation(
        optimizer=row.optimizer,
        learning_rate=rate,
        batch_size=row.batch_size,
        safe=chosen.safe,
        well=row.well,
        reason=_why(chosen, options, job, comparison.measure),
        script=script,
        fastest_learning_rate=row.fastest_learning_rate,
        diverges=row.chance_at(rate),
        limit=_limit(row, job),
        comparison=_compared(best, comparison),
    )


def _option(row: Row, space: Space) -> _Option | None:
    rate, safe = row.recommended_learning_rate, row.safe
    if rate is None or safe is None:
        return None
    scored = [cell for cell in row.cells if cell.score is not None and cell.learning_rate <= rate]
    if not scored:
        return None
    return _Option(row=row, safe=safe, learning_rate=rate, cell=scored[-1], steps=space.steps_at(row.batch_size))


def _best_of_sizes(options: Sequence[_Option], job: JobInfo, thresholds: RangeThresholds) -> list[_Option]:
    """The best option of each batch size, those near the script's own first."""
    sizes = sorted({option.row.batch_size for option in options}, key=lambda size: _distance(size, job.batch_size))
    return [
        _best_optimizer([option for option in options if option.row.batch_size == size], thresholds) for size in sizes
    ]


def _choose(best: Sequence[_Option], thresholds: RangeThresholds) -> _Option:
    chosen = best[0]
    for other in best[1:]:
        cheaper = other.steps <= chosen.steps and other.samples <= chosen.samples
        if cheaper and is_better_across(other.cell, chosen.cell, thresholds):
            chosen = other
    return chosen


def _compared(best: Sequence[_Option], comparison: Comparison) -> Comparison | None:
    """The best option of each batch size, the best of them first; None with fewer than two sizes."""
    if len(best) < 2:  # noqa: PLR2004
        return None
    ordered = sorted(best, key=lambda option: (_across(option.cell), option.row.batch_size))
    sizes = tuple(
        SizeReached(
            batch_size=option.row.batch_size,
            optimizer=option.row.optimizer,
            learning_rate=option.cell.learning_rate,
            loss=option.cell.compared,
            steps=option.steps,
            samples=option.samples,
        )
        for option in ordered
    )
    return replace(comparison, sizes=sizes, sentence=comparison_sentence(comparison.measure, comparison.why, sizes))


def _distance(size: int, wanted: int) -> float:
    return abs(math.log(size / wanted))


def _best_optimizer(options: Sequence[_Option], thresholds: RangeThresholds) -> _Option:
    """The option with the lowest loss; on a tie the script's own optimizer, else the widest stable range."""
    lowest = min(options, key=lambda option: _score(option.cell))
    tied = [option for option in options if not is_better(lowest.cell, option.cell, thresholds)]
    return max(tied, key=lambda option: (option.row.optimizer == SCRIPT, option.safe.high / option.safe.low))


def _score(cell: Cell) -> float:
    return math.inf if cell.score is None else cell.score


def _across(cell: Cell) -> float:
    return math.inf if cell.compared is None else cell.compared


def _why(chosen: _Option, options: Sequence[_Option], job: JobInfo, measure: Measure) -> str:
    """Why a setting is recommended: the loss that it reached, and how others compare."""
    loss = f"a loss of {number_text(chosen.cell.score)}{_also(chosen.cell, measure)} after {chosen.steps} steps"
    if math.isclose(chosen.cell.learning_rate, chosen.learning_rate, rel_tol=SAME_RATE):
        reached = f"It reached {loss}"
    else:
        reached = f"The next lower rate that was probed, {rate_text(chosen.cell.learning_rate)}, reached {loss}"
    if _is_own(chosen, job):
        return f"{reached}: your own rate does as well as any stable rate of its row."
    if len(options) == 1:
        return f"{reached}, on the only row with a stable range."
    if measure is Measure.NOTHING:
        return f"{reached}; no other row did better by more than noise on the same batches."
    if min(options, key=lambda option: _across(option.cell)) is chosen:
        what = "" if measure is Measure.LOSS else f" by {measure}"
        return f"{reached}, less{what} than at the recommended rate of any other row."
    return (
        f"{reached}; no other row did better by more than noise on the same batches, or by making no more steps on no "
        "more samples."
    )


def _also(cell: Cell, measure: Measure) -> str:
    """The value that a cell is compared by across batch sizes, in brackets; empty where that is its loss."""
    if measure in {Measure.LOSS, Measure.NOTHING} or cell.compared is None:
        return ""
    return f" ({measure} {number_text(cell.compared)})"


def _is_own(chosen: _Option, job: JobInfo) -> bool:
    """Whether an option is the script's own optimizer at its own rate."""
    own = job.optimizer.learning_rate
    same = own is not None and math.isclose(chosen.learning_rate, own, rel_tol=SAME_RATE)
    return same and chosen.row.optimizer == SCRIPT


def _limit(row: Row, job: JobInfo) -> str:
    """Why the fastest rate of a row is not stable, and what may change that; empty where it is."""
    if row.safe is None or row.fastest_learning_rate is None or not row.is_edge_limited:
        return ""
    how = ", where the program has them" if job.model == COMMAND else ": see --warmup and --clipnorm"
    return (
        f"Limited by the edge: after a probe the loss is lowest at {rate_text(row.fastest_learning_rate)}, above the "
        f"stable range, which ends at {rate_text(row.safe.high)}. A warm-up or clipped gradients may make that rate "
        f"stable{how}."
    )


def _no_option(rows: Sequence[Row]) -> str:
    reasons = dict.fromkeys(row.reason for row in rows)
    if not reasons:
        return "There is no row: the space is empty."
    if len(reasons) == 1:
        return f"No row has a stable range: {next(iter(reasons))}"
    return f"No row has a stable range. {rows[0].optimizer} at batch size {rows[0].batch_size}: {rows[0].reason}"
