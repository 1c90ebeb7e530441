"""Facts about a run: its settings, its machine, and how far it came."""

from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """How far a run came."""

    COMPLETE = "complete"
    """Every planned probe has an outcome."""
    INCOMPLETE = "incomplete"
    """It stopped before all planned probes had run; `sweeper resume` goes on."""
    INTERRUPTED = "interrupted"
    """The user stopped it."""
    FAILED = "failed"
    """Nothing could be trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Facts about a run for its report, without its results."""

    name: str
    target: str
    script_args: tuple[str, ...]
    command: tuple[str, ...]
    """The command line that started the run, `sweeper` first."""
    created: str
    """ISO 8601 time with zone."""
    seconds: float
    """Wall time of the run, resumed parts added up."""
    state: RunState
    planned: int
    """Probes in the plan, null probes not counted; an estimate while a boundary search goes on."""
    limit: str = ""
    """The limit on time or probes that ended the run, in words; empty when none did."""
    version: str = "unknown"
    """The sweeper that made the run."""
    environment: tuple[tuple[str, str], ...]
    """Names and values: python, platform, cpu, memory, workers and so on; versions of packages are in the job."""
