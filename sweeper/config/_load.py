"""Settings from files, environment variables and options; a stronger source overrides a weaker one."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from sweeper.config._keys import KEYS, Key
from sweeper.config._verbs import PROBE, Verb
from sweeper.errors import ConfigError
from sweeper.settings import Settings, did_you_mean, parse_labels

FILE_NAME = "sweeper.toml"
"""The config file that is read from the working directory."""
CONFIG_VARIABLE = "SWEEPER_CONFIG"
"""Environment variable that names a config file, like `--config`."""
COMMAND_LINE = "command line"
"""Origin of options."""
DEFAULT = "default"
"""Origin of a value that was not set anywhere."""

_PREFIX = "SWEEPER_"
_KEYS = {key.name: key for key in KEYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A key with its value as text and where the value came from."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The settings of a run, with the origin of each value."""

    settings: Settings
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _RawValue:
    """A value as it was written, before it is parsed."""

    key: Key
    raw: object
    origin: str
    """Where the value came from, such as `sweeper.toml`."""
    place: str
    """Its origin and its name there, for messages: `sweeper.toml: lr`."""


_Layer: TypeAlias = tuple[_RawValue, ...]
"""All values from one source."""


def load_settings(
    options: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    config: str | None = None,
    origin: str = COMMAND_LINE,
    verb: Verb = PROBE,
) -> Resolved:
    """Loads the settings from all sources; a stronger source overrides a weaker one.

    Weakest first: defaults, `[tool.sweeper]` of the nearest pyproject.toml, the config file, `SWEEPER_*`, options.

    Args:
        options: values by key name, None for those that were not given.
        environ: environment variables.
        cwd: folder in which and from which files are looked for.
        config: config file to read instead of `sweeper.toml`.
        origin: where the options come from, in words for messages.
        verb: the verb that is asked; its defaults are below all layers and its fixed values above them.

    Raises:
        ConfigError: a key is unknown or a value not allowed; the message says which, where, and what is allowed.
    """
    return _resolved(
        (
            _of_options(verb.defaults, origin=f"default of {verb.name}"),
            _of_pyproject(cwd),
            _of_config(config or environ.get(CONFIG_VARIABLE), cwd),
            _of_environment(environ),
            _of_options(options, origin=origin),
            _of_options(verb.fixed, origin=verb.name),
        )
    )


