"""The optimizer axis as text: `script,adam,adamw(weight_decay=0.01,beta_2=0.95)`, or TOML `{ name = "adamw", ... }`.

`warmup` is not a setting of Keras: it says over how many steps the learning rate of a probe rises.

>>> [choice.label for choice in parse_optimizers("script, adamw( weight_decay = 0.01 ), script(warmup=50)")]
['script', 'adamw(weight_decay=0.01)', 'script(warmup=50)']
"""

import json
import math
import re
from collections.abc import Mapping

from sweeper.optimizers import CLIP_SETTINGS, KNOWN_OPTIMIZERS, known_optimizer
from sweeper.settings._setting import Form
from sweeper.settings._words import list_items, split_items, unknown
from sweeper.space import SCRIPT, OptimizerChoice, OptionValue

WARMUP = "warmup"
"""The setting that becomes `OptimizerChoice.warmup_steps`."""

_CALL = re.compile(r"(?P<name>[^()=\s]+)\s*(?:\((?P<settings>.*)\))?", re.DOTALL)


def parse_optimizers(value: object) -> tuple[OptimizerChoice, ...]:
    """Parses the optimizer axis from a text, list or table; entries keep their order, without repeats.

    Raises `ValueError` with a message for the user.
    """
    choices = [_choice_of(item) for item in list_items(value)]
    return tuple({choice.label: choice for choice in choices}.values())


def parse_labels(value: object) -> tuple[OptimizerChoice, ...]:
    """Parses the optimizer axis of a command, which gets the names as they are; raises `ValueError` for others."""
    items = list_items(value)
    labels = [_choice_of_table(item).label if isinstance(item, Mapping) else item for item in items]
    wrong = next((label for label in labels if not isinstance(label, str) or not label), None)
    if wrong is not None or not labels:
        raise ValueError(f"{wrong!r} is not a name that a command can be given; write a text such as sgd or adamw_8bit")
    return tuple(OptimizerChoice(label=str(label), name=str(label)) for label in dict.fromkeys(labels))


def format_optimizers(choices: tuple[OptimizerChoice, ...]) -> str:
    """Writes the optimizer axis as a text that `parse_optimizers` reads."""
    return ",".join(choice.label for choice in choices)


def make_choice(name: str, settings: Mapping[str, OptionValue]) -> OptimizerChoice:
    """The entry of the optimizer axis for an optimizer with settings; its label has a canonical form.

    Raises `ValueError` when the optimizer is unknown, does not take one of the settings, or cannot have its value.
    """
    name = name.lower()
    _check(name, settings)
    asked = sorted((key, value) for key, value in settings.items() if (key, value) != (WARMUP, 0))
    shown = ",".join(f"{key}={json.dumps(value)}" for key, value in asked)
    return OptimizerChoice(
        label=f"{name}({shown})" if shown else name,
        name=name,
        options=tuple((key, value) for key, value in asked if key != WARMUP),
        warmup_steps=int(settings.get(WARMUP, 0)),
    )


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
    known = known_optimizer(name)
    if known is None and name != SCRIPT:
        raise ValueError(unknown("optimizer", name, (SCRIPT, *(known.name for known in KNOWN_OPTIMIZERS))))
    for key, value in settings.items():
        if key in {"learning_rate", "lr"}:
            raise ValueError(f"{name}: {key} is an axis of its own; leave it out here and give the rates with lr")
        if known is None and key not in (*CLIP_SETTINGS, WARMUP):
            raise ValueError(
                f"{SCRIPT!r} keeps the settings that it has in the script, so {key} cannot be given here; change it in "
                f"the script. Allowed: {', '.join((*CLIP_SETTINGS, WARMUP))}"
            )
        if known is not None and key not in (*known.settings, WARMUP):
            raise ValueError(f"{name}: {unknown('setting', key, (*known.settings, WARMUP))}")
        _check_value(name, key, value)
    clips = [key for key in CLIP_SETTINGS if key in settings]
    if len(clips) > 1:
        raise ValueError(f"{name}: Keras clips gradients in one way at a time; give one of {', '.join(clips)}")


def _check_value(name: str, key: str, value: OptionValue) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == WARMUP and not (is_number and isinstance(value, int) and value >= 0):
        raise ValueError(
            f"{name}: {key} = {json.dumps(value)} must be a whole number of steps, 0 (none) or more, such as {key}=50"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name}: {key} = {value} must be a finite number")
    if key in CLIP_SETTINGS and not (is_number and float(value) > 0):
        raise ValueError(f"{name}: {key} = {json.dumps(value)} must be a number above 0, such as {key}=1.0")


OPTIMIZERS = Form(metavar="NAMES", parse=parse_optimizers, show=format_optimizers, repeatable=True)
"""Optimizers by name, with settings in parentheses."""
