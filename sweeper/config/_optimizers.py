"""The optimizer axis as text: `script,adam,adamw(weight_decay=0.01,beta_2=0.95)`, or TOML `{ name = "adamw", ... }`.

>>> [choice.label for choice in parse_optimizers("script, adamw( weight_decay = 0.01 )")]
['script', 'adamw(weight_decay=0.01)']
"""

import json
import math
import re
from collections.abc import Mapping

from sweeper.config._words import axis_items, split_items, unknown
from sweeper.optimizers import KNOWN_OPTIMIZERS, known_optimizer
from sweeper.space import SCRIPT, OptimizerChoice, OptionValue

_CALL = re.compile(r"(?P<name>[^()=\s]+)\s*(?:\((?P<settings>.*)\))?", re.DOTALL)


def parse_optimizers(value: object) -> tuple[OptimizerChoice, ...]:
    """The entries that a text, list or table stands for, in the order given and without repeats.

    Raises `ValueError` with a message for the person.
    """
    choices = [_choice_of(item) for item in axis_items(value)]
    return tuple({choice.label: choice for choice in choices}.values())


def format_optimizers(choices: tuple[OptimizerChoice, ...]) -> str:
    """The text that `parse_optimizers` reads as `choices`."""
    return ",".join(choice.label for choice in choices)


def make_choice(name: str, settings: Mapping[str, OptionValue]) -> OptimizerChoice:
    """The entry of the axis for an optimizer with settings, its label in canonical form.

    Raises `ValueError` when the optimizer is unknown or does not take one of the settings.
    """
    name = name.lower()
    _check(name, settings)
    options = tuple(sorted(settings.items()))
    shown = ",".join(f"{key}={json.dumps(value)}" for key, value in options)
    return OptimizerChoice(label=f"{name}({shown})" if shown else name, name=name, options=options)


def _choice_of(item: object) -> OptimizerChoice:
    if isinstance(item, str):
        return _choice_of_text(item)
    if isinstance(item, Mapping):
        return _choice_of_table(item)
    raise ValueError(
        f'{item!r} is not an optimizer; write a name such as "adam" or {{ name = "adamw", beta_2 = 0.95 }}'
    )


def _choice_of_text(text: str) -> OptimizerChoice:
    match = _CALL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an optimizer; write a name such as adam or adamw(weight_decay=0.01)")
    inside = (match["settings"] or "").strip()
    pairs = [_pair_of(part, text) for part in split_items(inside)] if inside else []
    return make_choice(match["name"], dict(pairs))


def _pair_of(part: str, text: str) -> tuple[str, OptionValue]:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if not (name and equals and value):
        raise ValueError(f"{text!r}: {part!r} is not a setting; write name=value, such as weight_decay=0.01")
    return name, _setting_value(value)


def _setting_value(text: str) -> OptionValue:
    """The number, truth value or string that a text stands for; quotes make it a string."""
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if text.startswith('"'):
        return str(json.loads(text))
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _choice_of_table(table: Mapping[object, object]) -> OptimizerChoice:
    settings = {str(key): value for key, value in table.items() if key != "name"}
    name = table.get("name")
    if not isinstance(name, str):  # a ValueError like every bad value: the caller says where it stands
        raise ValueError(f'{dict(table)!r} needs a name; write {{ name = "adamw", weight_decay = 0.01 }}')  # noqa: TRY004
    plain: dict[str, OptionValue] = {}
    for key, value in settings.items():
        if not isinstance(value, bool | int | float | str):
            raise ValueError(  # noqa: TRY004
                f"{name}: {key} = {value!r} must be a number, true, false or a string"
            )
        plain[key] = value
    return make_choice(name, plain)


def _check(name: str, settings: Mapping[str, OptionValue]) -> None:
    if name == SCRIPT:
        if settings:
            raise ValueError(f"{SCRIPT!r} keeps the settings that it has in the script; leave {sorted(settings)} out")
        return
    known = known_optimizer(name)
    if known is None:
        raise ValueError(unknown("optimizer", name, (SCRIPT, *(known.name for known in KNOWN_OPTIMIZERS))))
    for key, value in settings.items():
        if key in {"learning_rate", "lr"}:
            raise ValueError(f"{name}: {key} is an axis of its own; leave it out here and give the rates with lr")
        if key not in known.settings:
            raise ValueError(f"{name}: {unknown('setting', key, known.settings)}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name}: {key} = {value} must be a finite number")
