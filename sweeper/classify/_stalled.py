"""Stalled: the loss did not fall enough to call it training.

How the curve is flat shows whether the rate is too slow or the model does not learn at all: a fall that is real but
tiny will grow with the rate; a loss that no update changes, or that rests at the best constant, will not.
"""

import numpy as np

from sweeper.classify._case import Case
from sweeper.classify._diverged import unstable
from sweeper.classify._signals import Fall, Signals, fall, rests, still_falls
from sweeper.robust import tail_length
from sweeper.verdict import BROKEN, Evidence


def zero_loss(case: Case) -> Evidence | None:
    """Fires when the loss is exactly zero in the first batches, so that nothing can be learnt."""
    first = case.curve.train_loss[: case.thresholds.least_steps]
    if not first or any(loss != 0.0 for loss in first):
        return None
    return Evidence(
        code="zero_loss",
        measured=0.0,
        threshold=0.0,
        step=1,
        sentence=f"The loss is exactly 0 in the first {len(first)} batches: the loss and the last layer do not fit "
        "together, or there is nothing to learn.",
    )


def frozen(case: Case) -> Evidence | None:
    """Fires when no update changed the loss in any digit."""
    signals = case.signals
    if signals is None or any(value != signals.change[0] for value in signals.change):
        return None
    return Evidence(
        code="frozen",
        measured=0.0,
        threshold=0.0,
        step=case.curve.steps,
        sentence=f"{case.curve.steps} steps did not change the loss in any digit: no gradient reaches the weights, "
        "or the updates are lost in rounding.",
    )


def broken(case: Case) -> Evidence | None:
    """Fires when the loss jumped and then came to rest with little gain: the rate is too high, not too low."""
    signals, thresholds = case.signals, case.thresholds
    jump = unstable(case)
    if signals is None or jump is None or still_falls(signals, thresholds):
        return None
    seen = fall(signals, thresholds)
    limit = thresholds.spike * abs(signals.start)
    if seen.size >= limit:
        return None
    return Evidence(
        code=BROKEN,
        measured=seen.size,
        threshold=limit,
        step=jump.step,
        sentence=f"The loss jumped by {jump.measured:.3g} at step {jump.step} and came to rest {-seen.size:+.2g} from "
        f"its initial level of {signals.start:.4g}: the rate broke the model.",
    )


def at_constant(case: Case) -> Evidence | None:
    """Fires when the loss came to rest at that of the best constant predictor, and did not begin there."""
    signals, constant, thresholds = case.signals, case.context.constant_loss, case.thresholds
    if signals is None or constant is None or still_falls(signals, thresholds) or not rests(signals, thresholds):
        return None
    margin = thresholds.constant_margin * abs(constant)
    limit = max(margin, thresholds.drop_errors * signals.loss_error)
    if abs(signals.start - constant) <= margin or limit > thresholds.constant_doubt * abs(constant):
        return None
    if abs(signals.loss - constant) > limit:
        return None
    return Evidence(
        code="constant_predictor",
        measured=signals.loss,
        threshold=constant + limit,
        step=case.curve.steps,
        sentence=f"The loss rests at {signals.loss:.4g}; always predicting the same gives {constant:.4g}.",
    )


def no_progress(case: Case) -> Evidence | None:
    """Fires when the fall is certainly too small; on a beginning, when it will certainly stay too small."""
    signals = case.signals
    if signals is None:
        return None
    seen = fall(signals, case.thresholds)
    size, stays_small = (
        (-signals.outlook, _will_stay_small(signals)) if case.is_beginning else (seen.size, _is_small(signals, seen))
    )
    if not stays_small:
        return None
    code, words = _kind(case, signals, seen)
    return Evidence(
        code=code,
        measured=size,
        threshold=signals.least_fall,
        step=case.curve.steps,
        sentence=f"{words} It changed by {-seen.size:+.2g} from {signals.start:.4g}; "
        f"a fall of {signals.least_fall:.2g} would be progress.",
    )


def _is_small(signals: Signals, seen: Fall) -> bool:
    undecided = seen.doubt > signals.least_fall and seen.size + seen.doubt >= signals.least_fall
    return not undecided and not 0 < seen.size >= signals.least_fall


def _will_stay_small(signals: Signals) -> bool:
    """Whether the planned steps will more probably bring a small fall than progress, and noise does not hide that."""
    return signals.outlook_error <= signals.least_fall and -signals.outlook < signals.least_fall


def _kind(case: Case, signals: Signals, seen: Fall) -> tuple[str, str]:
    constant = case.context.constant_loss
    if _has_no_gradient(case):
        return "no_gradient", "The gradient is as good as zero: nothing reaches the weights."
    if seen.size > seen.doubt:
        return "too_slow", "The loss falls, but too slowly to matter so far."
    if constant is not None and signals.start < constant - max(seen.doubt, signals.least_gain):
        return "at_floor", f"The loss begins well below the best constant's {constant:.4g}: trained before."
    return "flat", "The loss is flat so far."


def _has_no_gradient(case: Case) -> bool:
    """Whether the gradient norm was measured and ends at zero, compared with its maximum."""
    norms = np.asarray(case.curve.gradient_norm, dtype=np.float64)
    if not norms.size or not np.isfinite(norms).all():
        return False
    last = norms[-tail_length(norms.size, share=case.thresholds.tail_share, least=case.thresholds.tail_steps) :]
    return float(np.median(last)) <= case.thresholds.dead_gradient * float(norms.max())
