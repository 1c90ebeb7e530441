"""What every engine does."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.curve import Curve
from sweeper.probe import Probe

Progress: TypeAlias = Callable[[int], None]
"""Called with the number of steps that have run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What an engine measured in one probe."""

    curve: Curve
    seconds: float
    """Wall time of the whole probe."""
    step_seconds: float | None
    """Median time of a step after the first ones; None when too few ran."""
    peak_memory_bytes: int | None


class AbstractEngine(ABC):
    """Runs probes of one job, each from exactly the state in which the job was captured.

    A probe's curve depends on the probe alone, not on what ran before it in the same process.
    """

    @abstractmethod
    def run(self, probe: Probe, *, progress: Progress) -> Measured:
        """Trains for the probe's steps and returns what was measured.

        Raises whatever the training raises; the engine can run further probes afterwards unless memory ran out.
        """
