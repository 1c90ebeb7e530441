"""Putting the layers of configuration on top of each other, and remembering where each value came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sweeper.config._keys import KEYS
from sweeper.config._sources import (
    CONFIG_VARIABLE,
    FILE_NAME,
    Given,
    Layer,
    given_by,
    read_config,
    read_environment,
    read_pyproject,
)
from sweeper.errors import ConfigError
from sweeper.settings import Settings

DEFAULT = "default"
"""Origin of a value that nobody gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One key with its value as text and where the value came from."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The settings of a run, with the origin of each value."""

    settings: Settings
    origins: tuple[Origin, ...]


def load_settings(
    options: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    config: str | None = None,
    verb: str = "",
    verb_defaults: Mapping[str, object] | None = None,
    verb_fixed: Mapping[str, object] | None = None,
) -> Resolved:
    """The settings from all layers, the stronger over the weaker.

    Weakest first: defaults, `[tool.sweeper]` of the nearest pyproject.toml, the config file, `SWEEPER_*`, options.

    Args:
        options: values by key name, None for those that were not given.
        environ: environment variables.
        cwd: folder in which and from which files are looked for.
        config: config file to read instead of `sweeper.toml`.
        verb: name of a verb that has defaults or fixed values of its own.
        verb_defaults: values below all layers.
        verb_fixed: values above all layers.

    Raises:
        ConfigError: a key is unknown or a value not allowed; the message says which, where, and what is allowed.
    """
    layers = (
        given_by(verb_defaults or {}, origin=f"default of {verb}"),
        read_pyproject(cwd),
        _config_layer(config or environ.get(CONFIG_VARIABLE), cwd),
        read_environment(environ),
        given_by(options, origin="command line"),
        given_by(verb_fixed or {}, origin=verb),
    )
    return resolve(layers)


def resolve(layers: Iterable[Layer]) -> Resolved:
    """The settings that layers give, weakest layer first; raises `ConfigError`."""
    chosen: dict[str, tuple[Given, Any]] = {}
    for layer in layers:
        _refuse_rivals(layer)
        for given in layer:
            chosen[given.key.field] = (given, _parsed(given))
    if "target" not in chosen:
        raise ConfigError("no target: name the script, as in `sweeper probe train.py`, or set target in sweeper.toml")
    settings = Settings(**{field: value for field, (_, value) in chosen.items()})
    return Resolved(settings=settings, origins=_origins(chosen))


def _config_layer(config: str | None, cwd: Path) -> Layer:
    if config:
        return read_config(cwd / config, cwd=cwd)
    path = cwd / FILE_NAME
    return read_config(path, cwd=cwd) if path.is_file() else ()


def _parsed(given: Given) -> object:
    try:
        return given.key.parse(given.raw)
    except ValueError as error:
        raise ConfigError(f"{given.place}: {error}") from None


def _refuse_rivals(layer: Layer) -> None:
    """Raises `ConfigError` when one layer sets two keys of the same field, such as steps and epochs."""
    seen: dict[str, Given] = {}
    for given in layer:
        rival = seen.setdefault(given.key.field, given)
        if rival is not given:
            raise ConfigError(
                f"{rival.place} and {given.place} exclude each other; keep one of {_names_of(given.key.field)}"
            )


def _names_of(field: str) -> str:
    return ", ".join(key.name for key in KEYS if key.field == field)


def _origins(chosen: Mapping[str, tuple[Given, Any]]) -> tuple[Origin, ...]:
    given_keys = {given.key.name: (given, value) for given, value in chosen.values()}
    unset = {field.name for field in fields(Settings)} - set(chosen)
    origins = []
    for key in KEYS:
        if key.name in given_keys:
            given, value = given_keys[key.name]
            origins.append(Origin(key=key.name, value=key.show(value), source=given.origin))
        elif key.field in unset:
            origins.append(Origin(key=key.name, value=key.default, source=DEFAULT))
    return tuple(origins)
