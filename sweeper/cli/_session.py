"""What every verb knows of the call: its arguments, surroundings and the library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sweeper.cli._library import Library

VERBS_WITH_SCRIPT_ARGS = ("probe", "lr", "fits", "diagnose")
"""Verbs that run a target, whose own arguments stand behind `--`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One call of the command."""

    command: tuple[str, ...]
    """The command line, `sweeper` first."""
    script_args: tuple[str, ...] | None
    """What stands behind `--`; None without `--`."""
    environ: Mapping[str, str]
    cwd: Path
    load_library: Callable[[], Library]


def split_arguments(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The arguments of sweeper and those of the script, which stand behind the first `--`."""
    if not arguments or arguments[0] not in VERBS_WITH_SCRIPT_ARGS or "--" not in arguments:
        return arguments, None
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]
