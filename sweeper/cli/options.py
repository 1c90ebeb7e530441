"""Options of the command line made from the keys of the configuration, so that each is described once."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from keyword import iskeyword
from typing import Annotated, Any, TypeAlias

import typer
from rich.markup import escape

from sweeper.config import KEYS, Key
from sweeper.errors import ConfigError, UsageError
from sweeper.settings import FailOn, Topic
from sweeper.target import MODULE_OPTION

_SHORT = {"out": "-o"}
_GIVEN = "given"
_MODULE = "module"

Target = Annotated[
    str | None,
    typer.Argument(
        metavar="TARGET",
        help="The training script or notebook; or file.py:function, package.module:function (see docs/commands.md).",
        show_default=False,
    ),
]
Module = Annotated[
    str | None,
    typer.Option(
        MODULE_OPTION,
        metavar="MODULE",
        help="Run a module as the target, as python -m MODULE does; in place of a script.",
        show_default=False,
        rich_help_panel=str(Topic.TARGET),
    ),
]
ScriptArgs = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- ARGS", help="Arguments of the script.", show_default=False),
]
Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        "-c",
        help="Config file. [dim]Default: sweeper.toml, if there is one.[/]",
        rich_help_panel="Configuration",
    ),
]
ShowConfig = Annotated[
    bool,
    typer.Option(
        "--show-config",
        metavar="",
        help="Print every setting and where it comes from, and run nothing.",
        rich_help_panel="Configuration",
    ),
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run directory.", show_default=False)]
Given: TypeAlias = Mapping[str, object]
"""Values of options by key name, as the command line gave them."""
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of text.", rich_help_panel="Output")]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", metavar="", help="Print no progress, only the result and errors.", rich_help_panel="Output"
    ),
]
PlanOnly = Annotated[
    bool,
    typer.Option(
        "--plan",
        metavar="",
        help="Print the probes and an estimate of the time, and run none.",
        rich_help_panel="Output",
    ),
]


def keys_named(*names: str) -> tuple[Key, ...]:
    """The keys with these names, in the order in which keys are listed."""
    return tuple(key for key in KEYS if key.name in names)


def names_about(topic: Topic) -> tuple[str, ...]:
    """The names of the keys under one heading."""
    return tuple(key.name for key in KEYS if key.topic is topic)


def option_keys(*, without: Iterable[str] = ()) -> tuple[Key, ...]:
    """All keys that are options, except those named."""
    return tuple(key for key in KEYS if key.is_option and key.name not in without)


def takes(keys: tuple[Key, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a verb one option for each key.

    The verb gets their values as one mapping, `given`, by key name; None stands for an option that was not used. A verb
    with a target also takes `-m MODULE` in its place, and gets it as the text of its target.
    """

    def decorate(verb: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(verb)
        def with_options(**values: Any) -> Any:
            given = {key.name: values.pop(_argument(key)) for key in keys}
            if _MODULE in values:
                values |= _with_module(values.pop(_MODULE), **values)
            return verb(**values, given=given)

        with_options.__signature__ = _signature(verb, keys)  # type: ignore[attr-defined]  # Typer reads it
        return with_options

    return decorate


def _signature(verb: Callable[..., Any], keys: tuple[Key, ...]) -> inspect.Signature:
    """The arguments of the verb, then the options of the keys, then its own options: the order of its help."""
    own = [parameter for name, parameter in inspect.signature(verb).parameters.items() if name != _GIVEN]
    arguments = [parameter for parameter in own if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    module = inspect.Parameter(_MODULE, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Module)
    options = [*([module] if _takes_target(own) else []), *map(_parameter, keys)]
    return inspect.Signature([*arguments, *options, *own[len(arguments) :]])


def _takes_target(parameters: Iterable[inspect.Parameter]) -> bool:
    return any(parameter.annotation is Target for parameter in parameters)


def _with_module(
    module: str | None, *, ctx: typer.Context, target: str | None, script_args: list[str] | None, **_: Any
) -> dict[str, object]:
    """The target and the arguments in front of `--`, where the target may be a module; raises `UsageError` for both."""
    if module is None:
        return {}
    stray = [*([target] if target is not None else []), *(script_args or [])]
    if stray:
        raise UsageError(
            f"-m {module} and {stray[0]!r} are two targets; keep one. Arguments of the module stand behind --: "
            f"sweeper {ctx.info_name} -m {module} -- {' '.join(stray)}"
        )
    return {"target": f"{MODULE_OPTION} {module}"}


def _argument(key: Key) -> str:
    """The name of a key as an argument of a Python function."""
    return f"{key.name}_" if iskeyword(key.name) else key.name


def _parameter(key: Key) -> inspect.Parameter:
    names = [key.option, _SHORT[key.name]] if key.name in _SHORT else [key.option]
    option = typer.Option(
        *names,
        metavar="" if key.form.is_flag else key.form.metavar,
        help=f"{escape(key.help)} [dim]Default: {escape(key.default)}.[/]",
        show_default=False,
        rich_help_panel=str(key.topic),
    )
    kind: Any = bool if key.form.is_flag else list[str] if key.form.repeatable else str
    return inspect.Parameter(
        _argument(key),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def parsed(given: Given, name: str) -> Any:
    """The value of one option for a verb that takes no other settings, None without it; raises `ConfigError`."""
    (key,) = keys_named(name)
    raw = given[name]
    try:
        return None if raw is None else key.form.parse(raw)
    except ValueError as error:
        raise ConfigError(f"{key.option}: {error}") from None


def conditions(given: Given) -> tuple[FailOn, ...]:
    """The conditions of `--fail-on` for a verb that takes no other settings; raises `ConfigError`."""
    found: tuple[FailOn, ...] | None = parsed(given, "fail_on")
    return found or ()
