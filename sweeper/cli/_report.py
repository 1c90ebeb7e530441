"""`sweeper report`: results and report again, from the record of a run."""

from pathlib import Path

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus


@options.takes(options.keys_named("fail_on"))
def report(
    ctx: typer.Context,
    run: options.Run,
    *,
    given: options.Given,
    json: options.Json = False,
) -> ExitStatus:
    """Make results.json and report.html of a run again and print the result; trains nothing."""
    from sweeper.cli.finish import finish

    session: Session = ctx.obj
    fail_on = options.conditions(given)
    return finish(session.load_library().rebuild(Path(run)), fail_on=fail_on, as_json=json)
