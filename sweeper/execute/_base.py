"""The seam between a sweep and the workers that do its work: the sweep asks what has happened, and hands out tasks."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Self, TypeAlias

from sweeper.events import Note
from sweeper.probes import Outcome, Probe
from sweeper.protocol import Adopt, AtFit, Capture, Captured, Diagnosed, Failed, Listed
from sweeper.space import OptimizerChoice


class StopLevel(IntEnum):
    """How urgently the user wants the run to end."""

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


class AbstractTasks(ABC):
    """The probes that wait for a worker."""

    @abstractmethod
    def next_task(self, last: Probe | None) -> Task | None:
        """Takes out the next task for a worker whose previous probe was `last`; None when there is none now."""

    @abstractmethod
    def remaining(self) -> int:
        """Probes that are known to be waiting."""

    @abstractmethod
    def seconds_left(self) -> float | None:
        """About how long the running workers need for the remaining probes; None while that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Probes whose process is gone, or that failed as one program: they are to be tried again, each as its own task."""

    probes: tuple[Probe, ...]

    @property
    def together(self) -> bool:
        """Whether several failed as one program."""
        return len(self.probes) > 1


Happened: TypeAlias = AtFit | Captured | Outcome | Lost | Failed | Listed | Diagnosed | Note
"""What can happen to workers. After `Failed`, `Listed` and `Diagnosed` nothing more comes."""


class AbstractExecutor(ABC):
    """Runs probes in workers. As a context, it ends every worker however it is left.

    ```
    executor.begin(order)
    while not executor.over:
        event = executor.next_event()  # a process that crashes, hangs or fills the memory is an event too
        ...
        executor.hand_out(tasks)  # or drain()
    ```
    """

    def __enter__(self) -> Self:
        """The executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether nothing more will happen."""

    @abstractmethod
    def begin(self, order: Capture | Adopt) -> None:
        """Starts the first worker: it takes the samples at the fit call, or adopts those that were taken."""

    @abstractmethod
    def next_event(self) -> Happened | None:
        """What has happened; None when nothing does for a moment."""

    @abstractmethod
    def hand_out(self, tasks: AbstractTasks) -> None:
        """Gives tasks to workers that wait for one, and starts or ends workers as there is much or nothing to do."""

    @abstractmethod
    def drain(self) -> None:
        """Ends the workers that have no probe in flight."""

    @abstractmethod
    def close(self) -> None:
        """Ends all workers at once."""
