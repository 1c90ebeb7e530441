"""Values that are words, places or lists of words: each function returns the checked value or raises `ValueError`."""

import re
import shlex
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from sweeper.config._words import axis_items, nearest, unknown
from sweeper.settings import FailOn

_Choice = TypeVar("_Choice", bound=StrEnum)

BACKENDS = ("tensorflow", "jax", "torch")
"""Backends of Keras that workers can run."""
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "bfloat16", "float16", "float64")
"""Dtype policies of Keras that a training can be run with."""


def parse_text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} must be a text that is not empty")
    return value


def parse_script_args(value: object) -> tuple[str, ...]:
    """The arguments of the script: a list of texts, or one text that is split as a shell does."""
    if isinstance(value, str):
        return tuple(shlex.split(value))
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError(f'{value!r} must be a list of texts, such as ["--data", "cifar10"]')


def parse_fit(value: object) -> str:
    """The number of a fit call from 1, or its place as `file:line`."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[1-9][0-9]*|.+:[1-9][0-9]*", text):
        raise ValueError(
            f"{value!r} is not a fit call; write its number (2) or place (train.py:88); `sweeper fits` lists them"
        )
    return text


def parse_data(value: object) -> str:
    """A function as `file.py:function` or `module:function`."""
    text = value.strip() if isinstance(value, str) else ""
    place, _, function = text.rpartition(":")
    if not (place and function.isidentifier()):
        raise ValueError(
            f"{value!r} is not a function; write file.py:function or module:function. An option of the script that "
            "has this name stands behind --"
        )
    return text


def parse_codes(value: object) -> tuple[str, ...]:
    """Codes of findings."""
    from sweeper.diagnose import KINDS  # loads every check, which --help can do without

    codes = tuple(str(item).upper() for item in axis_items(value))
    titles = {kind.code: kind.title for kind in KINDS}
    wrong = next((code for code in codes if code not in titles), None)
    if wrong is None:
        return codes
    near = nearest(wrong, titles)
    advice = f"did you mean {near} ({titles[near]})?" if near else "write SW203 or SW203,SW211"
    raise ValueError(f"{wrong!r} is not the code of a finding; {advice} (see docs/findings.md)")


def parse_gpus(value: object) -> str:
    """`auto`, `none`, or device numbers separated by commas."""
    items = [str(item).lower() for item in axis_items(value) if not isinstance(item, bool)]
    if items in (["auto"], ["none"]):
        return items[0]
    if not items or not all(re.fullmatch(r"[0-9]+", item) for item in items):
        raise ValueError(f"{value!r} must be auto, none or device numbers such as 0,1")
    return ",".join(dict.fromkeys(str(int(item)) for item in items))


def parse_backend(value: object) -> str:
    """The name of a Keras backend."""
    if value not in BACKENDS:
        raise ValueError(unknown("backend", str(value), BACKENDS))
    return str(value)


def parse_storage(value: object) -> str:
    """An Optuna storage URL."""
    if not isinstance(value, str) or not re.match(r"[a-z][a-z0-9+]*://", value):
        raise ValueError(
            f"{value!r} is not a storage URL; write sqlite:///sweeps.db or postgresql://user@host/database"
        )
    return value


def choice_of(kind: type[_Choice], what: str) -> Callable[[object], _Choice]:
    """A function that returns the member of `kind` that a word names."""

    def parse(value: object) -> _Choice:
        words = [member.value for member in kind]
        if value not in words:
            raise ValueError(unknown(what, str(value), words))
        return kind(value)

    return parse


def parse_fail_on(value: object) -> tuple[FailOn, ...]:
    """Conditions for exit status 3, without repeats."""
    condition = choice_of(FailOn, "condition")
    conditions = tuple(dict.fromkeys(condition(item) for item in axis_items(value)))
    if FailOn.NEVER in conditions and len(conditions) > 1:
        raise ValueError("never cannot be combined with other conditions; leave it out")
    return conditions


def parse_flag(value: object) -> bool:
    """True or false; from an environment variable also as `1`, `0`, `yes` and `no`."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    known = words.get(str(value).strip().lower()) if isinstance(value, str | bool) else None
    if known is None:
        raise ValueError(f"{value!r} must be true or false")
    return known


def format_flag(value: object) -> str:
    """The text that `parse_flag` reads as `value`."""
    return "true" if value else "false"


def parse_precision(value: object) -> str:
    """The name of one of Keras's dtype policies."""
    if value not in PRECISIONS:
        raise ValueError(unknown("precision", str(value), PRECISIONS))
    return str(value)
