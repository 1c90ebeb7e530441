"""Diverged: the loss rose above its initial level, lost its progress, or keeps jumping above its start."""

from itertools import dropwhile

import numpy as np

from sweeper.classify._case import Case
from sweeper.classify._signals import QUARTERS, Signals, moves
from sweeper.classify._thresholds import Thresholds
from sweeper.curve import StopReason
from sweeper.verdict import Evidence


def stopped(case: Case) -> Evidence | None:
    """Fires when the probe was ended because its loss had blown up."""
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
    """Fires when the end of the curve lies above the initial level by more than noise."""
    signals, thresholds = case.signals, case.thresholds
    if signals is None or not ends_high(signals, thresholds):
        return None
    return Evidence(
        code="above_start",
        measured=signals.end,
        threshold=signals.least_rise,
        step=case.curve.steps,
        sentence=f"The loss ends {signals.end:.3g} above its initial level of {signals.start:.4g}; "
        f"{signals.least_rise:.2g} is the most that is harmless."
        + (" It still falls: a longer probe (--steps) may see it recover." if moves(signals, thresholds) else ""),
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
    """Notes a rise above the initial level that was recovered from."""
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


def ends_high(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the end lies so high that it is neither noise nor harmless.

    Noise is excluded by the size of the rise, or, when the loss swings, by almost every late step being high.
    """
    if signals.end <= signals.least_rise:
        return False
    late = signals.change[len(signals.change) // 2 :]
    high = sum(value > signals.least_rise for value in late)
    return signals.end > thresholds.rise_errors * signals.calm_error or (
        high >= max(thresholds.least_high_steps, thresholds.high_share * len(late))
    )


def spike_limit(signals: Signals, thresholds: Thresholds) -> float:
    """The least rise of a single step that is neither noise nor harmless."""
    return max(thresholds.spike * abs(signals.start), thresholds.spike_noise * signals.noise)
