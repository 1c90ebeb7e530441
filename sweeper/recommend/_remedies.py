"""What a warm-up or clipping does to a row: where it fails, how far it is stable, what loss it reaches.

The probes of both rows saw the same batches in the same order, so final losses are compared batch by batch: the
difficulty of single batches cancels, as it does against a null curve.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sweeper.curve import Curve
from sweeper.followup import FollowUp, Purpose, Remedy
from sweeper.ranges import TRAINABLE, Cell, Row
from sweeper.recommend._follow_ups import DEFAULT_FOLLOW_UPS, FollowUpThresholds
from sweeper.recommend._remedy_words import remedy_sentence
from sweeper.recommend._thresholds import DEFAULT, RangeThresholds
from sweeper.robust import Floats, median_error, spread, tail_length
from sweeper.verdict import Judged


def clip_norm(
    judged: Sequence[Judged], rate: float, *, thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS
) -> float | None:
    """The norm to clip gradients to, from the training probe nearest to a rate; None where no norms were recorded."""
    norms = _norms_near(judged, rate)
    if norms is None:
        return None
    norm = float(f"{np.quantile(norms, thresholds.clip_quantile):.2g}")
    return norm if norm > 0 else None


def read_remedy(
    follow_up: FollowUp,
    *,
    before: Row,
    after: Row,
    judged: Sequence[Judged],
    own_rate: float | None = None,
    thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS,
) -> Remedy:
    """What a remedy does to a row, with the sentence that says so.

    Args:
        follow_up: What was probed.
        before: The row of the map.
        after: The same row with the remedy.
        judged: The probes of both rows.
        own_rate: The script's rate, where `before` is its own row.
        thresholds: The numbers of follow-ups.
    """
    best = _best_stable(before), _best_stable(after)
    lower = _is_lower(before, after, judged)
    saves_own = own_rate is not None and _is_stable(own_rate, after) and not _is_stable(own_rate, before)
    remedy = Remedy(
        purpose=follow_up.purpose,
        sentence="",
        value=follow_up.value,
        optimizer=before.optimizer,
        label=after.optimizer,
        batch_size=after.batch_size,
        edge_before=before.failing_rate,
        edge_after=after.failing_rate,
        safe_before=None if before.safe is None else before.safe.high,
        safe_after=None if after.safe is None else after.safe.high,
        loss_before=None if best[0] is None else best[0].score,
        loss_after=None if best[1] is None else best[1].score,
        clipped=_clipped(follow_up, after, judged),
        helps=lower or saves_own or (before.safe is None and after.safe is not None),
        row=after,
    )
    steps, saved = follow_up.space.steps[0], own_rate if saves_own else None
    return remedy_sentence(remedy, lower=lower, own_rate=saved, steps=steps, thresholds=thresholds)


def _norms_near(judged: Sequence[Judged], rate: float) -> Floats | None:
    """The finite gradient norms of the probe nearest to a rate among those that train; None without such a probe."""
    found = []
    for one in judged:
        probe, curve = one.outcome.probe, one.outcome.curve
        trains = one.verdict is not None and one.verdict.label in TRAINABLE
        if trains and curve is not None and curve.gradient_norm and not probe.is_null:
            norms = np.asarray(curve.gradient_norm, dtype=np.float64)
            found.append((abs(math.log(probe.learning_rate / rate)), probe.seed, norms[np.isfinite(norms)]))
    _, _, nearest = min(found, key=lambda item: item[:2], default=(0.0, 0, np.empty(0)))
    return nearest if nearest.size else None


def _clipped(follow_up: FollowUp, after: Row, judged: Sequence[Judged]) -> float | None:
    """The share of updates that are clipped at the recommended rate; None without clipping or norms."""
    rate = after.recommended_learning_rate
    if follow_up.purpose is not Purpose.CLIPNORM or rate is None or follow_up.value is None:
        return None
    norms = _norms_near([one for one in judged if one.outcome.probe.optimizer == after.optimizer], rate)
    return None if norms is None else float((norms > follow_up.value).mean())


def _is_stable(rate: float, row: Row) -> bool:
    return row.safe is not None and row.safe.holds(rate)


def _best_stable(row: Row) -> Cell | None:
    """The cell in the stable range with the lowest final loss; None without any."""
    scored = [cell for cell in row.cells if cell.score is not None and _is_stable(cell.learning_rate, row)]
    return min(scored, key=lambda cell: math.inf if cell.score is None else cell.score, default=None)


def _is_lower(before: Row, after: Row, judged: Sequence[Judged], numbers: RangeThresholds = DEFAULT) -> bool:
    """Whether the best stable rate ends lower with a remedy, by more than chance and by enough to matter."""
    one, other = _best_stable(before), _best_stable(after)
    if one is None or other is None or other.score is None:
        return False
    pairs = _tails(before.optimizer, one, judged, numbers), _tails(after.optimizer, other, judged, numbers)
    shared = sorted(pairs[0].keys() & pairs[1].keys())
    if not shared:
        return False
    fall = np.concatenate([pairs[0][seed] - pairs[1][seed] for seed in shared])
    error = median_error(spread(fall), fall.size) if fall.size > 1 else 0.0
    return float(np.median(fall)) > max(numbers.tie_errors * error, numbers.tie_share * abs(other.score))


def _tails(label: str, cell: Cell, judged: Sequence[Judged], numbers: RangeThresholds) -> Mapping[int, Floats]:
    """The last losses of the probes at a rate, by seed."""
    found = {}
    for one in judged:
        probe, curve = one.outcome.probe, one.outcome.curve
        if (probe.optimizer, probe.learning_rate) == (label, cell.learning_rate) and curve is not None:
            found[probe.seed] = _tail(curve, numbers)
    return found


def _tail(curve: Curve, numbers: RangeThresholds) -> Floats:
    window = tail_length(curve.steps, share=numbers.score_share, least=numbers.score_steps)
    return np.asarray(curve.train_loss[-window:], dtype=np.float64)
