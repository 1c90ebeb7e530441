"""An executor without processes, for tests of what surrounds it."""

from collections.abc import Callable

from sweeper.execute._base import AbstractExecutor, AbstractTasks, Happened, Task
from sweeper.job import JobInfo
from sweeper.probes import Outcome, Probe
from sweeper.protocol import Adopt, Capture, Captured


class FakeExecutor(AbstractExecutor):
    """Runs every probe by calling a function, one after another."""

    def __init__(self, job: JobInfo, train: Callable[[Task], Outcome]) -> None:
        self._job = job
        self._train = train
        self._captures = False
        self._waiting: list[Task] = []
        self._last: Probe | None = None
        self._over = False

    @property
    def over(self) -> bool:
        """Whether there was no task left."""
        return self._over

    def begin(self, order: Capture | Adopt) -> None:
        """The next event is the job, where it was not captured before."""
        self._captures = isinstance(order, Capture)

    def next_event(self) -> Happened | None:
        """Calls the function for the next probe."""
        if self._captures:
            self._captures = False
            return Captured(job=self._job)
        return self._train(self._waiting.pop(0)) if self._waiting else None

    def hand_out(self, tasks: AbstractTasks) -> None:
        """Asks for a task when the last one has ended."""
        if self._waiting or self._captures:
            return
        task = tasks.next_task(self._last)
        if task is None:
            self._over = True
            return
        self._last = task.probe
        self._waiting = [Task(probe=probe, choice=task.choice) for probe in task.probes]

    def drain(self) -> None:
        """Is over when the last task has ended."""
        self._over = not self._waiting

    def close(self) -> None:
        """Forgets its tasks."""
        self._waiting.clear()
        self._over = True
