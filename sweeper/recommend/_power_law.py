"""How a learning rate changes with the batch size: a line in logarithms, with a rule of thumb as its prior slope.

The rule of thumb is the slope that theory expects: rates in proportion to the batch size for SGD (Goyal et al.,
Accurate, large minibatch SGD, 2017), to its square root for Adam and its kin (Malladi et al., On the SDEs and scaling
rules for adaptive gradient algorithms, 2022). Both end at the critical batch size, so few rows outweigh the rule.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SLOPE_ERROR = 0.3
"""Standard error of the exponent by the rule of thumb: two of them reach from linear to hardly any growth."""
SCATTER = 0.1
"""Decades by which rows lie off the line, beyond their own errors; the least that is assumed."""

MISFIT_ERRORS = 2.0
"""Errors off the line from which a row shows that the line does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The learning rate of one row, with its batch size."""

    batch_size: int
    log_rate: float
    """Base-ten logarithm of its learning rate."""
    error: float
    """Standard error of `log_rate`, in decades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """A learning rate as a power of the batch size, with the errors of the fit."""

    exponent: float
    exponent_error: float
    centre: float
    """Base-ten logarithm of the batch size at which the line is known best."""
    level: float
    """Base-ten logarithm of the rate there."""
    level_error: float
    scatter: float
    """Decades by which a row lies off the line."""

    def misfit(self, points: Sequence[Point]) -> bool:
        """Whether a row lies further from the line than its own error and the scatter of most rows explain."""
        beside = (
            abs(point.log_rate - self.level - self.exponent * (math.log10(point.batch_size) - self.centre))
            / math.hypot(point.error, SCATTER)
            for point in points
        )
        return max(beside, default=0.0) > MISFIT_ERRORS

    def at(self, batch_size: int) -> tuple[float, float]:
        """The base-ten logarithm of the rate at a batch size, and its standard error with the scatter of rows."""
        away = math.log10(batch_size) - self.centre
        error = math.sqrt(self.level_error**2 + (away * self.exponent_error) ** 2 + self.scatter**2)
        return self.level + self.exponent * away, error


def power_law(points: Sequence[Point], *, expected: float) -> PowerLaw | None:
    """The line through the rows of one optimizer; None without rows.

    Args:
        points: One for each row.
        expected: The exponent that the rule of thumb gives.
    """
    if not points:
        return None
    x = np.array([math.log10(point.batch_size) for point in points])
    y = np.array([point.log_rate for point in points])
    own = np.array([point.error for point in points])
    scatter, law = SCATTER, _line(x, y, own, SCATTER, expected)
    if len(points) > 2:  # noqa: PLR2004  two rows say nothing about the scatter around their line
        beside = y - (law.level + law.exponent * (x - law.centre))
        scatter = max(SCATTER, float((beside**2).sum() / (len(points) - 1)) ** 0.5)
        law = _line(x, y, own, scatter, expected)
    return law


def _line(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
    scatter: float,
    expected: float,
) -> PowerLaw:
    weights = 1 / (own**2 + scatter**2)
    centre, level = float(np.average(x, weights=weights)), float(np.average(y, weights=weights))
    spread = float((weights * (x - centre) ** 2).sum())
    prior = SLOPE_ERROR**-2
    slope = (float((weights * (x - centre) * (y - level)).sum()) + prior * expected) / (spread + prior)
    return PowerLaw(
        exponent=slope,
        exponent_error=(spread + prior) ** -0.5,
        centre=centre,
        level=level,
        level_error=float(weights.sum()) ** -0.5,
        scatter=scatter,
    )
