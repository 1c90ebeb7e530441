"""Healthy: the loss fell, and nothing else is wrong with the curve."""

import numpy as np

from sweeper.classify._case import Case
from sweeper.classify._signals import Signals, fall
from sweeper.classify._thresholds import VerdictThresholds
from sweeper.robust import NORMAL, Floats
from sweeper.verdict import Evidence


def progress(case: Case) -> Evidence | None:
    """Fires when the loss ends below its initial level by more than noise and by enough to matter."""
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


def spikes(case: Case) -> Evidence | None:
    """Notes single steps far above the steps before them, though not above the initial level."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None:
        return None
    score, at = _spike_score(np.asarray(signals.change), signals, thresholds)
    if len(at) < thresholds.least_spikes or score <= thresholds.spike_share:
        return None
    return Evidence(
        code="spikes",
        measured=score,
        threshold=thresholds.spike_share,
        step=at[0],
        sentence=f"{len(at)} of {case.curve.steps} steps, the first at step {at[0]}, lie more than "
        f"{thresholds.spike_score:g} standard deviations above the steps before them; each time the loss came back.",
    )


def _spike_score(change: Floats, signals: Signals, thresholds: VerdictThresholds) -> tuple[float, tuple[int, ...]]:
    """The share of steps that are spikes, and which they are, counted from 1."""
    past = thresholds.spike_memory
    if change.size <= past:
        return 0.0, ()
    before = np.lib.stride_tricks.sliding_window_view(change[:-1], past)
    level = np.median(before, axis=1)
    spread = NORMAL * np.median(np.abs(before - level[:, None]), axis=1)
    high = change[past:] - level > np.maximum(thresholds.spike_score * spread, signals.least_fall)
    return float(high.mean()), tuple(int(step) for step in np.flatnonzero(high) + past + 1)


def impossible_loss(case: Case) -> Evidence | None:
    """Notes a loss lower than its kind of loss can be."""
    least, losses = case.context.least_loss, case.curve.train_loss
    if least is None or min(losses) >= least:
        return None
    step = next(step for step, value in enumerate(losses, start=1) if value < least)
    return Evidence(
        code="impossible_loss",
        measured=min(losses),
        threshold=least,
        step=step,
        sentence=f"The loss falls to {min(losses):.3g}, first below {least:g} at step {step}; a loss of this kind "
        "cannot. Look for labels outside its range: falling further is no progress.",
    )
