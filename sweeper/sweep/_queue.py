"""The probes of a sweep that have no outcome yet: those that wait for a worker, and those that are in flight."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from sweeper.probes import Probe

Group: TypeAlias = tuple[str, int]
"""Optimizer and batch size, which a probe's time depends on."""


class Queue:
    """Probes in the order in which they are worth most.

    `head` is how many of the first ones a worker may choose from; None when the order does not matter much.
    """

    def __init__(self, *, head: int | None) -> None:
        self._head = head
        self._waiting: list[Probe] = []
        self._groups: Counter[Group] = Counter()
        self._nulls = 0
        self._in_flight: dict[str, Probe] = {}
        self._alone: set[str] = set()
        """Probes that are not to train with others as one program."""

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def waiting(self) -> tuple[Probe, ...]:
        """All that wait."""
        return tuple(self._waiting)

    @property
    def in_flight(self) -> tuple[Probe, ...]:
        """All that were taken and have no outcome yet."""
        return tuple(self._in_flight.values())

    @property
    def cells(self) -> int:
        """How many wait, null probes not counted."""
        return len(self._waiting) - self._nulls

    @property
    def cells_in_flight(self) -> int:
        """How many are in flight, null probes not counted."""
        return sum(not probe.is_null for probe in self._in_flight.values())

    @property
    def groups(self) -> Mapping[Group, int]:
        """How many wait of each optimizer and batch size."""
        return self._groups

    def fill(self, probes: Iterable[Probe]) -> None:
        """Replaces all that wait; those in flight are left out."""
        self._waiting = [probe for probe in probes if probe.id not in self._in_flight]
        self._groups = Counter(map(_group, self._waiting))
        self._nulls = sum(probe.is_null for probe in self._waiting)

    def put_back(self, probes: Sequence[Probe]) -> None:
        """Puts probes in flight first in line again, each to train by itself."""
        for probe in reversed(probes):
            self.ended(probe)
            self._alone.add(probe.id)
            self._waiting.insert(0, probe)
            self._groups[_group(probe)] += 1
            self._nulls += probe.is_null

    def ended(self, probe: Probe) -> None:
        """Forgets a probe that was in flight."""
        self._in_flight.pop(probe.id, None)

    def drop(self, group: Group) -> None:
        """Removes what waits of one optimizer and batch size."""
        if group in self._groups:
            self._nulls -= sum(probe.is_null for probe in self._waiting if _group(probe) == group)
            self._waiting = [probe for probe in self._waiting if _group(probe) != group]
            del self._groups[group]

    def take(self, *, last: Probe | None, lanes: Callable[[Probe], int]) -> tuple[Probe, ...]:
        """The next probes for a worker whose previous one was `last`, which are in flight then; none when none waits.

        Null probes come first. Then one of an optimizer that the worker has traced, or else one that no other worker
        has to trace: in the whole line where the order does not matter, near its head where it does. It comes with
        others that can train as one program with it, up to as many in all as `lanes` says.
        """
        if not self._waiting:
            return ()
        traced = None if last is None else last.optimizer
        place = self._anywhere(traced) if self._head is None else self._near_head(traced)
        probe = self._remove(0 if self._waiting[0].is_null else place)
        others = [] if probe.id in self._alone else self._take_like(probe, most=lanes(probe) - 1)
        self._in_flight |= {one.id: one for one in (probe, *others)}
        return (probe, *others)

    def _take_like(self, probe: Probe, *, most: int) -> list[Probe]:
        taken: list[Probe] = []
        place = 0
        while place < len(self._waiting) and len(taken) < most:
            other = self._waiting[place]
            if _program(other) == _program(probe) and other.id not in self._alone:
                taken.append(self._remove(place))
            else:
                place += 1
        return taken

    def _remove(self, place: int) -> Probe:
        probe = self._waiting.pop(place)
        self._nulls -= probe.is_null
        self._groups[_group(probe)] -= 1
        if not self._groups[_group(probe)]:
            del self._groups[_group(probe)]
        return probe

    def _anywhere(self, traced: str | None) -> int:
        waiting = {optimizer for optimizer, _ in self._groups}
        busy = {probe.optimizer for probe in self._in_flight.values()}
        wanted = {traced} & waiting or waiting - busy or waiting
        return next(place for place, probe in enumerate(self._waiting) if probe.optimizer in wanted)

    def _near_head(self, traced: str | None) -> int:
        """Leaves rows alone in which a probe is in flight: what comes next there depends on it."""
        busy = {_group(probe) for probe in self._in_flight.values()}
        free = (place for place, probe in enumerate(self._waiting) if _group(probe) not in busy)
        head = tuple(islice(free, self._head)) or (0,)
        return next((place for place in head if self._waiting[place].optimizer == traced), head[0])


def _program(probe: Probe) -> tuple[str, int, int, bool]:
    """What probes that train as one program have in common."""
    return probe.optimizer, probe.batch_size, probe.steps, probe.is_null


def _group(probe: Probe) -> Group:
    return probe.optimizer, probe.batch_size
