"""Adding finished probes to the study of a run while the sweep goes on.

Optuna's own functions take about a millisecond for a trial in a journal file and some ten of them in a database, with
a wait for the disk or the network in each (scripts/benchmarks/benchmark_study_index.py). So a thread adds the trials.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from sweeper.errors import SweeperError
from sweeper.record._storage_url import without_password
from sweeper.record._study import Study
from sweeper.space import Space
from sweeper.verdict import Judged

_LOOK_EVERY_S = 0.1
"""Time between two checks of whether the user has asked to stop waiting."""
_PATIENCE_S = 2.0
"""Time to add the remaining probes after the user has asked to stop: enough for a journal file."""


class StudyWriter:
    """Adds finished probes to a study on a thread of its own; probes that are already there are left out.

    A storage that fails ends no sweep: `add` or `close` tells of it, once, and the study is left alone from then on.
    """

    def __init__(self, *, at: str | Path, name: str, run_id: str, space: Space, tell: Callable[[str], None]) -> None:
        """Starts the thread; `tell` shows a message to the user, the other arguments are those of `Study.open`."""
        self._at = at
        self._name = name
        self._tell = tell
        self._waiting: SimpleQueue[tuple[Judged, float | None] | None] = SimpleQueue()
        self._error = ""
        self._left = False
        self._thread = Thread(target=self._write, args=(run_id, space), daemon=True, name="sweeper-study")
        self._thread.start()

    def add(self, finished: Sequence[tuple[Judged, float | None]]) -> None:
        """Hands over finished probes, each with its final loss, and returns at once."""
        for one in finished:
            self._waiting.put(one)
        self._tell_error()

    def close(self, *, stopped: Callable[[], bool], waits: Callable[[], None]) -> None:
        """Waits until the study has every probe, or `stopped` says that the user does not want to wait.

        Args:
            stopped: Whether the user has asked to stop.
            waits: Called once when it takes longer than a moment.
        """
        self._waiting.put(None)
        patience = _PATIENCE_S
        self._thread.join(1.0)
        if self._thread.is_alive():
            waits()
        while self._thread.is_alive() and patience > 0:
            self._thread.join(_LOOK_EVERY_S)
            patience -= _LOOK_EVERY_S if stopped() else 0.0
        self._tell_error()
        if self._thread.is_alive():
            self._left = True
            self._tell(
                f"study {self._name!r} at {without_password(str(self._at))} does not have every probe yet; "
                "`sweeper resume` adds the others"
            )

    def _tell_error(self) -> None:
        if self._error:
            self._tell(self._error)
            self._error = ""

    def _write(self, run_id: str, space: Space) -> None:
        try:
            with closing(Study.open(at=self._at, name=self._name, run_id=run_id, space=space)) as study:
                known = set(study.known_ids())
                while (one := self._waiting.get()) is not None and not self._left:
                    judged, final_loss = one
                    if judged.outcome.probe.id not in known:
                        study.add(judged, final_loss)
                        known.add(judged.outcome.probe.id)
        except SweeperError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001  no sweep ends, and no traceback lands in its view, for an index
            self._error = f"cannot write study {self._name!r}: {error!r}"
