"""The measurements on a curve, made once for all rules.

The heart of it is `change`: the loss of each step minus the loss of the same batch with no update at all (the null
curve). The difficulty of single batches cancels, so a change of a few percent shows within a few dozen steps. Without
a null curve the change is taken from the first loss, and all noise from the curve's own scatter.

The losses of neighbouring steps may be correlated: smoothed losses are, and those of sorted data. So errors use the
effective sample size.
"""

from dataclasses import dataclass

import numpy as np

from sweeper.classify._thresholds import VerdictThresholds
from sweeper.robust import (
    Floats,
    autocorrelation,
    distinct,
    effective_size,
    median,
    median_error,
    noise_floor,
    running_median,
    scatter,
    tail_length,
    trend,
)

QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How far the loss fell from its initial level, and how surely."""

    size: float
    """Negative when the loss rose."""
    doubt: float
    """Half the width of the interval that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """The measurements on a curve whose losses are all finite. Levels are relative to the initial level."""

    start: float
    """Initial level: the loss before any update."""
    change: tuple[float, ...]
    """Loss of each step minus that of the same batch without updates."""
    noise: float
    """Standard deviation of `change` without training; from the curve's own jitter when not measured otherwise."""
    start_error: float
    """Standard error that the initial level brings into `change`; 0 when the null curve has a loss for each batch."""
    autocorrelation: float
    """Correlation of neighbouring values of `change`; 0 where they are independent."""
    window: int
    """Steps in a window of the running medians."""
    end: float
    """Median of the last values of `change`; negative is progress."""
    mean: float
    """Mean of the values that `end` is the median of, with spikes cut off."""
    high_steps: int
    """How many of the values that `end` is the median of lie above `least_rise`."""
    error: float
    """Standard error of `end`."""
    steady: float
    """Median of the change over the last half: less noise than `end`, for curves that are flat there."""
    steady_error: float
    calm_error: float
    """Standard error that `end` would have without training. Training that swings makes `error` larger than this."""
    latest: float
    """Median of the last tenth of the steps, however few: the level that a beginning has reached."""
    latest_error: float
    """Standard error that `latest` would have without training."""
    outlook: float
    """What `end` will be after the planned steps, if the loss goes on as it did, ever more slowly."""
    outlook_error: float
    best: float
    """Lowest running median of the change."""
    best_step: int
    pace: float
    """Fall of the loss from the third quarter of the steps to the last one."""
    pace_error: float
    loss: float
    """Median of the last losses themselves, not compared with their batches."""
    loss_error: float
    least_fall: float
    """The least fall that counts as progress."""
    least_rise: float
    """The least rise that counts as harm."""
    least_gain: float
    """The least progress that counts as lost when it is given back."""


