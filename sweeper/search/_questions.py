"""What is still open in one row, and the probes that would answer it.

First the two edges, each by halving the interval in which it can still lie. Then what the edges alone do not show:

- enough rates below the failing one to choose the best of, which are also a check that none of them fails;
- rates further down, so that no wide region of divergence is missed;
- where a rate trains above one that fails: the rates right below that, since none above the *first* failure is stable;
- more seeds at the two rates beside an edge where chance decides.
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
"""Decades between rates in the upper decade of those that train, where the best rate nearly always is."""
CHECK = 0.2
"""Decades between the rates that are checked below a failing rate, where a higher rate trains again."""
REACH = 0.5
"""Decades below such a failing rate that are checked: stable ranges stay as far from it."""
MOST_RATES = 26
"""Most rates that one row may take: twice what a row with sharp edges takes, as a zone of chaos has no last rate."""
MOST_UNJUDGED = 3
"""Rates without a verdict after which a row without any verdict is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """A probe that the search asks for in one row."""

    index: int
    """Place of its rate on the lattice."""
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is still open in one row, and the probes that would answer it."""

    row: RowState
    edge_bits: tuple[float, float]
    """Halvings until each of the two edges is known, `learns` first."""
    requests: tuple[ProbeRequest, ...]
    """Probes that would answer it, the one that says most first; empty when nothing is open."""


def questions(row: RowState, learns: Belief, fails: Belief, seeds: Sequence[int]) -> Questions:
    """What is still open in a row, given where its edges are expected."""
    if given_up(row):
        return Questions(row=row, edge_bits=(0.0, 0.0), requests=())
    bits = learns.bits(row.stalls_between), fails.bits(row.fails_between)
    wanted = dict.fromkeys((*_edge_rates(row, learns, fails), *_zone_rates(row)))
    done = row.unjudged.union(row.judged)
    rates = tuple(ProbeRequest(index=index, seed=seeds[0]) for index in wanted if index not in done)
    return Questions(row=row, edge_bits=bits, requests=rates or tuple(_more_seeds(row, seeds)))


def given_up(row: RowState) -> bool:
    """Whether no further probe of a row is worth its time."""
    hopeless = not row.judged and len(row.unjudged) >= MOST_UNJUDGED
    return hopeless or row.seen.data_fault or len(row.seen.cells) >= MOST_RATES


def _edge_rates(row: RowState, learns: Belief, fails: Belief) -> Iterator[int]:
    """The rates that halve the intervals in which the edges can lie, the wider interval first."""
    by_edge = {EdgeName.LEARNS: (learns, row.stalls_between), EdgeName.FAILS: (fails, row.fails_between)}
    found = [
        (belief.bits(between), index)
        for belief, between in by_edge.values()
        if (index := belief.halving(between, row.unjudged)) is not None
    ]
    indices = [index for _, index in sorted(found, reverse=True)]
    if row.seen.top is None and len(indices) > 1:
        indices.sort(key=lambda index: -_surprise(index, row, learns, fails))
        if not row.judged:
            yield _start(indices, row, learns, fails)
    yield from indices
    if row.trains_between is not None and (index := learns.halving(row.trains_between, row.unjudged)) is not None:
        yield index


def _surprise(index: int, row: RowState, learns: Belief, fails: Belief) -> float:
    """The information on both edges, in bits, that a probe at a rate should give: it stalls, trains or fails."""
    stalls = 1 - learns.share_up_to(index, row.stalls_between)
    breaks = fails.share_up_to(index, row.fails_between)
    parts = (stalls, breaks, max(0.0, 1 - stalls - breaks))
    return -sum(part * math.log2(part) for part in parts if part > 0)


def _start(indices: Sequence[int], row: RowState, learns: Belief, fails: Belief) -> int:
    """The first rate to probe in a row: between its edges if that says most, else where one of them is expected."""
    middle = sum(indices) // 2
    return max((*indices, middle), key=lambda index: _surprise(index, row, learns, fails))


def _zone_rates(row: RowState) -> Iterator[int]:
    """The rates to probe beside those that find the edges, once the lowest failing rate is known."""
    low, high = row.fails_between
    if any(index not in row.unjudged for index in range(low + 1, high)):
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
    """The second rate on the training side of each edge: where chance decides, the first may be the luck of one probe.

    `first` is the lowest rate of the block.
    """
    last = row.below[-1]
    if row.seen.failing is not None and last > first:
        yield last - 1
    below = row.trains_between
    if last > first and (below is None or below[1] - below[0] == 1):
        yield first + 1


def _search_for_training(row: RowState) -> Iterator[int]:
    """Rates below the failing one when none is known to train: closely spaced above those that stall, else coarsely."""
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
            for index in _middle((max(low, high - 2 * widest), high), row.unjudged):
                if start is None or index >= start:
                    yield index


def _middle(between: tuple[int, int], left_out: Iterable[int]) -> Iterator[int]:
    """The rate in the middle of an open interval, some left out; nothing when no other lies in it."""
    low, high = between
    indices = [index for index in range(low + 1, high) if index not in left_out]
    if indices:
        yield min(indices, key=lambda index: (abs(index - (low + high) / 2), index))


def _more_seeds(row: RowState, seeds: Sequence[int]) -> Iterator[ProbeRequest]:
    """Further seeds for the rates beside an edge where chance decides; else a second seed for the rate below it."""
    seen = row.seen
    beside = contested(seen)
    for cell in beside:
        for seed in seeds:
            if seed not in cell.seeds:
                yield ProbeRequest(index=row.index(cell), seed=seed)
    if not beside and seen.failing is not None and seen.block and len(seen.below[-1].seeds) == 1:
        yield from (ProbeRequest(index=row.below[-1], seed=seed) for seed in seeds[1:2])


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
