"""Where an edge may lie, as weights over the rates of a lattice, and the rate that halves what is possible.

Nothing known: two edges somewhere in the range, so the upper one is likelier high and the lower one likelier low. With
neighbours: around what they showed, with tails so heavy that a wrong guess costs a doubling search and not more. Either
way the next rate to probe is the median of what is left, which without any knowledge is plain bisection.
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
"""Weight of the rates beyond an end of the range against those within it: most ranges hold their edges."""
UNINFORMED = 0.1
"""Weight that stays on the whole range when neighbours have been seen: some rows are unlike their neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What one other row says of an edge."""

    centre: float
    """Where it expects the edge, in steps of the lattice."""
    spread: float
    """How far from there it may as well lie, in the same unit; more than 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Weights of the places of an edge: the edge at place k means that k is the first rate beyond it."""

    start: int
    """The first place; the last one, beyond the highest rate, stands for an edge that is not there."""
    weights: Weights

    def halving(self, between: tuple[int, int], lost: Collection[int]) -> int | None:
        """The rate inside an open interval that comes closest to halving it, those lost left out; None without one."""
        low, high = between
        inside = self._inside(between)
        share = np.cumsum(inside)[:-1]
        off = np.abs(share - (share[-1:].sum() + inside[-1]) / 2)
        off[[index - low - 1 for index in lost if low < index < high]] = np.inf
        return low + 1 + int(off.argmin()) if np.isfinite(off).any() else None

    def share_up_to(self, index: int, between: tuple[int, int]) -> float:
        """How likely the edge is at `index` or below it, given the interval in which it lies."""
        inside = self._inside(between)
        return float(inside[: max(0, index - between[0])].sum() / inside.sum())

    def bits(self, between: tuple[int, int]) -> float:
        """How many halvings the place of the edge is away; 0 when it is known."""
        inside = self._inside(between)
        share = inside / inside.sum()
        return float(-(share * np.log2(share)).sum())

    def _inside(self, between: tuple[int, int]) -> Weights:
        """The weights of the places that an open interval of rates leaves, its upper end included."""
        return self.weights[between[0] + 1 - self.start : between[1] + 1 - self.start]


def belief(lattice: Lattice, edge: EdgeName, hints: Sequence[Hint]) -> Belief:
    """What to expect of an edge, from the range alone and from what other rows showed."""
    places = np.arange(lattice.floor, lattice.ceiling + 2, dtype=np.float64)
    weights = _uninformed(lattice, edge)
    if hints:
        seen = sum(_around(hint, places) for hint in hints)
        weights = UNINFORMED * weights + (1 - UNINFORMED) * seen / np.sum(seen)
    return Belief(start=lattice.floor, weights=weights)


@lru_cache(maxsize=16)
def _uninformed(lattice: Lattice, edge: EdgeName) -> Weights:
    places = np.arange(lattice.floor, lattice.ceiling + 2, dtype=np.float64)
    low, high = lattice.low, lattice.high + 1
    within = np.clip(places, low, high)
    ramp = within - low + 1 if edge is EdgeName.FAILS else high - within + 1
    outside = np.abs(places - within)
    ramp = np.where(outside > 0, BEYOND * ramp.mean() * 0.5 ** (outside / lattice.decade), ramp)
    return np.asarray(ramp / ramp.sum(), dtype=np.float64)


def _around(hint: Hint, places: Weights) -> Weights:
    """A bell whose tails fall with the cube of the distance (Student's t with two degrees of freedom)."""
    return np.asarray((1 + ((places - hint.centre) / hint.spread) ** 2) ** -1.5 / hint.spread, dtype=np.float64)
