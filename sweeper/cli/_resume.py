"""`sweeper resume`: go on with a run."""

from pathlib import Path
from typing import Annotated, cast

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus

Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", help="The run directory. [dim]Default: the newest one in runs.[/]", show_default=False
    ),
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        metavar="",
        help="Go on even if the script, the settings or the versions are no longer those of the run.",
        rich_help_panel="Run",
    ),
]


@options.takes(options.keys_named("fail_on", "storage", "budget", "max_probes"))
def resume(
    ctx: typer.Context,
    run: Run = None,
    *,
    given: options.Given,
    force: Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Go on with a run that was interrupted; no finished probe runs again.

    Without RUN it is the newest one in the folder runs.

    Refuses, and says what differs, when the script, the settings or the versions have changed.
    """
    from sweeper.cli.finish import finish
    from sweeper.cli.views import open_view

    session: Session = ctx.obj
    fail_on = options.conditions(given)
    storage = cast("str | None", given["storage"]) or session.environ.get("SWEEPER_STORAGE")
    library = session.load_library()
    with open_view(quiet=quiet) as view:
        result = library.resume(
            library.newest() if run is None else Path(run),
            force=force,
            storage=storage,
            budget_s=options.parsed(given, "budget"),
            max_probes=options.parsed(given, "max_probes"),
            view=view,
        )
    return finish(result, fail_on=fail_on, as_json=json)
