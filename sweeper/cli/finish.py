"""What a verb does with a run that ended: print it, evaluate the gate, choose the exit status."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sweeper.cli._gate import gate, gated
from sweeper.cli._summary import summary
from sweeper.cli.output import print_error, print_json, print_message, print_parts, result_console
from sweeper.errors import ExitStatus
from sweeper.findings import Severity
from sweeper.reporting import ranges_of
from sweeper.settings import FailOn, format_rate

if TYPE_CHECKING:
    from sweeper.results import Row
    from sweeper.sweep import Run


def finish(result: "Run", *, fail_on: Sequence[FailOn], as_json: bool) -> ExitStatus:
    """The exit status of a run, after its result was printed."""
    print_result(result, as_json=as_json)
    explain_status(result)
    reasons = gate(result.results, fail_on)
    for reason in reasons:
        print_message("gate failed", reason, style="bold red")
    return gated(result.status, reasons)


def print_result(result: "Run", *, as_json: bool) -> None:
    """Prints the result on standard output."""
    if as_json:
        print_json(result.results.as_json())
    else:
        print_parts(summary(result.results, result.directory, width=result_console().width))


def explain_status(result: "Run") -> None:
    """Says on standard error why a run did not end well."""
    match result.status:
        case ExitStatus.NOTHING_TRAINED:
            errors = [finding for finding in result.results.findings if finding.severity is Severity.ERROR]
            why = f"{errors[0].code}: {errors[0].title}" if errors else "no probe could train"
            print_error(f"nothing could be trained. {why}")
        case ExitStatus.INTERRUPTED:
            print_message("interrupted", f"go on with: sweeper resume {result.directory}", style="bold yellow")
        case ExitStatus.INCOMPLETE:
            limit = result.results.environment.limit
            why = limit and f"{limit}; "
            more = " --max-probes N, with a larger N" if "max-probes" in limit else ""
            print_message(
                "incomplete", f"{why}go on with: sweeper resume {result.directory}{more}", style="bold yellow"
            )
        case _:
            pass


def rate_line(row: "Row", rate: float) -> str:
    """The recommended rate of a row, and its ranges; the last line of verbs that find one."""
    return f"safe learning rate: {format_rate(rate)} ({ranges_of(row, rate=format_rate)})"
