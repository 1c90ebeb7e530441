"""The seam between a sweep and the processes that do its work."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum

from sweeper.findings import Finding
from sweeper.job import JobInfo
from sweeper.probes import Outcome, Probe
from sweeper.protocol import Adopt, Capture, Diagnosed, Failed, Listed
from sweeper.space import OptimizerChoice


class StopLevel(IntEnum):
    """How urgently the person wants the run to end."""

    RUN = 0
    DRAIN = 1
    """Probes in flight finish; no new ones begin."""
    NOW = 2
    """Workers are ended at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A probe with the entry of the optimizer axis that its label stands for."""

    probe: Probe
    choice: OptimizerChoice
    others: tuple[Probe, ...] = ()
    """Further probes of the same optimizer, batch size and steps, to train with it as one program."""

    @property
    def probes(self) -> tuple[Probe, ...]:
        """All probes of the task."""
        return (self.probe, *self.others)


class AbstractWork(ABC):
    """What a sweep answers to an executor, and what it is told by it. All calls come from one thread."""

    @abstractmethod
    def stop_level(self) -> StopLevel:
        """Whether the run should go on; asked often."""

    @abstractmethod
    def order(self) -> Capture | Adopt:
        """What a worker that has reached the fit call should do: take the samples, or adopt those that were taken."""

    @abstractmethod
    def captured(self, job: JobInfo, findings: tuple[Finding, ...]) -> None:
        """The first worker has taken the job; from now on `order` says to adopt it."""

    @abstractmethod
    def next_task(self, last: Probe | None) -> Task | None:
        """The next task for a worker whose previous probe was `last`; None when there is none at the moment."""

    @abstractmethod
    def remaining(self) -> int:
        """Probes that are known to be waiting."""

    @abstractmethod
    def seconds_left(self) -> float | None:
        """About how long the running workers need for the remaining probes; None while that is unknown."""

    @abstractmethod
    def done(self, outcome: Outcome) -> None:
        """A probe has its outcome; called once for each probe."""

    @abstractmethod
    def lost(self, probe: Probe) -> None:
        """The process of a probe is gone and the probe is to be tried again: it is waiting once more.

        It is to be a task of its own, so that it can be told which of several probes ends a process.
        """

    @abstractmethod
    def split_up(self, batch_size: int) -> None:
        """Probes at this batch size failed when they trained as one program: from now on each is a task of its own."""

    @abstractmethod
    def failed(self, reply: Failed) -> None:
        """No worker can get ready; nothing more will come."""

    @abstractmethod
    def listed(self, reply: Listed) -> None:
        """Takes the fit calls that a worker found when it was asked to list them."""

    def diagnosed(self, reply: Diagnosed) -> None:
        """Takes what a worker found when it was asked to diagnose the script."""
        raise AssertionError(reply)

    @abstractmethod
    def note(self, text: str) -> None:
        """Passes on a message that the person should see."""


class AbstractExecutor(ABC):
    """Something that runs tasks in worker processes."""

    @abstractmethod
    def run(self, work: AbstractWork) -> None:
        """Runs tasks until there are none left, the work says stop, or no worker can get ready.

        A process that crashes, hangs or runs out of memory becomes an outcome; it raises nothing for it.
        """
