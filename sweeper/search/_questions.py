"""What is still open in one row, and the probes that would answer it.

First the two edges, each by halving the interval that is left. Then what the edges alone do not show:

- enough rates below the failing one to choose the best of, which are also a check that none of them fails;
- rates further down, so that a wide region of divergence is not missed;
- where a rate trains above one that fails: the rates right below it, since the safe side is below the *first* failure;
- more seeds at the two rates beside an edge that is contested.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweeper.rows import JudgedCell, JudgedRow
from sweeper.search._belief import Belief
from sweeper.search._row import EdgeName, RowState
from sweeper.verdict import Label

ZONE = 0.4
"""Decades between neighbouring rates in the upper decade of the healthy ones, where the best rate nearly always is."""
CHECK = 0.2
"""Decades between the rates right below a failure that has a rate that trains above it."""
REACH = 0.5
"""Decades below such a failure that are checked: safe ranges stay as far from it."""
MOST_RATES = 26
"""Rates that a row may take: twice what a row with sharp edges takes. A zone of chaos has no last rate."""
MOST_LOST = 3
"""Rates without a verdict after which a row without any verdict is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A probe that a row wants."""

    index: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is open in one row."""

    row: RowState
    edge_bits: tuple[float, float]
    """How many halvings the two edges are away, `learns` first."""
    wishes: tuple[Wish, ...]
    """Probes that would answer, the one that says most first; empty when nothing is open."""


def questions(row: RowState, learns: Belief, fails: Belief, seeds: Sequence[int]) -> Questions:
    """What is open in a row, given what to expect of its edges."""
    if given_up(row):
        return Questions(row=row, edge_bits=(0.0, 0.0), wishes=())
    bits = learns.bits(row.stalls_between), fails.bits(row.fails_between)
    wanted = dict.fromkeys((*_edge_rates(row, learns, fails), *_zone_rates(row)))
    done = row.lost.union(row.judged)
    rates = tuple(Wish(index=index, seed=seeds[0]) for index in wanted if index not in done)
    return Questions(row=row, edge_bits=bits, wishes=rates or tuple(_more_seeds(row, seeds)))


def given_up(row: RowState) -> bool:
    """Whether no further probe of a row is worth its time."""
    hopeless = not row.judged and len(row.lost) >= MOST_LOST
    return hopeless or row.seen.data_fault or len(row.seen.cells) >= MOST_RATES


def _edge_rates(row: RowState, learns: Belief, fails: Belief) -> Iterator[int]:
    """The rates that halve the intervals of the edges, the wider one first."""
    by_edge = {EdgeName.LEARNS: (learns, row.stalls_between), EdgeName.FAILS: (fails, row.fails_between)}
    found = [
        (belief.bits(between), place)
        for belief, between in by_edge.values()
        if (place := belief.halving(between, row.lost)) is not None
    ]
    places = [place for _, place in sorted(found, reverse=True)]
    if row.seen.top is None and len(places) > 1:
        places.sort(key=lambda place: -_surprise(place, row, learns, fails))
        if not row.judged:
            yield _start(places, row, learns, fails)
    yield from places
    if row.trains_between is not None and (place := learns.halving(row.trains_between, row.lost)) is not None:
        yield place


def _surprise(place: int, row: RowState, learns: Belief, fails: Belief) -> float:
    """The bits that a probe says of both edges at once: it stalls, trains or fails."""
    stalls = 1 - learns.share_up_to(place, row.stalls_between)
    breaks = fails.share_up_to(place, row.fails_between)
    parts = (stalls, breaks, max(0.0, 1 - stalls - breaks))
    return -sum(part * math.log2(part) for part in parts if part > 0)


def _start(places: Sequence[int], row: RowState, learns: Belief, fails: Belief) -> int:
    """The first rate of a row: between its edges if that says most, else where one of them is expected."""
    middle = sum(places) // 2
    return max((*places, middle), key=lambda place: _surprise(place, row, learns, fails))


