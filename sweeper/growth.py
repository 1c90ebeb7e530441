"""How the loss of the same weights changes with the batch size.

A mean over the samples is equal at every size. A sum (`reduction="sum"`) grows in proportion. Losses that compare the
samples of a batch with each other grow in some other way, as does a sum with a penalty on the weights beside it.

>>> growth([Level(batch_size=16, value=230.0), Level(batch_size=64, value=930.0)])
<Growth.PROPORTIONAL: 'proportional'>
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

ALIKE = 0.1
"""Largest exponent of the batch size that counts as 0: over a factor of 16 the loss grows by a third."""
IN_PROPORTION = 0.05
"""Largest distance of the exponent from 1 that counts as a sum: over a factor of 16 that allows for a penalty of a
seventh of the smallest batch's loss."""
ERRORS = 3.0
"""Standard errors of the exponent that chance explains."""
NEAREST = 0.5
"""Exponents below this are compared with 0, others with 1."""


class Growth(StrEnum):
    """How the loss of the same weights changes as batches get larger."""

    ALIKE = "alike"
    """The loss does not change by more than noise."""
    PROPORTIONAL = "proportional"
    """The loss grows as the batch size does."""
    OTHER = "other"
    """The loss changes, but not in proportion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The loss of the same weights at one batch size."""

    batch_size: int
    value: float
    """Mean over its batches."""
    error: float = 0.0
    """Standard error of `value`."""


def growth(levels: Sequence[Level]) -> Growth:
    """How the loss changes over several batch sizes; `ALIKE` where there is only one size."""
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
    """The exponent of the batch size in the loss, and its standard error; for several sizes and losses of one sign."""
    x = [math.log(level.batch_size) for level in levels]
    y = [math.log(abs(level.value)) for level in levels]
    centre, middle = math.fsum(x) / len(x), math.fsum(y) / len(y)
    width = math.fsum((one - centre) ** 2 for one in x)
    slope = math.fsum((one - centre) * (other - middle) for one, other in zip(x, y, strict=True)) / width
    relative = ((one - centre) * level.error / level.value for one, level in zip(x, levels, strict=True))
    return slope, math.sqrt(math.fsum(term**2 for term in relative)) / width
