"""Overfit: the validation loss rises from its minimum while the training loss goes on falling."""

import math
from dataclasses import dataclass

import numpy as np

from sweeper.classify._case import Case
from sweeper.robust import jitter, median_error, running_median
from sweeper.verdict import Evidence

CONFIRMED = 2
"""Consecutive checkpoints that must show the rise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rise:
    """The end of the validation loss and its minimum."""

    lowest: float
    lowest_step: int
    end: float
    limit: float


def overfit(case: Case) -> Evidence | None:
    """Fires when overfitting can be judged and the validation loss ends clearly above its minimum."""
    if not_testable(case) is not None:
        return None
    rise = _validation_rise(case)
    if rise.end <= rise.lowest + rise.limit or not _training_fell(case, since=rise.lowest_step):
        return None
    return Evidence(
        code="validation_rise",
        measured=rise.end - rise.lowest,
        threshold=rise.limit,
        step=rise.lowest_step,
        sentence=f"The validation loss was lowest, {rise.lowest:.4g}, at step {rise.lowest_step} and ends at "
        f"{rise.end:.4g}, while the training loss went on falling.",
    )


def not_testable(case: Case) -> Evidence | None:
    """Notes why overfitting cannot be judged; None when it can."""
    thresholds, points = case.thresholds, _points(case)
    passes = _passes_made(case)
    if points < thresholds.overfit_points:
        return _untestable(float(points), thresholds.overfit_points, f"{points} usable validation points")
    if passes is None:
        return _untestable(math.nan, thresholds.overfit_passes, "an unknown number of passes over the samples")
    if passes < thresholds.overfit_passes:
        return _untestable(passes, thresholds.overfit_passes, f"{passes:.2g} passes over the samples")
    return None


def _untestable(measured: float, threshold: float, seen: str) -> Evidence:
    return Evidence(
        code="overfit_not_testable",
        measured=measured,
        threshold=float(threshold),
        step=None,
        sentence=f"Overfitting cannot be judged: {seen}; at least {threshold:g} are needed.",
    )


def _points(case: Case) -> int:
    finite = all(math.isfinite(loss) for loss in case.curve.val_loss)
    return len(case.curve.val_loss) if finite and case.context.val_samples > 0 else 0


def _passes_made(case: Case) -> float | None:
    passes = case.context.passes
    return None if passes is None else passes * case.curve.steps / case.context.planned_steps


def _validation_rise(case: Case) -> _Rise:
    thresholds = case.thresholds
    losses = np.asarray(case.curve.val_loss, dtype=np.float64)
    window = max(CONFIRMED, int(losses.size * thresholds.overfit_tail))
    ends, levels = running_median(losses, window)
    lowest = int(levels.argmin())
    error = median_error(jitter(losses), window)
    return _Rise(
        lowest=float(levels[lowest]),
        lowest_step=case.curve.val_steps[int(ends[lowest]) - 1],
        end=float(min(levels[-1], losses[-CONFIRMED:].min())),
        limit=max(
            thresholds.overfit_least_rise * abs(float(levels[lowest])),
            thresholds.overfit_rise * float(losses[0] - levels[lowest]),
            thresholds.overfit_errors * error,
        ),
    )


def _training_fell(case: Case, *, since: int) -> bool:
    """Whether the training loss ends below where it was at step `since`, by more than noise."""
    signals = case.signals
    if signals is None:
        return False
    around = signals.change[max(0, since - signals.window) : max(since, signals.window)]
    return signals.end < float(np.median(around)) - case.thresholds.overfit_errors * signals.error