def _of_pyproject(cwd: Path) -> _Layer:
    """The values of `[tool.sweeper]` in the nearest pyproject.toml that has it, from `cwd` upwards."""
    for folder in (cwd, *cwd.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            shown = _shown(path, cwd)
            table = _read_toml(path, shown=shown).get("tool", {}).get("sweeper")
            if table is not None:
                return _of_table(table, origin=f"{shown} [tool.sweeper]")
    return ()


def _of_config(config: str | None, cwd: Path) -> _Layer:
    path = cwd / (config or FILE_NAME)
    if not config and not path.is_file():
        return ()
    shown = _shown(path, cwd)
    return _of_table(_read_toml(path, shown=shown), origin=shown)


def _of_table(table: object, *, origin: str) -> _Layer:
    if not isinstance(table, Mapping):
        raise ConfigError(f"{origin}: must be a table of keys, not {table!r}")
    return tuple(
        _RawValue(
            key=_key(name.replace("-", "_"), written=name, origin=origin),
            raw=raw,
            origin=origin,
            place=f"{origin}: {name}",
        )
        for name, raw in table.items()
    )


def _of_environment(environ: Mapping[str, str]) -> _Layer:
    """The values of `SWEEPER_*` environment variables; empty ones are left out."""
    given = []
    for variable, value in sorted(environ.items()):
        if variable.startswith(_PREFIX) and variable != CONFIG_VARIABLE and value:
            name = variable.removeprefix(_PREFIX).lower()
            key = _key(name, written=variable, origin="environment", what="variable", show=lambda key: key.variable)
            given.append(_RawValue(key=key, raw=value, origin=f"${variable}", place=f"${variable}"))
    return tuple(given)


def _of_options(values: Mapping[str, object], *, origin: str) -> _Layer:
    """Values that are given by key name, such as the options of the command line; None is left out."""
    pairs = [(_key(name, written=name, origin=origin), value) for name, value in values.items()]
    as_options = origin == COMMAND_LINE
    return tuple(
        _RawValue(key=key, raw=value, origin=origin, place=key.option if key.is_option and as_options else key.name)
        for key, value in pairs
        if value is not None
    )


def _key(
    name: str, *, written: str, origin: str, what: str = "key", show: Callable[[Key], str] = lambda key: key.name
) -> Key:
    """The key with a name; raises `ConfigError` with the nearest key and all keys, written by `show`."""
    if name in _KEYS:
        return _KEYS[name]
    hint = did_you_mean(name, {other: show(key) for key in KEYS for other in (key.name, *key.also)})
    raise ConfigError(f"{origin}: unknown {what} {written!r}.{hint}\nAllowed: {', '.join(sorted(map(show, KEYS)))}")


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
    """A path as a person in `cwd` would write it."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


def _resolved(layers: Iterable[_Layer]) -> Resolved:
    """The settings from layers of values, given weakest layer first."""
    chosen: dict[str, tuple[_RawValue, Any]] = {}
    layers = tuple(layers)
    by_command = _trains_by_command(layers)
    for layer in layers:
        _refuse_rivals(layer)
        names = {given.key.name for given in layer}
        if "command" in names and "target" not in names:
            chosen.pop("target", None)
        elif "target" in names and "command" not in names:
            for name in ("command", "curve", "column"):
                chosen.pop(name, None)
        for given in layer:
            chosen[given.key.field] = (given, _parsed(given, by_command=by_command))
    if "target" not in chosen and not by_command:
        raise ConfigError(
            "no target: name the script, as in `sweeper probe train.py`, or set target in sweeper.toml; what does not "
            'train with Keras is given as a command: sweeper probe --command "python train.py --lr {learning_rate}"'
        )
    settings = Settings(**{field: value for field, (_, value) in chosen.items()})
    return Resolved(settings=settings, origins=_origins(chosen))


def _trains_by_command(layers: Iterable[_Layer]) -> bool:
    """Whether a command trains: the strongest source that names a target or a command decides."""
    decides = [name for layer in layers for name in ("target", "command") if name in {one.key.name for one in layer}]
    return bool(decides) and decides[-1] == "command"


def _parsed(given: _RawValue, *, by_command: bool) -> object:
    """The value; the names of optimizers are the program's own where a command trains."""
    try:
        if by_command and given.key.name == "optimizer":
            return parse_labels(given.raw)
        return given.key.form.parse(given.raw)
    except ValueError as error:
        raise ConfigError(f"{given.place}: {error}") from None


def _refuse_rivals(layer: _Layer) -> None:
    """Raises `ConfigError` when one source sets two keys that exclude each other, such as steps and epochs."""
    seen: dict[str, _RawValue] = {}
    for given in layer:
        rival = seen.setdefault(given.key.field, given)
        if rival is not given:
            names = ", ".join(key.name for key in KEYS if key.field == given.key.field)
            raise ConfigError(f"{rival.place} and {given.place} exclude each other; keep one of {names}")


def _origins(chosen: Mapping[str, tuple[_RawValue, Any]]) -> tuple[Origin, ...]:
    given_keys = {given.key.name: (given, value) for given, value in chosen.values()}
    unset = {field.name for field in fields(Settings)} - set(chosen)
    origins = []
    for key in KEYS:
        if key.name in given_keys:
            given, value = given_keys[key.name]
            origins.append(Origin(key=key.name, value=key.form.show(value), source=given.origin))
        elif key.field in unset:
            origins.append(Origin(key=key.name, value=key.default, source=DEFAULT))
    return tuple(origins)
