"""Diverged: the loss rose above its initial level, lost its progress, or keeps jumping above its start."""

from itertools import dropwhile

import numpy as np

from sweeper.classify._case import Case
from sweeper.classify._signals import QUARTERS, Signals, still_falls
from sweeper.classify._thresholds import VerdictThresholds
from sweeper.curve import StopReason
from sweeper.robust import effective_size
from sweeper.verdict import Evidence


def stopped(case: Case) -> Evidence | None:
    """Fires when the probe was ended early because its loss had blown up."""
    if case.curve.stopped_early is None:
        return None
    losses = case.curve.train_loss
    what = "blown up" if case.curve.stopped_early is StopReason.BLOWN_UP else "become NaN or infinite"
    return Evidence(
        code="stopped_early",
        measured=losses[-1] if losses else float("nan"),
        threshold=losses[0] if losses else float("nan"),
        step=case.curve.steps,
        sentence=f"The probe was ended at step {case.curve.steps} because the loss had {what}.",
    )


def above_start(case: Case) -> Evidence | None:
    """Fires when the curve ends above its initial level by more than noise."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None:
        return None
    rise, limit = rise_and_limit(case, signals)
    if rise is None or rise <= limit:
        return None
    return Evidence(
        code="above_start",
        measured=rise,
        threshold=limit,
        step=case.curve.steps,
        sentence=f"The loss ends {rise:.3g} above its initial level of {signals.start:.4g}; "
        f"{limit:.2g} is the most that is harmless."
        + (" It still falls: a longer probe (--steps) may see it recover." if still_falls(signals, thresholds) else ""),
    )


def lost_progress(case: Case) -> Evidence | None:
    """Fires when most of a real improvement was given back and not regained."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None:
        return None
    gain, lost = -signals.best, signals.end - signals.best
    limit = thresholds.lost_share * gain + thresholds.drop_errors * signals.calm_error
    if gain <= max(signals.least_gain, thresholds.rise_errors * signals.calm_error) or lost <= limit:
        return None
    return Evidence(
        code="lost_progress",
        measured=lost,
        threshold=limit,
        step=signals.best_step,
        sentence=f"The loss had fallen by {gain:.3g} around step {signals.best_step} and gave {lost:.3g} of it back.",
    )


def spiking(case: Case) -> Evidence | None:
    """Fires when single steps keep jumping above the initial level until the end."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None:
        return None
    limit = spike_limit(signals, thresholds)
    late = signals.change[-max(1, len(signals.change) // QUARTERS) :]
    # What is still high when the last quarter begins is an early bump on its way down, not a spike.
    spikes = sum(value > limit for value in dropwhile(lambda value: value > limit, late))
    if spikes < thresholds.least_spikes or spikes <= thresholds.spike_share * len(late):
        return None
    return Evidence(
        code="spiking",
        measured=spikes / len(late),
        threshold=thresholds.spike_share,
        step=None,
        sentence=f"{spikes} of the last {len(late)} steps jump above the initial loss of their batch.",
    )


def unstable(case: Case) -> Evidence | None:
    """Notes a jump above the initial level from which the loss recovered."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None:
        return None
    step = int(np.argmax(signals.change)) + 1
    highest = signals.change[step - 1]
    limit = spike_limit(signals, thresholds)
    if highest <= limit:
        return None
    return Evidence(
        code="unstable",
        measured=highest,
        threshold=limit,
        step=step,
        sentence=f"Unstable: at step {step} the loss was {highest:.3g} above its batch's initial loss; it recovered.",
    )


def rise_and_limit(case: Case, signals: Signals) -> tuple[float | None, float]:
    """How far a curve rose above its initial level, None where that may be noise; and the largest harmless rise.

    A whole curve is judged by its end, a beginning by its latest steps, since it is still on its way.
    """
    thresholds = case.thresholds
    if case.is_beginning:
        is_real = signals.latest > thresholds.rise_errors * signals.latest_error or _stays_high(signals, thresholds)
        return (signals.latest if is_real else None), thresholds.small_rise * abs(signals.start)
    is_real = signals.end > thresholds.rise_errors * signals.calm_error or _stays_high(signals, thresholds)
    if is_real and signals.end > signals.least_rise:
        return signals.end, signals.least_rise
    swings = signals.high_steps >= thresholds.swing_steps
    is_real = signals.mean > thresholds.rise_errors * signals.calm_error
    return (signals.mean if swings and is_real else None), signals.least_rise


def _stays_high(signals: Signals, thresholds: VerdictThresholds) -> bool:
    """Whether so many late steps are high that chance hardly explains it."""
    number = len(signals.change) // 2
    not_high = sum(value <= signals.least_rise for value in signals.change[-number:]) if number else 0
    is_far = signals.start_error == 0.0 or signals.steady > thresholds.far_rise * abs(signals.start)
    most = thresholds.far_chance if is_far else thresholds.high_chance
    return (1 + not_high) / (1 + effective_size(number, signals.autocorrelation)) <= most


def spike_limit(signals: Signals, thresholds: VerdictThresholds) -> float:
    """The rise of a single step from which it is neither noise nor harmless."""
    noise = float(np.hypot(signals.noise, signals.start_error))
    return max(thresholds.spike * abs(signals.start), thresholds.spike_noise * noise)
