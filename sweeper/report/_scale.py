"""Learning rates on a logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_LONE_HALF_WIDTH = math.sqrt(10)
"""A rate without neighbours takes one decade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScale:
    """A line from one rate to another, both above 0."""

    low: float
    high: float

    def percent(self, rate: float) -> float:
        """How far along the line `rate` lies, from 0 to 100; rates outside are put at its ends."""
        part = math.log(rate / self.low) / math.log(self.high / self.low)
        return round(100 * min(1.0, max(0.0, part)), 2)

    def width(self, low: float, high: float) -> float:
        """The part of the line from `low` to `high`, in percent."""
        return round(self.percent(high) - self.percent(low), 2)


def log_edges(rates: Sequence[float]) -> tuple[float, ...]:
    """The borders of the cells around ascending rates: one more than there are rates."""
    between = [math.sqrt(low * high) for low, high in pairwise(rates)]
    if not between:
        return rates[0] / _LONE_HALF_WIDTH, rates[0] * _LONE_HALF_WIDTH
    return rates[0] ** 2 / between[0], *between, rates[-1] ** 2 / between[-1]
