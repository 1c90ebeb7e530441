"""`sweeper lr`: the quick safe-rate finder before a long job."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.config import LR
from sweeper.errors import ExitStatus
from sweeper.settings import Topic, format_rate

if TYPE_CHECKING:
    from sweeper.sweep import Run


class Printed(StrEnum):
    """What `--print` can ask for."""

    RATE = "rate"


Print = Annotated[
    Printed | None,
    typer.Option(
        "--print",
        metavar="rate",
        help="Print only the safe rate, for use in a command; nothing when there is none.",
        show_default=False,
        rich_help_panel="Output",
    ),
]


@options.takes(options.option_keys(without=[*LR.fixed, "fail_on", *options.names_about(Topic.MEMORY)]))
def lr(
    ctx: typer.Context,
    target: options.Target = None,
    script_args: options.ScriptArgs = None,
    *,
    given: options.Given,
    config: options.Config = None,
    show_config: options.ShowConfig = False,
    plan: options.PlanOnly = False,
    print_only: Print = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Find a safe learning rate for a script, with its own optimizer and batch size.

    The last line printed is the rate to use, where training goes well and where it is only stable. Exit status 3 when
    no rate is stable.
    """
    from sweeper.cli.settings import settings_of
    from sweeper.cli.sweep import print_config, print_plan, run_sweep

    session: Session = ctx.obj
    resolved = settings_of(
        session,
        given,
        target=target,
        stray=script_args,
        config=config,
        verb=LR,
    )
    if show_config:
        return print_config(resolved, as_json=json)
    if plan:
        return print_plan(session, resolved.settings, as_json=json, quiet=quiet)
    return _finish(run_sweep(session, resolved.settings, quiet=quiet), print_only=print_only, as_json=json)


def _finish(result: "Run", *, print_only: Printed | None, as_json: bool) -> ExitStatus:
    from sweeper.cli.finish import explain_status, print_result, rate_line
    from sweeper.cli.output import print_error, print_line

    row = next(iter(result.results.rows), None)
    advice = result.results.recommendation
    rate = advice.learning_rate if row and advice else None
    if print_only is None:
        print_result(result, as_json=as_json)
    explain_status(result)
    if result.status is not ExitStatus.DONE:
        return result.status
    if row is None or rate is None:
        print_error(f"no safe learning rate was found{': ' + row.reason if row else ''}")
        return ExitStatus.GATE_FAILED
    if print_only is Printed.RATE:
        print_line(format_rate(rate))
    elif not as_json:
        print_line(rate_line(row, rate))
    return ExitStatus.DONE
