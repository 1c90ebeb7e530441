"""`sweeper batch`: the largest batch size that fits in memory, and the one to use."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.config import BATCH
from sweeper.errors import ExitStatus

if TYPE_CHECKING:
    from sweeper.sweep import Run


class Printed(StrEnum):
    """What `--print` can ask for."""

    SIZE = "size"
    LARGEST = "largest"


Print = Annotated[
    Printed | None,
    typer.Option(
        "--print",
        metavar="size|largest",
        help="Print only the recommended size, or the largest that fits, for use in a command; nothing if none does.",
        show_default=False,
        rich_help_panel="Output",
    ),
]


@options.takes(options.option_keys(without=[*BATCH.fixed, "fail_on"]))
def batch(
    ctx: typer.Context,
    target: options.Target = None,
    script_args: options.ScriptArgs = None,
    *,
    given: options.Given,
    config: options.Config = None,
    show_config: options.ShowConfig = False,
    print_only: Print = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Find the largest batch size that fits in memory, and the one to use.

    Runs the script's own fit for a few steps at a few sizes, each in a fresh process, predicts the largest size that
    fits, and tries it. Then it finds a safe learning rate at the recommended size. Exit status 3 when no size fits.
    """
    from sweeper.cli.settings import settings_of
    from sweeper.cli.sweep import print_config, run_sweep

    session: Session = ctx.obj
    resolved = settings_of(
        session,
        given,
        target=target,
        stray=script_args,
        config=config,
        verb=BATCH,
    )
    if show_config:
        return print_config(resolved, as_json=json)
    return _finish(run_sweep(session, resolved.settings, quiet=quiet), print_only=print_only, as_json=json)


def _finish(result: "Run", *, print_only: Printed | None, as_json: bool) -> ExitStatus:
    from sweeper.batch_size.verbs.text import recommended_line
    from sweeper.cli.finish import explain_status, print_result, rate_line
    from sweeper.cli.output import print_error, print_line

    memory = result.results.memory
    size = memory and (memory.largest_that_fits if print_only is Printed.LARGEST else memory.recommended)
    if print_only is None:
        print_result(result, as_json=as_json)
    if result.status is ExitStatus.NOTHING_TRAINED and memory is not None and size is None:
        print_error(f"no batch size fits: {memory.bound}")
        return ExitStatus.GATE_FAILED
    explain_status(result)
    if result.status is not ExitStatus.DONE:
        return result.status
    if print_only is not None:
        print_line(str(size))
    elif memory is not None and not as_json:
        print_line(recommended_line(memory))
        for row in result.results.rows:
            if row.recommended_learning_rate is not None:
                print_line(rate_line(row, row.recommended_learning_rate))
    return result.status
