"""What is known of one row, as a boundary search sees it: the state of each rate, and where the edges can still lie.

It reads cells exactly as `sweeper.recommend` does, so that what it finds is what the map will say. One failing seed
makes a rate fail. A rate that stalls above every rate that trains has stopped learning: it fails too.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby

from sweeper.search._lattice import Lattice
from sweeper.space import Space
from sweeper.verdict import DATA_FAULT, Judged, Label


class EdgeName(StrEnum):
    """The two edges of a row."""

    LEARNS = "learns"
    FAILS = "fails"


class State(StrEnum):
    """What the probes of one rate say."""

    STALLED = "stalled"
    UNCLEAR = "unclear"
    TRAINS = "trains"
    FAILS = "fails"


WORST_FIRST = (State.FAILS, State.STALLED, State.UNCLEAR, State.TRAINS)
_STATES = {
    Label.DIVERGED: State.FAILS,
    Label.STALLED: State.STALLED,
    Label.INCONCLUSIVE: State.UNCLEAR,
    Label.OVERFIT: State.TRAINS,
    Label.HEALTHY: State.TRAINS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One rate of a row."""

    index: int
    """On the lattice."""
    state: State
    agreed: bool
    """Whether all its seeds say the same."""
    seeds: frozenset[int]
    """Seeds that are finished, with a verdict or without."""


@dataclass(frozen=True, kw_only=True)
class RowState:
    """What is known of one optimizer at one batch size."""

    optimizer: str
    batch_size: int
    lattice: Lattice
    spots: tuple[Spot, ...]
    """The rates with a verdict, ascending."""
    lost: frozenset[int]
    """Indices whose probes ended without a verdict."""
    data_fault: bool
    """Whether a curve is not finite even without an update."""
    pivot: float = math.inf
    """While nothing trains, a rate that stalls above this index is taken for one too high, not too low."""

    @cached_property
    def top(self) -> int | None:
        """The highest rate that trains; None without one."""
        return max((spot.index for spot in self.spots if spot.state is State.TRAINS), default=None)

    @cached_property
    def failing(self) -> Spot | None:
        """The lowest rate that fails."""
        return next((spot for spot in self.spots if self._fails(spot)), None)

    @cached_property
    def below(self) -> tuple[Spot, ...]:
        """The rates below the first that fails."""
        return tuple(spot for spot in self.spots if self.failing is None or spot.index < self.failing.index)

    @cached_property
    def block(self) -> tuple[Spot, ...]:
        """The widest run of neighbours below the first failing rate that train, the higher one of two equals."""
        runs = [tuple(run) for trains, run in groupby(self.below, key=_trains) if trains]
        return max(reversed(runs), key=lambda run: run[-1].index - run[0].index, default=())

    @cached_property
    def stalled(self) -> Spot | None:
        """The highest rate below the block, or below the failing rate without one, that stalls."""
        limit = self.block[0].index if self.block else None
        found = [spot for spot in self.below if spot.state is State.STALLED and (limit is None or spot.index < limit)]
        return found[-1] if found else None

    @property
    def mixed(self) -> bool:
        """Whether a rate trains above one that fails."""
        return self.failing is not None and self.top is not None and self.top > self.failing.index

    @cached_property
    def fails_between(self) -> tuple[int, int]:
        """The highest rate known not to fail and the lowest known to fail; one beyond the lattice for none."""
        low = self.below[-1].index if self.below else self.lattice.floor - 1
        high = self.lattice.ceiling + 1 if self.failing is None else self.failing.index
        return low, high

    @cached_property
    def stalls_between(self) -> tuple[int, int]:
        """The highest rate known to stall for being low and the lowest above it that does not."""
        low = self.lattice.floor - 1 if self.stalled is None else self.stalled.index
        above = (spot.index for spot in self.spots if spot.index > low)
        return low, next(above, self.lattice.ceiling + 1)

    @cached_property
    def trains_between(self) -> tuple[int, int] | None:
        """The lowest rate of the block and its neighbour below; None without one of them."""
        if not self.block:
            return None
        first = self.block[0].index
        lower = [spot.index for spot in self.below if spot.index < first]
        return (lower[-1], first) if lower else None

    def is_open(self, edge: EdgeName) -> bool:
        """Whether an edge is not yet between two neighbours on the lattice."""
        if edge is EdgeName.FAILS:
            intervals = [self.fails_between]
        else:
            intervals = [self.stalls_between, self.trains_between or (0, 1)]
        return any(high - low > 1 for low, high in intervals)

    def _fails(self, spot: Spot) -> bool:
        if spot.state is State.STALLED:
            return spot.index > (self.pivot if self.top is None else self.top)
        return spot.state is State.FAILS


def row_states(space: Space, lattice: Lattice, judged: Iterable[Judged]) -> tuple[RowState, ...]:
    """The rows of a space in its order; null probes and rates beside the lattice are left out."""
    items: dict[tuple[str, int], dict[int, list[Judged]]] = {}
    for item in judged:
        probe = item.outcome.probe
        index = None if probe.is_null else lattice.index(probe.learning_rate)
        if index is not None:
            items.setdefault((probe.optimizer, probe.batch_size), {}).setdefault(index, []).append(item)
    return tuple(
        _row_state(choice.label, size, lattice, items.get((choice.label, size), {}))
        for choice in space.optimizers
        for size in space.batch_sizes
    )


def _row_state(optimizer: str, batch_size: int, lattice: Lattice, cells: Mapping[int, Sequence[Judged]]) -> RowState:
    spots = [_spot(index, cells[index]) for index in sorted(cells)]
    verdicts = [item.verdict for cell in cells.values() for item in cell if item.verdict is not None]
    return RowState(
        optimizer=optimizer,
        batch_size=batch_size,
        lattice=lattice,
        spots=tuple(spot for spot in spots if spot is not None),
        lost=frozenset(index for index, spot in zip(sorted(cells), spots, strict=True) if spot is None),
        data_fault=any(verdict.evidence[0].code == DATA_FAULT for verdict in verdicts),
    )


def _spot(index: int, items: Sequence[Judged]) -> Spot | None:
    """The rate with what its probes say together; None when none of them has a verdict."""
    verdicts = [item.verdict for item in items if item.verdict is not None]
    if not verdicts:
        return None
    labels = Counter([verdict.label for verdict in verdicts])
    state = State.FAILS if any(verdict.is_failure for verdict in verdicts) else _majority(labels)
    return Spot(
        index=index,
        state=state,
        agreed=len({_STATES[label] for label in labels}) == 1,
        seeds=frozenset(item.outcome.probe.seed for item in items),
    )


def _majority(labels: Mapping[Label, int]) -> State:
    """The state of the commonest label, the worse one on a tie."""
    most = max(labels.values())
    return min((_STATES[label] for label, count in labels.items() if count == most), key=WORST_FIRST.index)


def _trains(spot: Spot) -> bool:
    return spot.state is State.TRAINS
