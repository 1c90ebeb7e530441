"""A search for the two edges of every row with as few probes as possible.

Each row is bisected around where its neighbours have their edges (`_belief`, `_neighbours`), and then probed where the
edges alone do not say enough (`_questions`). All rows go on at once, so that several workers stay busy: first one row
of every optimizer, coarsely, then finely, then the others, which start from those. So a run that is cut short has the
whole map at a lower resolution rather than half a map.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sweeper.probes import NULL_RATE, Probe
from sweeper.search._base import AbstractSearch
from sweeper.search._belief import belief
from sweeper.search._lattice import Lattice, lattice_of
from sweeper.search._neighbours import Neighbours
from sweeper.search._questions import Questions, questions
from sweeper.search._row import EdgeName, RowState, row_states
from sweeper.space import SCRIPT, Space
from sweeper.verdict import Judged

COARSE_BITS = 2.5
"""An edge that more halvings than this are needed for is coarse: about half a decade at a resolution of a tenth."""


class BoundarySearch(AbstractSearch):
    """Bisection of each row, guided by its neighbours. The space must have a resolution."""

    def next_probes(self, space: Space, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """The probes that say most now, best first; ask again after each, since the next ones depend on its verdict."""
        finished = {one.outcome.probe for one in judged}
        cells = (*_script_probe(space), *_cells(space, judged))
        wanted = dict.fromkeys((*_null_probes(space, space.seeds[:1]), *_with_nulls(space, cells)))
        return tuple(probe for probe in wanted if probe not in finished)


def all_questions(
    space: Space, judged: Sequence[Judged], *, lattice_of: Callable[[Space], Lattice] = lattice_of
) -> tuple[Questions, ...]:
    """What is still open in each row of a space, in its order."""
    rows = row_states(space, lattice_of(space), judged)
    neighbours = Neighbours(rows)
    return tuple(_of_row(row, neighbours, space) for row in rows)


def _of_row(row: RowState, neighbours: Neighbours, space: Space) -> Questions:
    """What is still open in a row: first as its neighbours suggest to read it, then as it stands alone."""
    if row.seen.top is None and row.judged:
        guided = replace(row, seen=replace(row.seen, pivot=neighbours.pivot(row)))
        asked = _ask(guided, neighbours, space)
        if asked.requests:
            return replace(asked, row=row)
    return _ask(row, neighbours, space)


def _ask(row: RowState, neighbours: Neighbours, space: Space) -> Questions:
    learns, fails = (
        belief(row.lattice, edge, neighbours.hints(row, edge) if row.is_open(edge) else ()) for edge in EdgeName
    )
    return questions(row, learns, fails, space.seeds)


def _cells(space: Space, judged: Sequence[Judged]) -> Iterator[Probe]:
    asked = [(one, turn, request) for one in all_questions(space, judged) for turn, request in enumerate(one.requests)]
    for one, _, request in sorted(asked, key=lambda item: _turn(item[0], item[1], space)):
        yield space.probe(
            optimizer=one.row.seen.optimizer,
            learning_rate=one.row.lattice.rate(request.index),
            batch_size=one.row.seen.batch_size,
            seed=request.seed,
        )


def _turn(one: Questions, turn: int, space: Space) -> tuple[int, int, int, float]:
    """A key to sort requests by: coarse rows before fine ones, the first request of each before the second of any."""
    leads = one.row.seen.batch_size == space.batch_sizes[(len(space.batch_sizes) - 1) // 2]
    coarse = max(one.edge_bits) > COARSE_BITS
    optimizer = next(i for i, choice in enumerate(space.optimizers) if choice.label == one.row.seen.optimizer)
    return (0 if leads else 2) + (0 if coarse else 1), turn, optimizer, -sum(one.edge_bits)


def _script_probe(space: Space) -> Iterator[Probe]:
    """A probe of the script's own setting: the user wants to know how it does, and it may be the one to recommend."""
    if space.script is not None:
        rate, size = space.script
        yield space.probe(optimizer=SCRIPT, learning_rate=rate, batch_size=size, seed=space.seeds[0])


def _with_nulls(space: Space, probes: Iterable[Probe]) -> Iterator[Probe]:
    """Each probe after the null probe that its verdict needs."""
    for probe in probes:
        yield space.probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=probe.batch_size, seed=probe.seed)
        yield probe


def _null_probes(space: Space, seeds: Sequence[int]) -> Iterator[Probe]:
    for seed in seeds:
        for size in space.batch_sizes:
            yield space.probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=size, seed=seed)
