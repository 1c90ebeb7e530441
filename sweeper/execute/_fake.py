"""An executor without processes, for tests of what surrounds it."""

from collections.abc import Callable

from sweeper.execute._base import AbstractExecutor, AbstractWork, StopLevel, Task
from sweeper.job import JobInfo
from sweeper.probes import Outcome
from sweeper.protocol import Capture


class FakeExecutor(AbstractExecutor):
    """Runs every task by calling a function, one after another."""

    def __init__(self, job: JobInfo, train: Callable[[Task], Outcome]) -> None:
        self._job = job
        self._train = train

    def run(self, work: AbstractWork) -> None:
        """Hands every task to the function."""
        if isinstance(work.order(), Capture):
            work.captured(self._job, ())
        last = None
        while work.stop_level() is StopLevel.RUN and (task := work.next_task(last)) is not None:
            last = task.probe
            for probe in task.probes:
                work.done(self._train(Task(probe=probe, choice=task.choice)))
