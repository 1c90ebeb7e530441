"""What is measured on a curve, once, for all rules.

The heart of it is `change`: the loss of each step minus the loss of the same batch with no update at all (the null
curve). The difficulty of single batches cancels, so a change of a few percent shows within a few dozen steps. Without
a null curve the change is taken from the first loss, and all noise from the curve's own jitter.
"""

from dataclasses import dataclass

import numpy as np

from sweeper.classify._thresholds import Thresholds
from sweeper.curve import Curve
from sweeper.robust import MEDIAN_ERROR, Floats, jitter, running_median, spread, tail_length

QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How far the loss fell from its initial level, and within what it is known."""

    size: float
    """Negative when the loss rose."""
    doubt: float
    """Half the width of the interval that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What is measured on a curve whose losses are all finite. Levels are relative to the initial level."""

    start: float
    """Initial level: the loss before any update."""
    change: tuple[float, ...]
    """Loss of each step minus that of the same batch without updates."""
    noise: float
    """Spread of single values of `change` where nothing happens; from the curve's own jitter when not known better."""
    window: int
    """Steps of the running medians below."""
    end: float
    """Median of the last values of `change`; negative is progress."""
    error: float
    """Standard error of `end`."""
    steady: float
    """Median of the change over the last half: less noise than `end`, for curves that are flat there."""
    steady_error: float
    calm_error: float
    """Standard error that `end` would have if nothing happened. Training that swings makes `error` larger than this."""
    best: float
    """Lowest running median of the change."""
    best_step: int
    pace: float
    """Fall of the loss from the third quarter of the steps to the last one."""
    pace_error: float
    least_fall: float
    """The least fall that is progress."""
    least_rise: float
    """The least rise that is harm."""
    least_gain: float
    """The least progress whose loss is harm."""


def noise_floor(null: Curve) -> float:
    """The robust standard deviation of the loss over batches with no update; NaN with fewer than two finite losses."""
    return spread(np.asarray(null.train_loss, dtype=np.float64))


def measure(losses: Floats, baseline: Floats | None, *, known_noise: float | None, thresholds: Thresholds) -> Signals:
    """What rules need of finite losses, at least one; `baseline` are the finite losses of the null curve."""
    paired = baseline is not None and baseline.size >= losses.size
    start = float(losses[0]) if baseline is None else float(np.median(baseline))
    change = losses - (baseline[: losses.size] if paired and baseline is not None else start)
    batch_noise = known_noise if baseline is None else spread(baseline)
    noise = jitter(change) if batch_noise is None else batch_noise
    window = tail_length(losses.size, share=thresholds.tail_share, least=thresholds.tail_steps)
    ends, levels = running_median(change, window)
    pace, pace_error = _pace(change)
    start_noise = 0.0 if paired else noise if baseline is None else MEDIAN_ERROR * noise / baseline.size**0.5
    half = change[-max(1, change.size // 2) :]
    own = jitter(change[-max(2 * window, QUARTERS) :])
    return Signals(
        start=start,
        change=tuple(change.tolist()),
        noise=noise,
        window=window,
        end=float(levels[-1]),
        error=_level_error(own, window, start_noise),
        steady=float(np.median(half)),
        steady_error=_level_error(jitter(half), half.size, start_noise),
        calm_error=_level_error(own if batch_noise is None else batch_noise * 2**0.5, window, start_noise),
        best=float(levels.min()),
        best_step=int(ends[levels.argmin()]),
        pace=pace,
        pace_error=pace_error,
        least_fall=thresholds.material * abs(start),
        least_rise=thresholds.rise * abs(start),
        least_gain=thresholds.lost_gain * abs(start),
    )


def fall(signals: Signals, thresholds: Thresholds) -> Fall:
    """The fall at the end of the curve, or over its last half where the end alone leaves it in doubt."""
    at_end = Fall(size=-signals.end, doubt=thresholds.drop_errors * signals.error)
    if at_end.doubt <= signals.least_fall or at_end.size >= max(at_end.doubt, signals.least_fall):
        return at_end
    return Fall(size=-signals.steady, doubt=thresholds.drop_errors * signals.steady_error)


def moves(signals: Signals, thresholds: Thresholds) -> bool:
    """Whether the loss still falls at the end, by more than noise and enough to be progress in as many steps again."""
    return signals.pace > max(thresholds.pace * signals.least_fall, thresholds.drop_errors * signals.pace_error)


def _level_error(noise: float, window: int, start_noise: float) -> float:
    """The standard error of a median of `window` values, and of the level that they are compared with."""
    return float(np.hypot(MEDIAN_ERROR * noise / window**0.5, start_noise))


def _pace(change: Floats) -> tuple[float, float]:
    """How much the loss fell from the third quarter to the last one, and the standard error of that."""
    size = max(1, change.size // QUARTERS)
    last, before = change[-size:], change[-2 * size : -size]
    if before.size == 0:
        return 0.0, float("inf")
    error = MEDIAN_ERROR * jitter(change[-2 * size :]) * (2 / size) ** 0.5
    return float(np.median(before) - np.median(last)), error
