"""How long the rest of a sweep will take, from how long its probes took.

A probe costs its steps, which depend on the batch size, and the first one of an optimizer a trace as well. Probes run
side by side, and what a driver and a busy machine take between them counts too: so the sum of what the probes left will
take is divided by how many seconds of probes have lately been done in a second.

>>> pace = Pace(began=0.0)
>>> for number in range(1, 11):
...     pace.note(optimizer="adam", batch_size=32, seconds=1.0, now=0.5 * number)
>>> round(pace.seconds_left({("adam", 32): 20}), 1)
10.0
"""

import statistics
from collections import Counter, defaultdict, deque
from collections.abc import Mapping

from sweeper.sweep._queue import Group

FEWEST = 3
"""Probes that must have ended before anything is said."""
_RECENT = 40
"""Probes by which the pace is judged: enough to smooth it, few enough to follow a machine that others use too."""


class Pace:
    """What was seen of the probes of one sitting, which began at `began`; times are seconds of any one clock."""

    def __init__(self, *, began: float) -> None:
        self._ends: deque[tuple[float, float]] = deque([(began, 0.0)], maxlen=_RECENT + 1)
        self._seconds: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=_RECENT))
        self._firsts: dict[str, tuple[int, float]] = {}
        self._noted = 0

    def note(self, *, optimizer: str, batch_size: int, seconds: float, now: float, worth: float = 1.0) -> None:
        """Takes in a probe that has ended; one of other length than most is worth as many of them as its steps are."""
        self._noted += 1
        self._ends.append((now, seconds))
        if optimizer in self._firsts:
            self._seconds[batch_size].append(seconds / worth)
        else:
            self._firsts[optimizer] = (batch_size, seconds / worth)

    def seconds_left(self, waiting: Mapping[Group, float]) -> float | None:
        """The time for so many probes of each group; None while too few have ended."""
        if self._noted < FEWEST:
            return None
        traces = self._trace() * len({optimizer for optimizer, _ in waiting} - self._firsts.keys())
        sizes: Counter[int] = Counter()
        for (_, size), number in waiting.items():
            sizes[size] += number  # type: ignore[assignment]  # parts of probes are expected
        steps = sum(self._typical(size) * number for size, number in sizes.items())
        return (traces + steps) / self._side_by_side()

    def _typical(self, batch_size: int) -> float:
        """The mean time at a batch size; of all, before one has ended there."""
        known = self._seconds.get(batch_size) or [one for size in self._seconds.values() for one in size]
        return statistics.fmean(known or [seconds for _, seconds in self._firsts.values()])

    def _trace(self) -> float:
        """What the first probe of an optimizer takes longer."""
        return max(0.0, statistics.median(took - self._typical(size) for size, took in self._firsts.values()))

    def _side_by_side(self) -> float:
        """Seconds of probes that were done in a second."""
        (before, _), *ended = self._ends
        wall, done = ended[-1][0] - before, sum(seconds for _, seconds in ended)
        return done / wall if done > 0 < wall else 1.0
