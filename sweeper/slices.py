"""The two slices beside the map, and the hooks by which everything else reaches them.

`batch_size` searches for the largest batch size that fits in memory, `checks` says what is wrong with script, data and
model. Nothing outside a slice imports it, and neither imports the other: the functions below load its modules by name
when they are first asked for. `lint-imports` proves the first, mypy that the modules are what the hooks promise.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any, NoReturn

    from rich.console import RenderableType

    import sweeper.batch_size.driver
    import sweeper.batch_size.report
    import sweeper.batch_size.verbs
    import sweeper.batch_size.verbs.text
    import sweeper.batch_size.worker
    import sweeper.checks.diagnose
    import sweeper.checks.verbs
    import sweeper.checks.worker
    from sweeper.capture import Call, Interception, Job
    from sweeper.events import AbstractView
    from sweeper.execute import AbstractLauncher, Slot, StopLevel
    from sweeper.findings import Diagnosis, Finding, FindingKind
    from sweeper.job import Change, OptimizerInfo
    from sweeper.protocol import Start
    from sweeper.record import RunDirectory
    from sweeper.reporting import Headline
    from sweeper.results import Memory, Results
    from sweeper.settings import Settings
    from sweeper.thresholds import Threshold
    from sweeper.verdict import Judged
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
        """Runs memory trials until the search is over or the user stops it; goes on where an earlier one stopped."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSection:
    """A section of the report page."""

    html: str
    figure: "dict[str, Any] | None"
    """Data and layout for plotly.js; None where there is nothing to draw."""
    sentence: str
    """What it adds to the first lines of the page, where these speak of something else; empty when nothing."""


class BatchSizeSection(Protocol):
    """What a report needs of the batch-size search."""

    def batch_size_headline(self, results: "Results", memory: "Memory") -> "Headline":
        """The first lines of a report when only the batch size was searched, or no probe could be run."""

    def page_section(self, results: "Results", memory: "Memory") -> PageSection:
        """The section on memory and batch size."""


def batch_size_section() -> BatchSizeSection:
    """The part of a report that a batch-size search fills."""
    return cast("BatchSizeSection", import_module("sweeper.batch_size.report"))


class BatchSizeText(Protocol):
    """What the terminal shows of a batch-size search."""

    def memory_parts(self, memory: "Memory") -> "list[RenderableType]":
        """The parts to print, in order."""


def batch_size_text() -> BatchSizeText:
    """What the terminal shows of a batch-size search."""
    return cast("BatchSizeText", import_module("sweeper.batch_size.verbs.text"))


class MemoryTrial(Protocol):
    """What a worker does for the batch-size search."""

    def run_trial(
        self,
        link: "Link",
        interception: "Interception",
        call: "Call",
        *,
        scratch: "Path",
        before: "tuple[Change, ...]",
        alive: "Callable[[int], None]",
    ) -> "NoReturn":
        """Runs one memory trial at a fit call that was reached, as the driver asks, and ends the process."""


def memory_trial() -> MemoryTrial:
    """The memory trial of a worker."""
    return cast("MemoryTrial", import_module("sweeper.batch_size.worker"))


class Checks(Protocol):
    """What the driver needs of the checks."""

    KINDS: "tuple[FindingKind, ...]"
    """All that sweeper can find, by code."""

    def across(
        self,
        judged: "Sequence[Judged]",
        findings: "Sequence[Finding]",
        suspicions: "Sequence[Finding]" = (),
        *,
        constant_loss: float | None = None,
    ) -> "tuple[Finding, ...]":
        """What all probes of a run say together, beside the findings on its script and the suspicions from its data."""


def checks() -> Checks:
    """The checks, for the driver."""
    return cast("Checks", import_module("sweeper.checks.diagnose"))


class OpenDiagnosis(Protocol):
    """The diagnosis of a script that goes on after its fit call."""

    history: "Any"
    """What fit returned, with which the script goes on."""

    def ended(self, error: BaseException | None) -> "NoReturn":
        """Reports the findings when the script has ended, with or without an error, and ends the process."""


class ChecksInWorker(Protocol):
    """What a worker needs of the checks."""

    def look_at_job(
        self, call: "Call", interception: "Interception", job: "Job", optimizer: "OptimizerInfo"
    ) -> "Diagnosis":
        """The findings about a fit call that can be trained, and suspicions; no error in looking ends the run."""

    def why_script_raised(self, error: BaseException) -> "Finding | None":
        """The cause of an exception that the script raised before its fit call; None where it is not known."""

    def why_fit_raised(self, error: BaseException, call: "Call", interception: "Interception") -> "tuple[Finding, ...]":
        """The findings about a fit call that raises on the script's own data and model, the likeliest cause first."""

    def begin_diagnosis(
        self, link: "Link", interception: "Interception", call: "Call", *, earlier_fits: int
    ) -> OpenDiagnosis:
        """Examines a fit call and trains it for a few steps; ends the process where there is nothing to wait for."""


def checks_in_worker() -> ChecksInWorker:
    """The checks, for a worker."""
    return cast("ChecksInWorker", import_module("sweeper.checks.worker"))


class Verbs(Protocol):
    """The verbs of a slice."""

    VERBS: "tuple[Callable[..., Any], ...]"
    """In the order of the help."""
    EXAMPLES: "Mapping[str, tuple[str, ...]]"
    """What the help of each shows, by its name."""


def batch_size_verbs() -> Verbs:
    """The verb `batch`."""
    return cast("Verbs", import_module("sweeper.batch_size.verbs"))


def checks_verbs() -> Verbs:
    """The verbs `diagnose` and `doctor`."""
    return cast("Verbs", import_module("sweeper.checks.verbs"))


if TYPE_CHECKING:
    _search: BatchSizeSearch = sweeper.batch_size.driver
    _section: BatchSizeSection = sweeper.batch_size.report
    _text: BatchSizeText = sweeper.batch_size.verbs.text
    _trial: MemoryTrial = sweeper.batch_size.worker
    _checks: Checks = sweeper.checks.diagnose
    _checks_in_worker: ChecksInWorker = sweeper.checks.worker
    _batch_size_verbs: Verbs = sweeper.batch_size.verbs
    _checks_verbs: Verbs = sweeper.checks.verbs
