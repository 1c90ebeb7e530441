"""Probes that wait for a worker."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from sweeper.probes import Probe
from sweeper.sweep._pace import Group


class Queue:
    """Probes in the order in which they are worth most.

    `head` is how many of the first ones a worker may choose from; None when the order does not matter much.
    """

    def __init__(self, *, head: int | None) -> None:
        self._head = head
        self._probes: list[Probe] = []
        self._groups: Counter[Group] = Counter()
        self._nulls = 0

    def __len__(self) -> int:
        return len(self._probes)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All of them."""
        return tuple(self._probes)

    @property
    def cells(self) -> int:
        """How many wait, null probes not counted."""
        return len(self._probes) - self._nulls

    @property
    def groups(self) -> Mapping[Group, int]:
        """How many wait of each optimizer and batch size."""
        return self._groups

    def fill(self, probes: Iterable[Probe]) -> None:
        """Replaces all probes."""
        self._probes = list(probes)
        self._groups = Counter(map(_group, self._probes))
        self._nulls = sum(probe.is_null for probe in self._probes)

    def put_back(self, probe: Probe) -> None:
        """Puts a probe first in line again."""
        self._probes.insert(0, probe)
        self._groups[_group(probe)] += 1
        self._nulls += probe.is_null

    def drop(self, group: Group) -> None:
        """Removes what waits of one optimizer and batch size."""
        if group in self._groups:
            self._nulls -= sum(probe.is_null for probe in self._probes if _group(probe) == group)
            self._probes = [probe for probe in self._probes if _group(probe) != group]
            del self._groups[group]

    def take(self, *, last: Probe | None, in_flight: Collection[Probe]) -> Probe | None:
        """The next probe for a worker whose previous one was `last`; None when none waits.

        Null probes come first. Then one of an optimizer that the worker has traced, or else one that no other worker
        has to trace: in the whole line where the order does not matter, near its head where it does.
        """
        if not self._probes:
            return None
        traced = None if last is None else last.optimizer
        place = self._anywhere(traced, in_flight) if self._head is None else self._near_head(traced, in_flight)
        return self._remove(0 if self._probes[0].is_null else place)

    def take_like(self, probe: Probe, *, most: int, alone: Collection[str]) -> tuple[Probe, ...]:
        """Up to so many further probes that can train as one program with one; those named in `alone` cannot."""
        taken: list[Probe] = []
        place = 0
        while place < len(self._probes) and len(taken) < most:
            other = self._probes[place]
            if _program(other) == _program(probe) and other.id not in alone:
                taken.append(self._remove(place))
            else:
                place += 1
        return tuple(taken)

    def _remove(self, place: int) -> Probe:
        probe = self._probes.pop(place)
        self._nulls -= probe.is_null
        self._groups[_group(probe)] -= 1
        if not self._groups[_group(probe)]:
            del self._groups[_group(probe)]
        return probe

    def _anywhere(self, traced: str | None, in_flight: Collection[Probe]) -> int:
        waiting = {optimizer for optimizer, _ in self._groups}
        wanted = {traced} & waiting or waiting - {probe.optimizer for probe in in_flight} or waiting
        return next(place for place, probe in enumerate(self._probes) if probe.optimizer in wanted)

    def _near_head(self, traced: str | None, in_flight: Collection[Probe]) -> int:
        """Leaves rows alone in which a probe is in flight: what comes next there depends on it."""
        busy = {_group(probe) for probe in in_flight}
        free = (place for place, probe in enumerate(self._probes) if _group(probe) not in busy)
        head = tuple(islice(free, self._head)) or (0,)
        return next((place for place in head if self._probes[place].optimizer == traced), head[0])


def _program(probe: Probe) -> tuple[str, int, int, bool]:
    """What probes that train as one program have in common."""
    return probe.optimizer, probe.batch_size, probe.steps, probe.is_null


def _group(probe: Probe) -> Group:
    return probe.optimizer, probe.batch_size
