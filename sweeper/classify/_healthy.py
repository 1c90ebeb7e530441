"""Healthy: the loss fell, and nothing else is wrong with the curve."""

from sweeper.classify._case import Case
from sweeper.classify._signals import fall
from sweeper.verdict import Evidence


def progress(case: Case) -> Evidence | None:
    """Fires when the loss ends lower than it began by more than noise and by enough to matter."""
    signals = case.signals
    if signals is None:
        return None
    seen = fall(signals, case.thresholds)
    limit = max(signals.least_fall, seen.doubt)
    if seen.size <= 0 or seen.size < limit:
        return None
    return Evidence(
        code="progress",
        measured=seen.size,
        threshold=limit,
        step=case.curve.steps,
        sentence=f"The loss fell by {seen.size:.3g} from {signals.start:.4g}; {limit:.2g} is progress beyond noise.",
    )
