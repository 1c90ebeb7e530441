"""How likely an edge lies at each rate of a lattice, and the rate that halves the possibilities.

Where nothing is known, two edges lie somewhere in the range, so the upper one is likelier high and the lower one
likelier low. With neighbours an edge is expected around theirs, with tails so heavy that a wrong guess costs a doubling
search and not more. Either way the next rate to probe is the median of what is left: without any knowledge, bisection.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sweeper.search._lattice import Lattice
from sweeper.search._row import EdgeName

Weights = npt.NDArray[np.float64]

BEYOND = 0.1
"""Weight of the rates beyond an end of the range, as a part of those within it: most ranges hold their edges."""
UNINFORMED = 0.1
"""Weight that stays on the whole range when neighbours are known: some rows are unlike their neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Where another row suggests that an edge lies."""

    centre: float
    """The suggested position, in steps of the lattice."""
    spread: float
    """How far from there it may as well lie, in the same unit; more than 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How likely an edge lies at each position; an edge at position k means that k is the first rate beyond it."""

    start: int
    """The first position; the last one, beyond the highest rate, stands for an edge that is not there."""
    weights: Weights

    def halving(self, between: tuple[int, int], left_out: Collection[int]) -> int | None:
        """The rate that comes closest to halving an open interval, some left out; None where no other lies in it."""
        low, high = between
        inside = self._inside(between)
        share = np.cumsum(inside)[:-1]
        off = np.abs(share - (share[-1:].sum() + inside[-1]) / 2)
        off[[index - low - 1 for index in left_out if low < index < high]] = np.inf
        return low + 1 + int(off.argmin()) if np.isfinite(off).any() else None

    def share_up_to(self, index: int, between: tuple[int, int]) -> float:
        """How likely the edge is at `index` or below it, given the interval in which it lies."""
        inside = self._inside(between)
        return float(inside[: max(0, index - between[0])].sum() / inside.sum())

    def bits(self, between: tuple[int, int]) -> float:
        """Halvings until the position of the edge in an interval is known (its entropy in bits); 0 when it is."""
        inside = self._inside(between)
        share = inside / inside.sum()
        return float(-(share * np.log2(share)).sum())

    def _inside(self, between: tuple[int, int]) -> Weights:
        """The weights of the positions that an edge can have between two rates; the upper rate is one of them."""
        return self.weights[between[0] + 1 - self.start : between[1] + 1 - self.start]


def belief(lattice: Lattice, edge: EdgeName, hints: Sequence[Hint]) -> Belief:
    """How likely an edge lies at each position, from the range alone and from what other rows suggest."""
    positions = np.arange(lattice.floor, lattice.ceiling + 2, dtype=np.float64)
    weights = _uninformed(lattice, edge)
    if hints:
        seen = sum(_around(hint, positions) for hint in hints)
        weights = UNINFORMED * weights + (1 - UNINFORMED) * seen / np.sum(seen)
    return Belief(start=lattice.floor, weights=weights)


@lru_cache(maxsize=16)
def _uninformed(lattice: Lattice, edge: EdgeName) -> Weights:
    positions = np.arange(lattice.floor, lattice.ceiling + 2, dtype=np.float64)
    low, high = lattice.low, lattice.high + 1
    within = np.clip(positions, low, high)
    ramp = within - low + 1 if edge is EdgeName.FAILS else high - within + 1
    outside = np.abs(positions - within)
    ramp = np.where(outside > 0, BEYOND * ramp.mean() * 0.5 ** (outside / lattice.decade), ramp)
    return np.asarray(ramp / ramp.sum(), dtype=np.float64)


def _around(hint: Hint, positions: Weights) -> Weights:
    """A bell whose tails fall with the cube of the distance (Student's t with two degrees of freedom)."""
    return np.asarray((1 + ((positions - hint.centre) / hint.spread) ** 2) ** -1.5 / hint.spread, dtype=np.float64)
