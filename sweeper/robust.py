"""Statistics of a loss curve that one wild step cannot move.

>>> tail_level((9.0, 9.0, 1.0, 1.2, 1.1, 900.0, 1.0, 1.1), share=0.1, least=5)
1.1
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NORMAL = 1.4826
"""Turns a median absolute deviation into the standard deviation of a normal distribution."""
SECOND_DIFFERENCE = 6**0.5
"""Standard deviation of x[t-1] - 2x[t] + x[t+1] for independent x of standard deviation 1."""
MEDIAN_ERROR = 1.2533
"""Standard error of a median of normal values, as a multiple of the standard error of their mean."""

END_SHARE = 0.1
"""Share of the steps whose median is taken as the end of a curve: steady, and training hardly moves within it."""
END_STEPS = 5
"""The least number of steps at the end of a curve, unless that is more than half of it."""

LEAST_FOR_AUTOCORRELATION = 30
"""The least number of values whose autocorrelation can be estimated; fewer count as independent."""
MOST_AUTOCORRELATION = 0.98
"""The largest autocorrelation that can be distinguished from a trend."""
AUTOCORRELATION_ERROR = 1.45
"""Standard error of the estimate for independent values, times the square root of their number; by simulation."""
AUTOCORRELATION_ERRORS = 2.0
"""Standard errors by which an autocorrelation must differ from 0; one in forty independent series shows as much."""
SAME_DIGITS = 6
"""Digits to which losses of one batch agree."""
OUTLIER = 3.0
"""Standard deviations beyond which a value is cut off before squares are taken."""

TREND_POINTS = 60
"""Most levels that a trend is computed from, since it compares each with each."""

WINDOWS = 256
"""Most windows of a running median: enough to find a minimum, and quick for curves of any length."""


def tail_length(steps: int, *, share: float, least: int) -> int:
    """The number of last steps that are taken as the end of a curve; never more than half of it."""
    return max(1, min(max(least, int(steps * share)), steps // 2))


def tail_level(losses: Sequence[float], *, share: float = END_SHARE, least: int = END_STEPS) -> float:
    """The median of a curve's last losses; NaN when it has none or one of them is not finite."""
    tail = np.asarray(losses[-tail_length(len(losses), share=share, least=least) :], dtype=np.float64)
    return median(tail) if tail.size and np.isfinite(tail).all() else float("nan")


def median(values: Floats) -> float:
    """The median of finite values, at least one; three times as fast as NumPy's, which matters at 10,000 curves."""
    ordered = np.sort(values)
    low, high = float(ordered[(ordered.size - 1) // 2]), float(ordered[ordered.size // 2])
    # Halved before they are added: the sum of two large ones would be infinite. Half of the smallest number is zero.
    return min(max(low / 2 + high / 2, low), high)


def spread(values: Floats) -> float:
    """The robust standard deviation of the finite values around their median; NaN with fewer than two of them."""
    finite = values[np.isfinite(values)]
    if finite.size < 2:  # noqa: PLR2004
        return float("nan")
    return NORMAL * median(np.abs(finite - median(finite)))


def noise_floor(losses: Sequence[float] | Floats) -> float:
    """The batch noise of a job: how much the losses of a null curve vary from batch to batch.

    Every rule that asks whether a loss changed by more than noise uses it. NaN with fewer than two finite losses.
    """
    return spread(np.asarray(losses, dtype=np.float64))


def jitter(values: Floats) -> float:
    """The robust standard deviation of finite values around their trend; 0 with fewer than three of them."""
    if values.size < 3:  # noqa: PLR2004
        return 0.0
    bends = np.abs(values[2:] - 2.0 * values[1:-1] + values[:-2])
    return NORMAL * median(bends) / SECOND_DIFFERENCE


def distinct(values: Floats) -> int:
    """The number of different losses: a fit that takes the same batches in every pass repeats them."""
    largest = float(np.abs(values).max()) if values.size else 0.0
    different = np.unique(np.round(values / largest, SAME_DIGITS)).size if 0.0 < largest < np.inf else values.size
    return int(different) if 1 < different <= values.size / 2 else values.size


def autocorrelation(values: Floats, *, number: int | None = None) -> float:
    """The correlation of neighbouring values around their trend, from 0 (independent) up to `MOST_AUTOCORRELATION`.

    `number` is how many of the values are different, where they repeat: a few values in one order look correlated,
    however often they are repeated.

    Mean squared differences over two steps equal those over one step for independent values, and are up to twice as
    large the more the values are correlated. A straight trend adds a constant to all differences and drops out. An
    estimate that may be chance is returned as 0; else the upper limit of the estimate is returned.
    """
    number = values.size if number is None else min(number, values.size)
    if number < LEAST_FOR_AUTOCORRELATION:
        return 0.0
    largest = float(np.abs(values).max())
    small = values / largest if largest > 0.0 else values
    one, two = _mean_square(np.diff(small)), _mean_square(small[2:] - small[:-2])
    seen = two / one - 1.0 if one > 0.0 else 0.0
    error = AUTOCORRELATION_ERROR / number**0.5
    if seen < AUTOCORRELATION_ERRORS * error:
        return 0.0
    return float(min(seen + AUTOCORRELATION_ERRORS * error * max(0.0, 1.0 - seen**2) ** 0.5, MOST_AUTOCORRELATION))


def _mean_square(values: Floats) -> float:
    """The variance of values, with outliers cut off."""
    away = values - median(values)
    most = OUTLIER * NORMAL * median(np.abs(away))
    return float(np.mean(np.clip(away, -most, most) ** 2))


def scatter(values: Floats, correlation: float) -> float:
    """The standard deviation of autocorrelated values around their trend; `jitter` sees only fast changes."""
    return float(jitter(values) / ((1.0 - correlation) * (1.0 - correlation / 3.0)) ** 0.5)


def effective_size(number: int, correlation: float) -> float:
    """The effective sample size: the number of independent values that correlated ones are worth; at least 1."""
    return max(1.0, number * (1.0 - correlation) / (1.0 + correlation))


def median_error(noise: float, number: int, *, correlation: float = 0.0) -> float:
    """The standard error of the median of `number` values with this noise and autocorrelation."""
    return float(MEDIAN_ERROR * noise / effective_size(number, correlation) ** 0.5)


def trend(values: Floats) -> float:
    """The slope per step: the median over all pairs of values (Theil-Sen estimator); 0 with fewer than two."""
    block = -(-values.size // TREND_POINTS)
    if block > 1:
        values = np.median(values[values.size % block :].reshape(-1, block), axis=1)
    if values.size < 2:  # noqa: PLR2004
        return 0.0
    early, late = np.triu_indices(values.size, 1)
    return median((values[late] - values[early]) / (late - early)) / block


def running_median(values: Floats, window: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """Medians of windows of neighbouring values: the step at which each window ends, counted from 1, and its median.

    A long curve gets `WINDOWS` of them, evenly spread, the first and the last included.
    """
    number = min(WINDOWS, values.size - window + 1)
    ends = np.linspace(window, values.size, number).round().astype(np.intp)
    ordered = np.sort(values[ends[:, None] - window + np.arange(window)], axis=1)
    return ends, (ordered[:, (window - 1) // 2] + ordered[:, window // 2]) / 2.0