def measure(
    losses: Floats,
    baseline: Floats | None,
    *,
    planned_steps: int,
    known_noise: float | None,
    same_batches: bool,
    thresholds: VerdictThresholds,
) -> Signals:
    """Measures finite losses, at least one; `baseline` are the finite losses of the null curve, if there is one.

    `same_batches` says whether both trained on the same batches; where not, only level and noise of the baseline count.
    """
    paired = same_batches and baseline is not None and baseline.size >= losses.size
    start = float(losses[0]) if baseline is None else median(baseline)
    change = losses - (baseline[: losses.size] if paired and baseline is not None else start)
    window = tail_length(losses.size, share=thresholds.tail_share, least=thresholds.tail_steps)
    half = change[-max(1, change.size // 2) :]
    correlation = autocorrelation(half, number=None if baseline is None else distinct(baseline))
    batch_noise = known_noise if baseline is None else noise_floor(baseline)
    noise = scatter(change, correlation) if batch_noise is None else batch_noise
    start_noise = 0.0 if paired else noise if baseline is None else median_error(noise, baseline.size)
    own = scatter(change[-max(2 * window, QUARTERS) :], correlation)
    most_noise = thresholds.most_noise * abs(start) if (np.sign(losses) == np.sign(start)).all() else float("inf")
    calm, calm_start, calm_correlation = min(own, most_noise), min(start_noise, most_noise), correlation
    if batch_noise is not None:
        calm, calm_start, calm_correlation = batch_noise * 2**0.5, start_noise, _autocorrelation_of(baseline)
    last = tail_length(losses.size, share=thresholds.tail_share, least=1)
    least_rise = thresholds.rise * abs(start)
    ends, levels = running_median(change, window)
    pace, pace_error = _pace(change, correlation)
    way = _way_to_go(losses.size, planned_steps, thresholds)
    error = _level_error(own, window, start_noise, correlation)
    return Signals(
        start=start,
        change=tuple(change.tolist()),
        noise=noise,
        start_error=start_noise,
        autocorrelation=correlation,
        window=window,
        end=float(levels[-1]),
        mean=float(np.minimum(change[-window:], thresholds.spike * abs(start)).mean()),
        high_steps=int((change[-window:] > least_rise).sum()),
        error=error,
        steady=median(half),
        steady_error=_level_error(scatter(half, correlation), half.size, start_noise, correlation),
        calm_error=_level_error(calm, window, calm_start, calm_correlation),
        latest=median(change[-last:]),
        latest_error=_level_error(calm, last, calm_start, calm_correlation),
        outlook=float(levels[-1]) + (way * min(trend(change), trend(half), key=abs) if way else 0.0),
        outlook_error=float(np.hypot(error, way * _trend_error(own if paired else noise, change.size, correlation))),
        best=float(levels.min()),
        best_step=int(ends[levels.argmin()]),
        pace=pace,
        pace_error=pace_error,
        loss=median(losses[-window:]),
        loss_error=_level_error(scatter(losses[-max(2 * window, QUARTERS) :], correlation), window, 0.0, correlation),
        least_fall=thresholds.material * abs(start),
        least_rise=least_rise,
        least_gain=thresholds.lost_gain * abs(start),
    )


def _autocorrelation_of(baseline: Floats | None) -> float:
    return 0.0 if baseline is None else autocorrelation(baseline, number=distinct(baseline))


def _way_to_go(steps: int, planned_steps: int, thresholds: VerdictThresholds) -> float:
    """The planned steps that are left, in steps at the present trend: a fall grows as a power of the steps."""
    return steps * ((planned_steps / steps) ** thresholds.growth - 1.0) if planned_steps > steps else 0.0


def _trend_error(noise: float, steps: int, correlation: float) -> float:
    """The standard error of the slope of a straight line through `steps` values."""
    number = effective_size(steps, correlation)
    return float(noise * (12.0 / number) ** 0.5 / steps)


def fall(signals: Signals, thresholds: VerdictThresholds) -> Fall:
    """The fall at the end of the curve, or over its last half where the end alone does not decide."""
    at_end = Fall(size=-signals.end, doubt=thresholds.drop_errors * signals.error)
    if at_end.doubt <= signals.least_fall or at_end.size >= max(at_end.doubt, signals.least_fall):
        return at_end
    return Fall(size=-signals.steady, doubt=thresholds.drop_errors * signals.steady_error)


def still_falls(signals: Signals, thresholds: VerdictThresholds) -> bool:
    """Whether the loss still falls at the end: by more than noise, and enough to be progress in as many steps again."""
    return signals.pace > max(thresholds.pace * signals.least_fall, thresholds.drop_errors * signals.pace_error)


def rests(signals: Signals, thresholds: VerdictThresholds) -> bool:
    """Whether the loss has come to rest: it falls no more than noise, or little compared with its fall before."""
    most = max(thresholds.rest_errors * signals.pace_error, thresholds.rest_share * -signals.end)
    return signals.pace <= most


def _level_error(noise: float, window: int, start_noise: float, correlation: float) -> float:
    """The standard error of the difference between a median of `window` values and the initial level."""
    return float(np.hypot(median_error(noise, window, correlation=correlation), start_noise))


def _pace(change: Floats, correlation: float) -> tuple[float, float]:
    """The fall of the loss from the third quarter to the last one, and its standard error."""
    size = max(1, change.size // QUARTERS)
    last, before = change[-size:], change[-2 * size : -size]
    if before.size == 0:
        return 0.0, float("inf")
    noise = scatter(change[-2 * size :], correlation)
    error = 2**0.5 * median_error(noise, size, correlation=correlation)
    return median(before) - median(last), error
