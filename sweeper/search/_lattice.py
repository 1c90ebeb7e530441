"""The learning rates that a boundary search may probe: evenly spaced powers of ten, each with a whole number as index.

Every row picks its rates from the same lattice, so that rows line up and a second search at the same resolution finds
the same rates:

>>> lattice = Lattice(resolution=0.1, low=-60, high=10)
>>> lattice.rate(-30), lattice.rate(-29), lattice.index(0.00125893)
(0.001, 0.00125893, -29)
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sweeper.space import Space

LOWEST_RATE = 1e-9
"""The lowest rate of any search: an update of a float32 weight is lost below a 1e-7th of it, and gradients that need
less than a hundredth of that do not occur in losses of common scale."""
HIGHEST_RATE = 1e3
"""The highest rate of any search: optimizers whose rate is relative to the weights (Adadelta, Adafactor) train at 1
and fail by 100."""


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Rates `10 ** (index * resolution)` for whole indices."""

    resolution: float
    """Decades between neighbours."""
    low: int
    """Index of the lowest rate of the range in which the search begins."""
    high: int
    """Index of the highest rate of that range."""
    lowest_rate: float = LOWEST_RATE
    """The lowest rate that the search may go down to."""
    highest_rate: float = HIGHEST_RATE
    """The highest rate that the search may go up to."""

    @cached_property
    def floor(self) -> int:
        """Index of the lowest rate that is ever probed."""
        return min(self.low, math.ceil(_index(self.lowest_rate, self.resolution)))

    @cached_property
    def ceiling(self) -> int:
        """Index of the highest rate that is ever probed."""
        return max(self.high, math.floor(_index(self.highest_rate, self.resolution)))

    @property
    def decade(self) -> int:
        """Steps in a decade; at least 1."""
        return max(1, round(1 / self.resolution))

    def rate(self, index: int) -> float:
        """The learning rate at an index, rounded like every rate of an axis."""
        return _rate(index, self.resolution)

    def index(self, rate: float) -> int | None:
        """The index of a rate; None when it is not on the lattice."""
        index = round(math.log10(rate) / self.resolution)
        return index if self.rate(index) == rate else None


@lru_cache(maxsize=1024)
def _rate(index: int, resolution: float) -> float:
    return float(f"{10 ** (index * resolution):.6g}")


def lattice_of(space: Space) -> Lattice:
    """The lattice of a space, which must have a resolution; the ends of its range are rounded into the range."""
    assert space.resolution is not None
    low, high = _ends(space)
    return Lattice(resolution=space.resolution, low=low, high=high)


def fenced_lattice(space: Space) -> Lattice:
    """The lattice of a space, with no rate beyond its range."""
    assert space.resolution is not None
    low, high = _ends(space)
    rates = space.learning_rates
    return Lattice(resolution=space.resolution, low=low, high=high, lowest_rate=rates[0], highest_rate=rates[-1])


def _ends(space: Space) -> tuple[int, int]:
    """The indices of the ends of the range, equal where the range lies between two rates of the lattice."""
    assert space.resolution is not None
    low = math.ceil(_index(space.learning_rates[0], space.resolution))
    high = math.floor(_index(space.learning_rates[-1], space.resolution))
    return (low, high) if low <= high else (high, high)


def _index(rate: float, resolution: float) -> float:
    """The index of a rate as a number with a fraction, whole for a rate that is on the lattice up to rounding."""
    position = math.log10(rate) / resolution
    return float(round(position)) if math.isclose(position, round(position), abs_tol=1e-4) else position
