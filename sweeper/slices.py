"""The two slices beside the map, and the hooks by which everything else reaches them.

`batch_size` searches for the largest batch size that fits in memory, `checks` says what is wrong with script, data and
model. Nothing outside a slice imports it, and neither imports the other: the functions below load its modules by name
when they are first asked for. `lint-imports` proves the first, mypy that the modules are what the hooks promise.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn

    import sweeper.checks.diagnose
    import sweeper.checks.verbs
    import sweeper.checks.worker
    from sweeper.capture import Call, Interception, Job
    from sweeper.findings import Diagnosis, Finding, FindingKind
    from sweeper.job import OptimizerInfo
    from sweeper.verdict import Judged
    from sweeper.worker import Link


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


def checks_verbs() -> Verbs:
    """The verbs `diagnose` and `doctor`."""
    return cast("Verbs", import_module("sweeper.checks.verbs"))


if TYPE_CHECKING:
    _checks: Checks = sweeper.checks.diagnose
    _checks_in_worker: ChecksInWorker = sweeper.checks.worker
    _checks_verbs: Verbs = sweeper.checks.verbs
