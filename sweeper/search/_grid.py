"""Every cell of the map, in an order that makes the live map useful early.

The null probes come first: what they say about noise is needed for every verdict. Then one optimizer after the other,
because a change of optimizer costs a trace. Within one, a whole map per seed, and the rates from coarse to fine:

>>> coarse_to_fine((1, 2, 3, 4, 5, 6, 7))
(4, 2, 6, 1, 3, 5, 7)
"""

from collections import deque
from collections.abc import Iterator
from typing import TypeVar

from sweeper.probes import NULL_RATE, Probe
from sweeper.search._base import AbstractSearch
from sweeper.space import SCRIPT, Space
from sweeper.verdict import Judged

T = TypeVar("T")


class GridSearch(AbstractSearch):
    """All combinations of the axes, each once, after the null probes."""

    def next_probes(self, space: Space, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """All probes that are not finished."""
        finished = {one.outcome.probe for one in judged}
        return tuple(probe for probe in (*_null_probes(space), *_cells(space)) if probe not in finished)


class GridWithoutNulls(AbstractSearch):
    """All combinations of the axes without null probes, which would cost as much again as one long probe."""

    def next_probes(self, space: Space, judged: tuple[Judged, ...]) -> tuple[Probe, ...]:
        """All probes that are not finished."""
        finished = {one.outcome.probe for one in judged}
        return tuple(probe for probe in _cells(space) if probe not in finished)


def coarse_to_fine(values: tuple[T, ...]) -> tuple[T, ...]:
    """The values in another order: the middle one first, then the middles of the two halves, and so on."""
    ordered = []
    parts = deque([values])
    while parts:
        part = parts.popleft()
        if part:
            middle = (len(part) - 1) // 2
            ordered.append(part[middle])
            parts += (part[:middle], part[middle + 1 :])
    return tuple(ordered)


def _null_probes(space: Space) -> Iterator[Probe]:
    for seed in space.seeds:
        for batch_size in space.batch_sizes:
            yield space.probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=batch_size, seed=seed)


def _cells(space: Space) -> Iterator[Probe]:
    for choice in space.optimizers:
        for seed in space.seeds:
            for rate in coarse_to_fine(space.learning_rates):
                for size in space.batch_sizes:
                    yield space.probe(optimizer=choice.label, learning_rate=rate, batch_size=size, seed=seed)
