"""`sweeper probe`: the main job."""

import typer

from sweeper.cli import _options
from sweeper.cli._session import Session
from sweeper.errors import ExitStatus


@_options.takes(_options.option_keys())
def probe(
    ctx: typer.Context,
    target: _options.Target = None,
    script_args: _options.ScriptArgs = None,
    *,
    given: _options.Given,
    config: _options.Config = None,
    show_config: _options.ShowConfig = False,
    plan: _options.PlanOnly = False,
    json: _options.Json = False,
    quiet: _options.Quiet = False,
) -> ExitStatus:
    """Map which learning rates, optimizers and batch sizes are safe for a script.

    Trains the unchanged script many times for a short while and writes a stability map, safe ranges and a
    recommendation to report.html and results.json in the run directory.
    """
    from sweeper.cli._finish import finish
    from sweeper.cli._settings import settings_of
    from sweeper.cli._sweep import print_config, print_plan, run_sweep

    session: Session = ctx.obj
    resolved = settings_of(session, given, target=target, stray=script_args, config=config)
    if show_config:
        return print_config(resolved, as_json=json)
    if plan:
        return print_plan(session, resolved.settings, as_json=json, quiet=quiet)
    result = run_sweep(session, resolved.settings, quiet=quiet)
    return finish(result, fail_on=resolved.settings.fail_on, as_json=json)
