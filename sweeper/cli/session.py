"""What every verb knows of the call: its arguments, surroundings and the library."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sweeper.cli._library import Library


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


def split_arguments(
    arguments: tuple[str, ...], *, verbs: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The arguments of sweeper and those of the script, which stand behind the first `--` of verbs that run one."""
    if not arguments or arguments[0] not in verbs or "--" not in arguments:
        return arguments, None
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]
