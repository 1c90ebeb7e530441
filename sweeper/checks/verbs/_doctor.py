"""`sweeper doctor`: whether this machine and its packages can train, before any script is looked at."""

from typing import Annotated

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus
from sweeper.findings import Severity, fails

Packages = Annotated[
    bool,
    typer.Option("--no-devices", metavar="", help="Look at packages only; do not start TensorFlow."),
]


def doctor(
    ctx: typer.Context,
    *,
    packages_only: Packages = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Say whether the packages fit together and whether TensorFlow sees the GPUs that are there, and if not, why."""
    from sweeper.checks import driver
    from sweeper.checks.verbs._doctor_text import check_up_document, check_up_parts
    from sweeper.cli.output import print_json, print_parts
    from sweeper.cli.views import open_view

    session: Session = ctx.obj
    with open_view(quiet=quiet) as view:
        report = driver.doctor(environ=session.environ, devices=not packages_only, view=view)
    if json:
        print_json(check_up_document(report))
    else:
        print_parts(check_up_parts(report))
    return ExitStatus.GATE_FAILED if fails(report.findings, Severity.ERROR) else ExitStatus.DONE
