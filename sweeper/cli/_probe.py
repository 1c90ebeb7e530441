"""`sweeper probe`: the main job."""

import typer

from sweeper.cli import options
from sweeper.cli.session import Session
from sweeper.errors import ExitStatus


@options.takes(options.option_keys())
def probe(
    ctx: typer.Context,
    target: options.Target = None,
    script_args: options.ScriptArgs = None,
    *,
    given: options.Given,
    config: options.Config = None,
    show_config: options.ShowConfig = False,
    plan: options.PlanOnly = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> ExitStatus:
    """Map which learning rates, optimizers and batch sizes are safe for a script.

    Trains the unchanged script many times for a short while and writes a stability map, safe ranges and a
    recommendation to report.html and results.json in the run directory.
    """
    from sweeper.cli.finish import finish
    from sweeper.cli.settings import settings_of
    from sweeper.cli.sweep import print_config, print_plan, run_sweep

    session: Session = ctx.obj
    resolved = settings_of(session, given, target=target, stray=script_args, config=config)
    if show_config:
        return print_config(resolved, as_json=json)
    if plan:
        return print_plan(session, resolved.settings, as_json=json, quiet=quiet)
    result = run_sweep(session, resolved.settings, quiet=quiet)
    return finish(result, fail_on=resolved.settings.fail_on, as_json=json)
