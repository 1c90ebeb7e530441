"""From the options of a verb to its settings, and how they are shown."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table

from sweeper.cli.session import Session
from sweeper.config import PROBE, Resolved, Verb, load_settings
from sweeper.errors import UsageError
from sweeper.record import without_password


def settings_of(
    session: Session,
    given: Mapping[str, object],
    *,
    target: str | None,
    stray: Sequence[str] | None,
    config: str | None,
    verb: Verb = PROBE,
) -> Resolved:
    """The settings of a verb from all layers.

    Args:
        session: the call.
        given: options by key name.
        target: the target on the command line.
        stray: further arguments in front of `--`, which are refused.
        config: the config file that was asked for.
        verb: the verb, with its own defaults and fixed values.

    Raises:
        UsageError: there are stray arguments.
        ConfigError: a key is unknown or a value not allowed.
    """
    if stray:
        raise UsageError(
            f"unexpected argument {stray[0]!r}. Arguments of the script stand behind --: "
            f"sweeper {session.command[1]} {target} -- {' '.join(stray)}"
        )
    return load_settings(
        {"target": target, "script_args": session.script_args, **given},
        environ=session.environ,
        cwd=session.cwd,
        config=config,
        verb=verb,
    )


def config_parts(resolved: Resolved) -> list[RenderableType]:
    """A table of every setting and its origin."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("setting")
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for origin in resolved.origins:
        table.add_row(origin.key, without_password(origin.value), origin.source)
    return [table]


def config_document(resolved: Resolved) -> dict[str, dict[str, str]]:
    """Every setting and its origin, as plain JSON values."""
    return {origin.key: {"value": without_password(origin.value), "from": origin.source} for origin in resolved.origins}
