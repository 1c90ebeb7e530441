"""`sweeper diagnose`: what is wrong with a script, before anything is trained for long."""

from typing import Annotated

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ConfigError, ExitStatus
from sweeper.findings import FAIL_ON_NEVER, Severity, fails

_KEYS = options.keys_named(
    *("command", "fit", "data", "backend", "gpus", "precision", "start_timeout", "earlier_fits", "ignore")
)
_LEVELS = (*(str(severity) for severity in Severity), FAIL_ON_NEVER)

FailAt = Annotated[
    str,
    typer.Option(
        "--fail-on",
        metavar="|".join(_LEVELS),
        help="Exit with status 3 on a finding of this severity or a worse one.",
        rich_help_panel="Exit status",
    ),
]


@options.takes(_KEYS)
def diagnose(
    ctx: typer.Context,
    target: options.Target = None,
    script_args: options.ScriptArgs = None,
    *,
    given: options.Given,
    fail_on: FailAt = Severity.ERROR,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Say what is wrong with a script, its data, its model and its loss, and what to do about it.

    Runs the script up to its fit call, looks at what fit is given, trains a few steps, and lets the script go on to a
    predict or evaluate. The likeliest cause comes first.
    """
    from sweeper.checks import driver
    from sweeper.checks.verbs._diagnose_text import diagnosis_document, diagnosis_parts
    from sweeper.cli.output import print_json, print_parts
    from sweeper.cli.settings import settings_of
    from sweeper.cli.views import open_view

    if fail_on not in _LEVELS:
        raise ConfigError(f"--fail-on: {fail_on!r} must be one of {', '.join(_LEVELS)}")
    session: Session = ctx.obj
    resolved = settings_of(session, given, target=target, stray=script_args, config=config)
    with open_view(quiet=quiet) as view:
        report = driver.diagnose(resolved.settings, view=view)
    if json:
        print_json(diagnosis_document(report))
    else:
        print_parts(diagnosis_parts(report))
    return ExitStatus.GATE_FAILED if fails(report.findings, fail_on) else ExitStatus.DONE
