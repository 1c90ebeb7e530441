"""Reading what was asked for: from files, from the environment, from options."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sweeper.config._key import Key
from sweeper.config._keys import KEYS
from sweeper.config._words import did_you_mean, nearest
from sweeper.errors import ConfigError

FILE_NAME = "sweeper.toml"
"""The config file that is read from the working directory."""
CONFIG_VARIABLE = "SWEEPER_CONFIG"
"""Environment variable that names a config file, as `--config` does."""

_PREFIX = "SWEEPER_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One value as it was given, before it is parsed."""

    key: Key
    raw: object
    origin: str
    """Where it came from, such as `sweeper.toml`."""
    place: str
    """The same with the name it has there, for messages: `sweeper.toml: lr`."""


Layer: TypeAlias = tuple[Given, ...]
"""Everything that one source gave."""


def read_config(path: Path, *, cwd: Path) -> Layer:
    """What a config file gives; raises `ConfigError` when it cannot be read or has an unknown key."""
    return _of_table(_read_toml(path, shown=_shown(path, cwd)), origin=_shown(path, cwd))


def read_pyproject(cwd: Path) -> Layer:
    """What `[tool.sweeper]` gives in the nearest pyproject.toml upward that has it; raises `ConfigError` as above."""
    for folder in (cwd, *cwd.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            shown = _shown(path, cwd)
            table = _read_toml(path, shown=shown).get("tool", {}).get("sweeper")
            if table is not None:
                return _of_table(table, origin=f"{shown} [tool.sweeper]")
    return ()


def read_environment(environ: Mapping[str, str]) -> Layer:
    """What `SWEEPER_*` variables give, empty ones left out; raises `ConfigError` for one that is no key."""
    given = []
    for variable, value in sorted(environ.items()):
        if variable.startswith(_PREFIX) and variable != CONFIG_VARIABLE and value:
            name = variable.removeprefix(_PREFIX).lower()
            key = _find(name)
            if key is None:
                raise _unknown(name, variable, origin="environment", what="variable", show=lambda key: key.variable)
            given.append(Given(key=key, raw=value, origin=f"${variable}", place=f"${variable}"))
    return tuple(given)


def given_by(values: Mapping[str, object], *, origin: str) -> Layer:
    """A layer of values by key name, such as the options of the command line; None is left out.

    Raises `ConfigError` for a name that is no key.
    """
    given = []
    for name, value in values.items():
        key = _find(name)
        if key is None:
            raise _unknown(name, name, origin=origin, what="key", show=lambda key: key.name)
        if value is not None:
            given.append(Given(key=key, raw=value, origin=origin, place=key.option if key.is_option else name))
    return tuple(given)


def _of_table(table: object, *, origin: str) -> Layer:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{origin}: must be a table of keys, not {table!r}")
    given = []
    for name, raw in table.items():
        plain = name.replace("-", "_")
        key = _find(plain)
        if key is None:
            raise _unknown(plain, name, origin=origin, what="key", show=lambda key: key.name)
        given.append(Given(key=key, raw=raw, origin=origin, place=f"{origin}: {name}"))
    return tuple(given)


def _find(name: str) -> Key | None:
    return next((key for key in KEYS if key.name == name), None)


def _unknown(name: str, shown: str, *, origin: str, what: str, show: Callable[[Key], str]) -> ConfigError:
    """The error for a name that is no key, with the nearest key and all of them as `show` writes them."""
    names = {other: key for key in KEYS for other in (key.name, *key.also)}
    near = nearest(name, names)
    hint = did_you_mean(show(names[near]) if near else None)
    return ConfigError(f"{origin}: unknown {what} {shown!r}.{hint}\nAllowed: {', '.join(sorted(map(show, KEYS)))}")


def _read_toml(path: Path, *, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"config file {shown}: there is no such file; `sweeper init` writes one") from None
    except OSError as error:
        raise ConfigError(f"config file {shown}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(
            f'config file {shown}: not valid TOML: {error}. Texts need quotes: lr = "1e-4,1e-3"'
        ) from error


def _shown(path: Path, cwd: Path) -> str:
    """The path as a person in `cwd` would write it."""
    full = cwd / path
    return str(full.relative_to(cwd)) if full.is_relative_to(cwd) else str(full)
