"""What a warm-up or clipping does to a row: where it fails, what loss it reaches, and whether that is worth it."""

import math
from collections.abc import Sequence

import numpy as np

from sweeper.followup import FollowUp, Purpose, Remedy
from sweeper.ranges import Cell, EdgeKind, Row
from sweeper.recommend._cells import TRAINABLE
from sweeper.recommend._follow_ups import DEFAULT_FOLLOW_UPS, FollowUpThresholds
from sweeper.recommend._thresholds import DEFAULT, Thresholds
from sweeper.text import rate_text
from sweeper.verdict import Judged


def clip_norm(
    judged: Sequence[Judged], rate: float, *, thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS
) -> float | None:
    """The norm to clip to, from the probe nearest to a rate of those of a row that train; None without norms."""
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
    numbers: Thresholds = DEFAULT,
    thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS,
) -> Remedy:
    """What a row gains.

    Args:
        follow_up: What was probed.
        before: The row of the map.
        after: The same row with the remedy.
        judged: The probes of the row `after`.
        own_rate: The script's rate, where `before` is its own row.
        numbers: When a loss counts as lower.
        thresholds: The numbers of follow-ups.
    """
    best_before, best_after = _best_safe(before), _best_safe(after)
    lower = best_after is not None and best_before is not None and _is_lower(best_after, best_before, numbers)
    saves_own = own_rate is not None and _is_safe(own_rate, after) and not _is_safe(own_rate, before)
    helps = lower or saves_own or (best_after is not None and best_before is None)
    clipped = _clipped(follow_up, after, judged)
    edges = _edge(before), _edge(after)
    found = _edge_words(edges, after, thresholds), _loss_words(best_before, best_after, lower, follow_up)
    own = f" Your {rate_text(own_rate)} is safe with it." if saves_own and own_rate is not None else ""
    said = _sentence(follow_up, after, " and ".join(found), helps=helps)
    return Remedy(
        purpose=follow_up.purpose,
        sentence=f"{said}{own}{_clipped_words(clipped, thresholds)}",
        value=follow_up.value,
        optimizer=before.optimizer,
        label=after.optimizer,
        batch_size=after.batch_size,
        edge_before=edges[0],
        edge_after=edges[1],
        loss_before=None if best_before is None else best_before.score,
        loss_after=None if best_after is None else best_after.score,
        clipped=clipped,
        helps=helps,
        row=after,
    )


def remedy_name(purpose: Purpose, value: float | None) -> str:
    """A remedy with its value, as the subject of a sentence."""
    if purpose is Purpose.WARMUP:
        return "Warm-up" if value is None else f"Warm-up over {value:.0f} steps"
    return "Clipping" if value is None else f"Clipping gradients to a global norm of {value:g}"


def _norms_near(judged: Sequence[Judged], rate: float) -> np.ndarray | None:
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
    """The part of the updates that are clipped at the rate to start with."""
    rate = after.recommended_learning_rate
    if follow_up.purpose is not Purpose.CLIPNORM or rate is None or follow_up.value is None:
        return None
    norms = _norms_near(judged, rate)
    return None if norms is None else float((norms > follow_up.value).mean())


def _edge(row: Row) -> float | None:
    return next((edge.high for edge in row.edges if edge.kind is EdgeKind.DIVERGES), None)


def _is_safe(rate: float, row: Row) -> bool:
    return row.safe is not None and row.safe.low <= rate <= row.safe.high


def _best_safe(row: Row) -> Cell | None:
    """The safe cell with the lowest final loss."""
    if row.safe is None:
        return None
    inside = [cell for cell in row.cells if row.safe.low <= cell.learning_rate <= row.safe.high]
    return min((cell for cell in inside if cell.score is not None), key=_score, default=None)


def _score(cell: Cell) -> float:
    return math.inf if cell.score is None else cell.score


def _is_lower(one: Cell, other: Cell, numbers: Thresholds) -> bool:
    """Whether the loss of `one` is lower by more than chance and by enough to matter, as in the recommendation."""
    error = math.hypot(one.score_error or 0.0, other.score_error or 0.0)
    return _score(one) < _score(other) - max(numbers.tie_errors * error, numbers.tie_share * abs(_score(one)))


def _edge_words(edges: tuple[float | None, float | None], after: Row, thresholds: FollowUpThresholds) -> str:
    low, high = edges
    if low is not None and high is not None:
        gain = high / low
        if max(gain, 1 / gain) < thresholds.edge_moved:
            return f"leaves the edge where it is, near {rate_text(low)}"
        down = "" if gain > 1 else "down "
        return f"moves the edge {down}from {rate_text(low)} to {rate_text(high)} ({gain:.2g}x)"
    if high is not None:
        return f"brings an edge at {rate_text(high)}, where no rate failed without it"
    if low is None:
        return "changes no edge, since no rate fails without it either"
    top = max((cell.learning_rate for cell in after.cells), default=low)
    return f"moves the edge from {rate_text(low)} to above {rate_text(top)}"


def _loss_words(before: Cell | None, after: Cell | None, lower: bool, follow_up: FollowUp) -> str:  # noqa: FBT001  a fact
    when = f"after {follow_up.space.steps[0]} steps"
    if after is None:
        return "leaves no rate safe"
    if before is None:
        return f"makes rates safe where none was; their lowest loss {when} is {_score(after):.4g}"
    change = f"from {_score(before):.4g} to {_score(after):.4g}"
    if lower:
        return f"lowers the loss {when} {change}"
    return f"does not lower the loss {when} beyond chance ({change})"


def _sentence(follow_up: FollowUp, after: Row, said: str, *, helps: bool) -> str:
    what = remedy_name(follow_up.purpose, follow_up.value)
    if not helps:
        return f"{what} does not help: it {said}."
    rate = "" if after.recommended_learning_rate is None else f" Start at {rate_text(after.recommended_learning_rate)}."
    return f"{what} {said}.{rate}"


def _clipped_words(clipped: float | None, thresholds: FollowUpThresholds) -> str:
    if clipped is None or clipped <= thresholds.clipped_much:
        return ""
    return f" It clips {clipped:.0%} of the updates there, which is only another way to lower the rate."
