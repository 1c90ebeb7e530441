"""The two slices beside the map, and the hooks by which everything else reaches them.

`batch_size` searches for the largest batch size that fits in memory, `checks` says what is wrong with script, data and
model. Nothing outside a slice imports it, and neither imports the other: the functions below load its modules by name
when they are first asked for. `lint-imports` proves the first, mypy that the modules are what the hooks promise.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn

    import sweeper.batch_size.driver
    import sweeper.batch_size.worker
    from sweeper.capture import Call, Interception
    from sweeper.events import AbstractView
    from sweeper.execute import AbstractLauncher, Slot, StopLevel
    from sweeper.findings import Finding
    from sweeper.protocol import Start
    from sweeper.record import RunDirectory
    from sweeper.results import Memory, Results
    from sweeper.settings import Settings
    from sweeper.thresholds import Threshold
    from sweeper.worker import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSizeFound:
    """What a batch-size search found, as the run that asked for it needs it."""

    sizes: tuple[int, ...] = ()
    """The batch-size axis of the map; empty when no size fits or the search has not ended."""
    findings: "tuple[Finding, ...]" = ()
    section: "Memory | None" = None
    """Its section of the results; None before the first trial has ended."""
    thresholds: "tuple[Threshold, ...]" = ()
    """The numbers that decided."""


class BatchSizeSearch(Protocol):
    """What the driver of a run needs of the batch-size search."""

    def search_batch_size(
        self,
        run: "RunDirectory",
        settings: "Settings",
        *,
        start: "Start",
        slot: "Slot",
        launcher: "AbstractLauncher",
        view: "AbstractView",
        stop_level: "Callable[[], StopLevel]",
    ) -> BatchSizeFound:
        """Runs memory trials until the search is over or the person stops it; goes on where an earlier one stopped."""

    def kept_batch_size(self, run: "RunDirectory", settings: "Settings") -> BatchSizeFound | None:
        """What the search of a run found when it ended; None when it has not, or there was none."""

    def compare_precision(
        self,
        run: "RunDirectory",
        settings: "Settings",
        results: "Results",
        *,
        view: "AbstractView",
        sweep: "Callable[[RunDirectory, Settings], Results]",
    ) -> BatchSizeFound | None:
        """What was found, with the verdicts at another precision; None where nobody asked for it.

        `results` are those of the finished map; `sweep` runs a map in a run directory of its own.
        """


def batch_size_search() -> BatchSizeSearch:
    """The batch-size search of a run."""
    return cast("BatchSizeSearch", import_module("sweeper.batch_size.driver"))


class MemoryTrial(Protocol):
    """What a worker does for the batch-size search."""

    def run_trial(
        self,
        link: "Link",
        interception: "Interception",
        call: "Call",
        *,
        scratch: "Path",
        earlier: str,
        alive: "Callable[[int], None]",
    ) -> "NoReturn":
        """Runs one memory trial at a fit call that was reached, as the driver asks, and ends the process."""


def memory_trial() -> MemoryTrial:
    """The memory trial of a worker."""
    return cast("MemoryTrial", import_module("sweeper.batch_size.worker"))


if TYPE_CHECKING:
    _search: BatchSizeSearch = sweeper.batch_size.driver
    _trial: MemoryTrial = sweeper.batch_size.worker
