"""One row of a boundary search: between which rates of its lattice the edges can still lie."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from sweeper.rows import JudgedCell, JudgedRow, judged_rows
from sweeper.search._lattice import Lattice
from sweeper.space import Space
from sweeper.verdict import Judged


class EdgeName(StrEnum):
    """The two edges of a row."""

    LEARNS = "learns"
    FAILS = "fails"


@dataclass(frozen=True, kw_only=True)
class RowState:
    """What is known of one optimizer at one batch size; intervals are open, in indices of the lattice."""

    seen: JudgedRow
    """The probes at rates of the lattice."""
    lattice: Lattice

    @cached_property
    def unjudged(self) -> frozenset[int]:
        """Indices whose probes ended without a verdict."""
        return frozenset(self.index(cell) for cell in self.seen.cells if cell.label is None)

    @cached_property
    def judged(self) -> tuple[int, ...]:
        """Indices with a verdict, ascending."""
        return tuple(self.index(cell) for cell in self.seen.judged)

    @property
    def below(self) -> tuple[int, ...]:
        """Indices with a verdict below the first rate that fails."""
        return self.judged[: len(self.seen.below)]

    @cached_property
    def first(self) -> int | None:
        """Index of the lowest rate of the block; None without a block."""
        return self.index(self.seen.block[0]) if self.seen.block else None

    @cached_property
    def fails_between(self) -> tuple[int, int]:
        """The highest rate below all that fail, and the lowest that fails; beyond the lattice where there is none."""
        low = self.below[-1] if self.below else self.lattice.floor - 1
        high = self.lattice.ceiling + 1 if self.seen.failing is None else self.index(self.seen.failing)
        return low, high

    @cached_property
    def stalls_between(self) -> tuple[int, int]:
        """The highest rate that stalls for being too low, and the lowest above it that does not."""
        low = self.lattice.floor - 1 if self.seen.stalled is None else self.index(self.seen.stalled)
        return low, next((index for index in self.judged if index > low), self.lattice.ceiling + 1)

    @cached_property
    def trains_between(self) -> tuple[int, int] | None:
        """The lowest rate of the block and the judged one below it; None without one of them."""
        if self.first is None:
            return None
        lower = [index for index in self.judged if index < self.first]
        return (lower[-1], self.first) if lower else None

    def index(self, cell: JudgedCell) -> int:
        """The place of a rate on the lattice."""
        index = self.lattice.index(cell.learning_rate)
        assert index is not None
        return index

    def is_open(self, edge: EdgeName) -> bool:
        """Whether an edge may still lie between more than two neighbours on the lattice."""
        if edge is EdgeName.FAILS:
            intervals = [self.fails_between]
        else:
            intervals = [self.stalls_between, self.trains_between or (0, 1)]
        return any(high - low > 1 for low, high in intervals)


def row_states(space: Space, lattice: Lattice, judged: Iterable[Judged]) -> tuple[RowState, ...]:
    """The rows of a space in its order; null probes and rates that are not on the lattice are left out."""
    on = [one for one in judged if not (probe := one.outcome.probe).is_null and _is_on(lattice, probe.learning_rate)]
    return tuple(RowState(seen=row, lattice=lattice) for row in judged_rows(space, on))


def _is_on(lattice: Lattice, rate: float) -> bool:
    return lattice.index(rate) is not None
