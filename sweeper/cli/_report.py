"""`sweeper report`: results and report again, from the record of a run."""

from pathlib import Path

import typer

from sweeper.cli import _options
from sweeper.cli._session import Session
from sweeper.errors import ExitStatus


@_options.takes(_options.keys_named("fail_on"))
def report(
    ctx: typer.Context,
    run: _options.Run,
    *,
    given: _options.Given,
    json: _options.Json = False,
) -> ExitStatus:
    """Make results.json and report.html of a run again and print the result; trains nothing."""
    from sweeper.cli._finish import finish

    session: Session = ctx.obj
    fail_on = _options.conditions(given)
    return finish(session.load_library().rebuild(Path(run)), fail_on=fail_on, as_json=json)
