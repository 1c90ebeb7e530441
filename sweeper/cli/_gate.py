"""The conditions of `--fail-on`, evaluated on the results of a run."""

from collections.abc import Sequence

from sweeper.errors import ExitStatus
from sweeper.probes import OutcomeKind
from sweeper.recommendation import Standing
from sweeper.results import Results
from sweeper.settings import FailOn

_FAILURES = (OutcomeKind.OOM, OutcomeKind.CRASHED, OutcomeKind.TIMEOUT, OutcomeKind.ERROR)


def gate(results: Results, fail_on: Sequence[FailOn]) -> tuple[str, ...]:
    """Why the gate fails: one sentence for each condition that holds; empty when it passes."""
    checks = {
        FailOn.UNSAFE: _unsafe,
        FailOn.NO_SAFE_RANGE: _no_safe_range,
        FailOn.ANY_FAILURE: _any_failure,
    }
    reasons = (checks[condition](results) for condition in fail_on if condition is not FailOn.NEVER)
    return tuple(reason for reason in reasons if reason)


def gated(status: ExitStatus, reasons: Sequence[str]) -> ExitStatus:
    """The exit status of a run with these reasons against it; a run that did not end well keeps its own."""
    return ExitStatus.GATE_FAILED if reasons and status is ExitStatus.DONE else status


def _unsafe(results: Results) -> str:
    recommendation = results.recommendation
    if recommendation is None:
        return f"{FailOn.UNSAFE}: the script's own setting could not be placed on the map"
    script = recommendation.script
    return "" if script.standing is Standing.SAFE else f"{FailOn.UNSAFE}: {script.sentence}"


def _no_safe_range(results: Results) -> str:
    rows = results.rows
    if any(row.stable_learning_rate for row in rows):
        return ""
    return f"{FailOn.NO_SAFE_RANGE}: none of {len(rows)} rows of the map has a stable rate"


def _any_failure(results: Results) -> str:
    failed = [probe for probe in results.probes if probe.outcome in _FAILURES]
    if not failed:
        return ""
    first = failed[0]
    return (
        f"{FailOn.ANY_FAILURE}: {len(failed)} of {len(results.probes)} probes failed, "
        f"the first {first.id} ({first.outcome}: {first.cause})"
    )
