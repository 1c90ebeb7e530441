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

WINDOWS = 256
"""Most windows of a running median: enough to find a minimum, and cheap for curves of any length."""


def tail_length(steps: int, *, share: float, least: int) -> int:
    """The number of last steps that stand for the end of a curve; never more than half of it."""
    return max(1, min(max(least, int(steps * share)), steps // 2))


def tail_level(losses: Sequence[float], *, share: float, least: int) -> float:
    """The median of a curve's last steps; NaN when it has no step or one of them is not finite."""
    tail = np.asarray(losses[-tail_length(len(losses), share=share, least=least) :], dtype=np.float64)
    return float(np.median(tail)) if tail.size and np.isfinite(tail).all() else float("nan")


def spread(values: Floats) -> float:
    """The robust standard deviation of the finite values around their median; NaN with fewer than two of them."""
    finite = values[np.isfinite(values)]
    if finite.size < 2:  # noqa: PLR2004
        return float("nan")
    return float(NORMAL * np.median(np.abs(finite - np.median(finite))))


def jitter(values: Floats) -> float:
    """The robust standard deviation of finite values around their own trend; 0 with fewer than three of them."""
    if values.size < 3:  # noqa: PLR2004
        return 0.0
    bends = np.abs(values[2:] - 2.0 * values[1:-1] + values[:-2])
    return float(NORMAL * np.median(bends) / SECOND_DIFFERENCE)


def running_median(values: Floats, window: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """The steps at which windows of `window` neighbours end, counted from 1, and the median of each.

    A long curve gets `WINDOWS` of them, evenly spread, the first and the last included.
    """
    number = min(WINDOWS, values.size - window + 1)
    ends = np.linspace(window, values.size, number).round().astype(np.intp)
    views = np.lib.stride_tricks.sliding_window_view(values, window)[ends - window]
    return ends, np.asarray(np.median(views, axis=1), dtype=np.float64)
