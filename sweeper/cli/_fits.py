"""`sweeper fits`: which fit calls a script reaches."""

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus

_KEYS = options.keys_named("command", "data", "backend", "gpus", "start_timeout", "earlier_fits")


@options.takes(_KEYS)
def fits(
    ctx: typer.Context,
    target: options.Target = None,
    script_args: options.ScriptArgs = None,
    *,
    given: options.Given,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """List the model.fit calls that a script reaches, to choose one with --fit.

    Runs the script, each fit call only as far as needed to reach the next.
    """
    from sweeper.cli._fits_text import fits_document, fits_parts
    from sweeper.cli.output import print_json, print_parts
    from sweeper.cli.settings import settings_of
    from sweeper.cli.views import open_view

    session: Session = ctx.obj
    resolved = settings_of(session, given, target=target, stray=script_args, config=config)
    library = session.load_library()
    with open_view(quiet=quiet) as view:
        report = library.fits(resolved.settings, view=view)
    if json:
        print_json(fits_document(report))
    else:
        print_parts(fits_parts(report))
    return ExitStatus.DONE if report.sites else ExitStatus.NOTHING_TRAINED
