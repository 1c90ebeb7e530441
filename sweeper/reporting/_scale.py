"""Learning rates on a logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_LONE_RATE_FACTOR = math.sqrt(10)
"""Factor from a rate without neighbours to each edge of its cell, which is thus one decade wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScale:
    """A logarithmic axis of learning rates from `low` to `high`, both above 0."""

    low: float
    high: float

    def percent(self, rate: float) -> float:
        """The position of `rate` on the axis in percent; 0 for rates below the axis and 100 for those above."""
        part = math.log(rate / self.low) / math.log(self.high / self.low)
        return round(100 * min(1.0, max(0.0, part)), 2)

    def width(self, low: float, high: float) -> float:
        """The share of the axis that lies between two rates, in percent."""
        return round(self.percent(high) - self.percent(low), 2)


def log_edges(rates: Sequence[float]) -> tuple[float, ...]:
    """The edges of the map's cells around ascending rates, one more than rates: half-way in between on a log scale."""
    between = [math.sqrt(low * high) for low, high in pairwise(rates)]
    if not between:
        return rates[0] / _LONE_RATE_FACTOR, rates[0] * _LONE_RATE_FACTOR
    return rates[0] ** 2 / between[0], *between, rates[-1] ** 2 / between[-1]
