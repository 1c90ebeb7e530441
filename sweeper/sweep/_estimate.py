"""How many probes a run will make in all, and how long the rest of them will take."""

import math
from collections import Counter
from collections.abc import Callable

from sweeper.job import JobInfo
from sweeper.probes import Outcome
from sweeper.space import Space
from sweeper.sweep._judgements import Judgements
from sweeper.sweep._limits import Budget
from sweeper.sweep._pace import Pace
from sweeper.sweep._queue import Group, Queue
from sweeper.sweep._stages import Stages

_COUNT_EVERY_S = 5.0
"""Time between two estimates of how many probes there will be in all, which take as long as a plan."""
_SAY_EVERY_S = 0.2
"""Time between two estimates of the time that is left, each of which looks at every row."""


class Estimate:
    """Follows a sweep; `plan` and `note` tell it that something has changed."""

    def __init__(
        self,
        job: JobInfo,
        space: Space,
        *,
        stages: Stages,
        queue: Queue,
        judgements: Judgements,
        budget: Budget,
        clock: Callable[[], float],
    ) -> None:
        self._job = job
        self._space = space
        self._stages = stages
        self._queue = queue
        self._judgements = judgements
        self._budget = budget
        self._clock = clock
        self._total = 0
        self._counted = -math.inf
        self._pace: Pace | None = None
        self._said: tuple[float, float | None] = (-math.inf, None)

    @property
    def begun(self) -> int:
        """Probes that have begun, null probes not counted."""
        return self._judgements.done + self._queue.cells_in_flight

    @property
    def planned(self) -> int:
        """Probes that will run in all, with the limit on them; null probes are not counted."""
        return self._budget.capped(self._total)

    @property
    def unplanned(self) -> int:
        """Probes that the search is expected to want besides those that wait."""
        return max(0, self._total - self.begun - self._queue.cells)

    def plan(self, *, count_now: bool = False) -> None:
        """Counts the probes of the whole run, as far as that can be told, when the queue has been filled."""
        known = self.begun + self._queue.cells
        if not self._queue and self._stages.follow_ups is not None:
            self._total = known
        elif not count_now and self._clock() - self._counted < _COUNT_EVERY_S:
            self._total = max(known, self._total)
        else:
            self._counted = self._clock()
            self._total = max(known, self._stages.planned(self._judgements.everything))

    def note(self, outcome: Outcome) -> None:
        """Takes in how long a probe took."""
        probe = outcome.probe
        if self._pace is None:
            assert self._budget.began is not None
            self._pace = Pace(began=self._budget.began)
        self._pace.note(
            optimizer=probe.optimizer,
            batch_size=probe.batch_size,
            seconds=outcome.seconds,
            now=self._clock(),
            worth=self._stages.cost(probe),
        )

    def seconds_left(self) -> float | None:
        """The time that is left; None while too few probes have ended."""
        if self._pace is None:
            return None
        if self._clock() - self._said[0] >= _SAY_EVERY_S:
            self._said = self._clock(), self._from(self._pace)
        return self._said[1]

    def seconds_left_by_step(self) -> float | None:
        """The time that is left by the step that was timed in the capture; None where none was timed."""
        if self._job.step_seconds is None:
            return None
        step = self._job.step_seconds / self._job.batch_size
        sizes = self._space.batch_sizes
        typical = sum(self._space.steps_at(size) * max(size, self._job.batch_size) * step for size in sizes) / len(
            sizes
        )
        return (len(self._queue) + self.unplanned) * typical

    def _from(self, pace: Pace) -> float | None:
        left = self._in_rows()
        rows = [(choice.label, size) for choice in self._space.optimizers for size in self._space.batch_sizes]
        each, number = self.unplanned / len(rows), self._total - self._judgements.done
        each += self._stages.extra_follow_up_cost() / len(rows)
        seconds = pace.seconds_left({row: left[row] + each for row in {*left, *rows}})
        if seconds is None:
            return None
        if number:
            seconds *= max(0, self.planned - self._judgements.done) / number
        return min(seconds, self._budget.seconds_left)

    def _in_rows(self) -> Counter[Group]:
        """What waits or is in flight in each row, in probes of the map."""
        left: Counter[Group] = Counter()
        if self._stages.follow_ups is None:
            left.update(self._queue.groups)
            left.update((probe.optimizer, probe.batch_size) for probe in self._queue.in_flight)
        else:
            for probe in (*self._queue.waiting, *self._queue.in_flight):
                left[probe.optimizer, probe.batch_size] += self._stages.cost(probe)  # type: ignore[assignment]
        return left
