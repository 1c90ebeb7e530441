"""`sweeper doctor`: whether this machine and its packages can train, before any script is looked at."""

from typing import Annotated

import typer

from sweeper.cli import _options
from sweeper.cli._session import Session
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
    json: _options.Json = False,
    quiet: _options.Quiet = False,
) -> ExitStatus:
    """Say whether the packages fit together and whether TensorFlow sees the GPUs that are there, and if not, why."""
    from sweeper.checks.verbs._doctor_text import check_up_document, check_up_parts
    from sweeper.cli._output import print_json, print_parts
    from sweeper.cli._views import open_view

    session: Session = ctx.obj
    with open_view(quiet=quiet) as view:
        report = session.load_library().doctor(environ=session.environ, devices=not packages_only, view=view)
    if json:
        print_json(check_up_document(report))
    else:
        print_parts(check_up_parts(report))
    return ExitStatus.GATE_FAILED if fails(report.findings, Severity.ERROR) else ExitStatus.DONE