def _zone_rates(row: RowState) -> Iterator[int]:
    """The rates that the edges alone do not ask for, once the failing edge is known."""
    low, high = row.fails_between
    if any(index not in row.lost for index in range(low + 1, high)):
        return
    step, decade = row.lattice.resolution, row.lattice.decade
    if row.first is None:
        yield from _search_for_training(row)
        return
    yield from _second_rates(row, row.first)
    if row.seen.mixed:
        yield from _fill(row.below, row, widest=_steps(CHECK, step), start=low - _steps(REACH, step))
    yield from _fill(row.below, row, widest=_steps(ZONE, step), start=max(low - decade, row.first))
    yield from _fill(row.below, row, widest=decade, start=max(row.lattice.low, row.first))


def _second_rates(row: RowState, first: int) -> Iterator[int]:
    """The second rate on the good side of either edge: where chance decides, the first may be the luck of one probe.

    `first` is the lowest rate of the block.
    """
    last = row.below[-1]
    if row.seen.failing is not None and last > first:
        yield last - 1
    below = row.trains_between
    if last > first and (below is None or below[1] - below[0] == 1):
        yield first + 1


def _search_for_training(row: RowState) -> Iterator[int]:
    """Rates below the failing one when none is known to train: closely above those that stall, coarsely below."""
    decade, step = row.lattice.decade, row.lattice.resolution
    if row.seen.stalled is not None:
        stalled, _ = row.stalls_between
        yield from _fill([index for index in row.below if index >= stalled], row, widest=_steps(ZONE, step))
    low = row.lattice.low
    yield from _fill([low - 1, *(index for index in row.below if index >= low)], row, widest=decade)


def _fill(points: Sequence[int], row: RowState, *, widest: int, start: int | None = None) -> Iterator[int]:
    """Rates inside the gaps of ascending points that are wider than `widest`, from the top, none below `start`."""
    for low, high in reversed(tuple(pairwise(points))):
        if high - low > widest:
            for place in _middle((max(low, high - 2 * widest), high), row.lost):
                if start is None or place >= start:
                    yield place


def _middle(between: tuple[int, int], lost: Iterable[int]) -> Iterator[int]:
    """The rate in the middle of an open interval, those lost left out; none when the interval has none."""
    low, high = between
    places = [index for index in range(low + 1, high) if index not in lost]
    if places:
        yield min(places, key=lambda index: (abs(index - (low + high) / 2), index))


def _more_seeds(row: RowState, seeds: Sequence[int]) -> Iterator[Wish]:
    """The seeds that the rates beside a contested edge have not had; else a second one where a failure would tell."""
    seen = row.seen
    beside = contested(seen)
    for cell in beside:
        for seed in seeds:
            if seed not in cell.seeds:
                yield Wish(index=row.index(cell), seed=seed)
    if not beside and seen.failing is not None and seen.block and len(seen.below[-1].seeds) == 1:
        yield from (Wish(index=row.below[-1], seed=seed) for seed in seeds[1:2])


def contested(row: JudgedRow) -> tuple[JudgedCell, ...]:
    """The rates beside an edge at which chance decides: verdicts alternate, seeds disagree or cannot be judged."""
    pairs = []
    if row.failing is not None and row.below:
        last = row.below[-1]
        if row.mixed or last.label is Label.INCONCLUSIVE or not (row.is_agreed(last) and row.is_agreed(row.failing)):
            pairs.append((last, row.failing))
    if row.block and row.stalled is not None:
        first, stalled = row.block[0], row.stalled
        trains_below = any(cell.trains and cell.learning_rate < stalled.learning_rate for cell in row.below)
        if trains_below or not (row.is_agreed(stalled) and row.is_agreed(first)):
            pairs.append((stalled, first))
    return tuple({cell.learning_rate: cell for pair in pairs for cell in pair}.values())


def _steps(decades: float, resolution: float) -> int:
    """Decades as whole steps of a lattice, at least 1."""
    return max(1, round(decades / resolution))
