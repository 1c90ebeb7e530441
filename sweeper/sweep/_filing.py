"""Filing finished probes: one by one in the run directory, many at a time in the study, which costs as much for one."""

import time
from collections.abc import Callable, Sequence

from sweeper.errors import MachineError
from sweeper.probe import Outcome
from sweeper.record import RunDirectory, Study
from sweeper.sweep._verdicts import final_loss
from sweeper.verdict import Judged

_EVERY_S = 1.0
"""Time between two waits for a disk or a database: with slow probes for each, with quick ones for many together."""


class Filing:
    """The way of finished probes to the disk and into a study.

    A killed driver loses nothing that was kept: a resumed run adds to the study what it lacks.
    """

    def __init__(
        self,
        directory: RunDirectory,
        study: Study,
        *,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._study = study
        self._tell = tell
        self._clock = clock
        self._filed = set(study.known_ids())
        self._waiting: list[Judged] = []
        self._last = clock()
        self._failed = False

    def keep(self, outcome: Outcome) -> None:
        """Keeps an outcome for good; raises `MachineError` when the disk does not take it."""
        self._directory.save_outcome(outcome, sync=self._is_time())

    def add(self, judged: Sequence[Judged]) -> None:
        """Takes probes whose verdicts are final; those that the study has already are left out."""
        self._waiting += [one for one in judged if one.outcome.probe.id not in self._filed]
        if self._is_time():
            self._add_to_study()
            self._last = self._clock()

    def close(self) -> None:
        """Adds to the study what waits, and closes it."""
        self._add_to_study()
        self._study.close()

    def _is_time(self) -> bool:
        return self._clock() - self._last >= _EVERY_S

    def _add_to_study(self) -> None:
        """Tells once of a storage that fails, and leaves it alone from then on."""
        waiting, self._waiting = self._waiting, []
        if not waiting or self._failed:
            return
        try:
            self._study.add([(one, final_loss(one.outcome)) for one in waiting])
        except MachineError as error:
            self._failed = True
            self._tell(str(error))
            return
        self._filed.update(one.outcome.probe.id for one in waiting)
