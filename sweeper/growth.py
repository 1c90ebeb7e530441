"""How the loss of the same weights changes with the batch size.

A mean over the samples is alike at every size. A sum (`reduction="sum"`) grows in proportion. Losses that compare the
samples of a batch with each other grow in some other way, as does a sum with a penalty on the weights beside it.

>>> growth([Level(batch_size=16, value=230.0), Level(batch_size=64, value=930.0)])
<Growth.PROPORTIONAL: 'proportional'>
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ALIKE = 0.1
"""Distance from a power of the batch size that is none: a third more over a factor of 16."""
IN_PROPORTION = 0.05
"""Distance from the power 1 of a sum: a penalty beside it, of a seventh of the loss of the smallest of batches that
differ by a factor of 16."""
ERRORS = 3.0
"""Standard errors of the power that chance explains."""
NEAREST = 0.5
"""Where noise would allow both, a power below this is none."""


class Growth(StrEnum):
    """How the loss of the same weights changes as batches get larger."""

    ALIKE = "alike"
    """Nothing that noise would not explain."""
    PROPORTIONAL = "proportional"
    """The loss grows as the batch size does."""
    OTHER = "other"
    """The loss changes, and not in proportion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The loss of the same weights at one batch size."""

    batch_size: int
    value: float
    """Mean over its batches."""
    error: float = 0.0
    """Standard error of that."""


def growth(levels: Sequence[Level]) -> Growth:
    """How the levels of several batch sizes change; alike where there is one size only."""
    small = min(levels, key=lambda level: level.batch_size)
    large = max(levels, key=lambda level: level.batch_size)
    if small.batch_size == large.batch_size:
        return Growth.ALIKE
    if not all(level.value * small.value > 0 for level in levels):
        apart = abs(large.value - small.value)
        return Growth.ALIKE if apart <= ERRORS * math.hypot(small.error, large.error) else Growth.OTHER
    power, error = exponent(levels)
    if abs(power) < NEAREST:
        return Growth.ALIKE if abs(power) <= max(ALIKE, ERRORS * error) else Growth.OTHER
    return Growth.PROPORTIONAL if abs(power - 1) <= max(IN_PROPORTION, ERRORS * error) else Growth.OTHER


def exponent(levels: Sequence[Level]) -> tuple[float, float]:
    """The power of the batch size with which levels of one sign and of several sizes go, and its standard error."""
    x = [math.log(level.batch_size) for level in levels]
    y = [math.log(abs(level.value)) for level in levels]
    centre, middle = math.fsum(x) / len(x), math.fsum(y) / len(y)
    width = math.fsum((one - centre) ** 2 for one in x)
    slope = math.fsum((one - centre) * (other - middle) for one, other in zip(x, y, strict=True)) / width
    relative = ((one - centre) * level.error / level.value for one, level in zip(x, levels, strict=True))
    return slope, math.sqrt(math.fsum(term**2 for term in relative)) / width
