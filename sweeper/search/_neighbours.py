"""Where the other rows of a map suggest that an edge of one row lies."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sweeper.search._belief import Hint
from sweeper.search._row import EdgeName, RowState

SHIFT = {EdgeName.LEARNS: 0.0, EdgeName.FAILS: 0.4}
"""Decades that an edge moves up for ten times the batch size, as seen on small models at equal steps: the noise of a
small batch lowers the rate that fails, and leaves the rate that begins to learn."""
SAME_SPREAD = 0.1
"""Decades by which rows of one optimizer differ beside the shift with the batch size."""
SIZE_SPREAD = 0.15
"""Decades by which rows of one optimizer differ further for each factor of ten between their batch sizes."""
ALONE = 0.7
"""Part of its spread that the closest of several rows keeps: other rows never say what is peculiar to this one."""
OTHER_SPREAD = 0.8
"""Decades by which rows of different optimizers differ: SGD and Adam lie up to two apart."""


class Neighbours:
    """The rows of a map whose edges are known, for the rows whose edges are not."""

    def __init__(self, rows: Iterable[RowState]) -> None:
        rows = tuple(rows)
        self._known: Mapping[EdgeName, Sequence[RowState]] = {
            edge: [row for row in rows if _is_known(row, edge)] for edge in EdgeName
        }

    def pivot(self, row: RowState) -> float:
        """A rate midway between the edges of other rows of the same optimizer; infinite where these are not known."""
        centres = [
            _combined([_hint(row, other, edge) for other in same]).centre
            for edge in EdgeName
            if (same := self._of_same_optimizer(row, edge))
        ]
        if len(centres) < len(EdgeName):
            return math.inf
        return row.lattice.rate(math.floor(sum(centres) / len(centres)))

    def hints(self, row: RowState, edge: EdgeName) -> tuple[Hint, ...]:
        """Where rows of the same optimizer suggest that an edge lies; without any, where rows of others do."""
        same = self._of_same_optimizer(row, edge)
        if same:
            return (_combined([_hint(row, other, edge) for other in same]),)
        return tuple(_hint(row, other, edge) for other in _nearest(row, self._known[edge]))

    def _of_same_optimizer(self, row: RowState, edge: EdgeName) -> list[RowState]:
        """The other rows of the optimizer of a row in which an edge is known."""
        return [
            other
            for other in self._known[edge]
            if other.seen.optimizer == row.seen.optimizer and other.seen.batch_size != row.seen.batch_size
        ]


def between(row: RowState, edge: EdgeName) -> tuple[int, int]:
    """The open interval of rates in which an edge of a row lies."""
    return row.fails_between if edge is EdgeName.FAILS else row.stalls_between


def _is_known(row: RowState, edge: EdgeName) -> bool:
    """Whether an edge of a row is known: both sides of it were probed, or it lies beyond a limit of the lattice.

    A rate that stalls may be too high as well as too low: without one that trains it says nothing.
    """
    low, high = between(row, edge)
    if row.seen.top is None:
        return edge is EdgeName.FAILS and low < high == row.lattice.floor
    return high == low + 1 or (low >= row.lattice.floor and high <= row.lattice.ceiling)


def _nearest(row: RowState, known: Sequence[RowState]) -> Iterator[RowState]:
    """For each other optimizer, the row whose batch size is nearest to that of a row."""
    others = (other for other in known if other.seen.optimizer != row.seen.optimizer)
    for _, group in groupby(others, key=lambda other: other.seen.optimizer):
        yield min(group, key=lambda other: (abs(_ratio(row, other)), other.seen.batch_size))


def _hint(row: RowState, other: RowState, edge: EdgeName) -> Hint:
    low, high = between(other, edge)
    ratio = _ratio(row, other)
    same = row.seen.optimizer == other.seen.optimizer
    decades = SAME_SPREAD + SIZE_SPREAD * abs(ratio) if same else OTHER_SPREAD
    step = row.lattice.resolution
    return Hint(
        centre=(low + 1 + high) / 2 + SHIFT[edge] * ratio / step,
        spread=(high - low - 1) / 4 + max(decades / step, 0.5),
    )


def _combined(hints: Sequence[Hint]) -> Hint:
    """One hint from those of several rows; the narrower ones count for more."""
    weights = [hint.spread**-2 for hint in hints]
    centre = sum(weight * hint.centre for weight, hint in zip(weights, hints, strict=True)) / sum(weights)
    return Hint(centre=centre, spread=max(sum(weights) ** -0.5, ALONE * min(hint.spread for hint in hints)))


def _ratio(row: RowState, other: RowState) -> float:
    """The logarithm to base 10 of the batch size of a row over that of another."""
    return math.log10(row.seen.batch_size / other.seen.batch_size)
