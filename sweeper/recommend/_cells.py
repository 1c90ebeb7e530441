"""From the probes of one row to its cells: what the seeds say together at each learning rate."""

import math
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sweeper.curve import Curve
from sweeper.probe import OutcomeKind
from sweeper.ranges import TRAINABLE, Cell
from sweeper.recommend._compare import end_validation
from sweeper.recommend._thresholds import Thresholds
from sweeper.robust import jitter, median_error, tail_length, tail_level
from sweeper.verdict import DATA_FAULT, Judged, Label, Verdict

WORST_FIRST = (Label.DIVERGED, Label.STALLED, Label.INCONCLUSIVE, Label.OVERFIT, Label.HEALTHY)
UNSTABLE = "unstable"
"""Code of the note that the loss jumped above its start before it fell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A cell with what the choice of a safe range needs besides."""

    cell: Cell
    failing: int
    """Probes that diverged or broke the model."""
    unstable: int
    """Probes whose loss jumped above its start before it fell."""
    data_fault: bool
    """Whether every curve is not finite even without an update."""
    verdict: Verdict | None
    """One that speaks for the cell: of those with its label the one of the commonest rule."""
    validation: tuple[float, float] | None = None
    """The validation loss at the end with its standard error, over the seeds of the score; None without one."""
    broken: bool = False
    """Whether in every curve an update made weights NaN although the loss was finite and had not risen."""

    @property
    def trainable(self) -> bool:
        """Whether most seeds train at this rate."""
        return self.cell.label in TRAINABLE


def columns(judged: Iterable[Judged], *, thresholds: Thresholds) -> tuple[Column, ...]:
    """The columns of one row by ascending rate; null probes are left out.

    Final losses are of the seeds that all rates have had: another one starts from other weights and samples.
    """
    probes = sorted((item for item in judged if not item.outcome.probe.is_null), key=_rate)
    cells = {rate: tuple(items) for rate, items in groupby(probes, key=_rate)}
    seeds = [{item.outcome.probe.seed for item in items if item.outcome.curve is not None} for items in cells.values()]
    shared = set[int].intersection(*(some for some in seeds if some)) if any(seeds) else set()
    return tuple(_column(rate, items, shared, thresholds=thresholds) for rate, items in cells.items())


def _rate(item: Judged) -> float:
    return item.outcome.probe.learning_rate


def _column(rate: float, items: Sequence[Judged], shared: Collection[int], *, thresholds: Thresholds) -> Column:
    verdicts = [item.verdict for item in items if item.verdict is not None]
    comparable = [item.outcome for item in items if not shared or item.outcome.probe.seed in shared]
    curves = [outcome.curve for outcome in comparable if outcome.curve is not None]
    label, agreeing = _majority([verdict.label for verdict in verdicts])
    score, error = _score(curves, thresholds)
    return Column(
        cell=Cell(
            learning_rate=rate,
            label=label,
            agreeing=agreeing,
            judged=len(verdicts),
            failed=None if verdicts else _ended(items),
            score=score,
            score_error=error,
        ),
        failing=sum(verdict.is_failure for verdict in verdicts),
        unstable=sum(any(note.code == UNSTABLE for note in verdict.evidence[1:]) for verdict in verdicts),
        data_fault=bool(verdicts) and all(verdict.evidence[0].code == DATA_FAULT for verdict in verdicts),
        verdict=_speaker([verdict for verdict in verdicts if verdict.label is label]),
        validation=end_validation(curves),
        broken=bool(verdicts) and all(_is_broken(item) for item in items if item.verdict is not None),
    )


def _speaker(verdicts: Sequence[Verdict]) -> Verdict | None:
    """A verdict whose deciding rule is the commonest of them, the first by name on a tie."""
    counts = Counter(verdict.evidence[0].code for verdict in verdicts)
    return min(verdicts, key=lambda one: (-counts[one.evidence[0].code], one.evidence[0].code), default=None)


def is_better(one: Cell, other: Cell, thresholds: Thresholds) -> bool:
    """Whether the final loss of `one` is lower by more than chance and by enough to matter; one without it is not.

    Both are of one batch size.
    """
    return _is_lower((one.score, one.score_error), (other.score, other.score_error), thresholds)


def is_better_across(one: Cell, other: Cell, thresholds: Thresholds) -> bool:
    """The same for cells of any batch sizes, by what these compare by; where they do not compare, none is better."""
    return one.compared is not None and _is_lower(
        (one.compared, one.compared_error), (other.compared, other.compared_error), thresholds
    )


def _is_lower(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], thresholds: Thresholds
) -> bool:
    """The same for two levels with their errors."""
    if one[0] is None or other[0] is None:
        return other[0] is None and one[0] is not None
    error = math.hypot(one[1] or 0.0, other[1] or 0.0)
    tie = max(thresholds.tie_errors * error, thresholds.tie_share * abs(one[0]))
    return one[0] < other[0] - tie


def _is_broken(item: Judged) -> bool:
    return item.outcome.curve is not None and item.outcome.curve.broken_by_update


def _majority(labels: Sequence[Label]) -> tuple[Label | None, int]:
    """The commonest label, the worse one on a tie, and how many share it."""
    if not labels:
        return None, 0
    counts = Counter(labels)
    label = max(WORST_FIRST, key=lambda label: counts[label])
    return label, counts[label]


def _ended(items: Sequence[Judged]) -> OutcomeKind:
    return Counter(item.outcome.kind for item in items).most_common(1)[0][0]


def _score(curves: Sequence[Curve], thresholds: Thresholds) -> tuple[float | None, float | None]:
    """The median final loss of the curves and its standard error; None unless every one is finite."""
    share, least = thresholds.score_share, thresholds.score_steps
    levels = [tail_level(curve.train_loss, share=share, least=least) for curve in curves]
    if not levels or not all(math.isfinite(level) for level in levels):
        return None, None
    errors = [_error(curve, tail_length(curve.steps, share=share, least=least)) for curve in curves]
    return statistics.median(levels), statistics.median(errors) / len(errors) ** 0.5


def _error(curve: Curve, window: int) -> float:
    tail = np.asarray(curve.train_loss[-2 * window :], dtype=np.float64)
    return median_error(jitter(tail), window) if np.isfinite(tail).all() else 0.0
