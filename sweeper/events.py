"""Events of a run, and the views that show them: a view gets one event at a time and never answers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.job import JobInfo
from sweeper.space import Space
from sweeper.verdict import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOpened:
    """The run directory has been made or opened; workers start next."""

    directory: str
    resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something that takes seconds has begun: starting the script, tracing, writing the report."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCaptured:
    """The fit call was reached and the axes are known."""

    job: JobInfo
    space: Space
    planned: int
    """Probes of the map, null probes not counted."""
    finished: tuple[Judged, ...] = ()
    """Probes that were finished before, in a resumed run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDone:
    """A probe has ended."""

    judged: Judged
    done: int
    planned: int
    seconds_left: float | None
    """Estimate; None while too few probes have run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBegun:
    """A trial of the batch-size search has reached the fit call."""

    text: str
    """What it tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialDone:
    """A trial of the batch-size search has ended."""

    text: str
    """What it found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySearched:
    """The batch-size search has ended."""

    text: str
    """What it found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line that the user should see, such as that a worker was replaced."""

    text: str


Event: TypeAlias = RunOpened | Waiting | TrialBegun | TrialDone | MemorySearched | JobCaptured | ProbeDone | Note


class AbstractView(ABC):
    """Something that shows a run while it goes on."""

    @abstractmethod
    def show(self, event: Event) -> None:
        """Shows one event; must return quickly and raise nothing."""


class SilentView(AbstractView):
    """A view that shows nothing."""

    def show(self, event: Event) -> None:
        """Does nothing with the event."""
