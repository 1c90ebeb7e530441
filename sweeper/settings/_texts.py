"""Forms of settings that are words, locations or lists of words."""

import re
import shlex
from collections.abc import Iterable

from sweeper.settings._choices import FailOn
from sweeper.settings._setting import Form, one_of
from sweeper.settings._words import list_items, nearest
from sweeper.slices import checks

BACKENDS = ("tensorflow", "jax", "torch")
"""Backends of Keras that workers can run."""
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16", "bfloat16", "float16", "float64")
"""Dtype policies of Keras that a training can be run with."""


def _parse_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} must be a text that is not empty")
    return value


def _parse_script_args(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(shlex.split(value))
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError(f'{value!r} must be a list of texts, such as ["--data", "cifar10"]')


def _parse_fit_call(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[1-9][0-9]*|.+:[1-9][0-9]*", text):
        raise ValueError(
            f"{value!r} is not a fit call; write its number (2) or place (train.py:88); `sweeper fits` lists them"
        )
    return text


def _parse_function(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    place, _, function = text.rpartition(":")
    if not (place and function.isidentifier()):
        raise ValueError(
            f"{value!r} is not a function; write file.py:function or module:function. An option of the script that "
            "has this name stands behind --"
        )
    return text


def _parse_codes(value: object) -> tuple[str, ...]:
    codes = tuple(str(item).upper() for item in list_items(value))
    titles = {kind.code: kind.title for kind in checks().KINDS}
    wrong = next((code for code in codes if code not in titles), None)
    if wrong is None:
        return codes
    near = nearest(wrong, titles)
    advice = f"did you mean {near} ({titles[near]})?" if near else "write SW203 or SW203,SW211"
    raise ValueError(f"{wrong!r} is not the code of a finding; {advice} (see docs/findings.md)")


def _parse_gpus(value: object) -> str:
    items = [str(item).lower() for item in list_items(value) if not isinstance(item, bool)]
    if items in (["auto"], ["none"]):
        return items[0]
    if not items or not all(re.fullmatch(r"[0-9]+", item) for item in items):
        raise ValueError(f"{value!r} must be auto, none or device numbers such as 0,1")
    return ",".join(dict.fromkeys(str(int(item)) for item in items))


def _parse_storage(value: object) -> str:
    if not isinstance(value, str) or not re.match(r"[a-z][a-z0-9+]*://", value):
        raise ValueError(
            f"{value!r} is not a storage URL; write sqlite:///sweeps.db or postgresql://user@host/database"
        )
    return value


def _parse_conditions(value: object) -> tuple[FailOn, ...]:
    condition = one_of("condition", FailOn)
    conditions = tuple(dict.fromkeys(condition.parse(item) for item in list_items(value)))
    if FailOn.NEVER in conditions and len(conditions) > 1:
        raise ValueError("never cannot be combined with other conditions; leave it out")
    return conditions


def _parse_flag(value: object) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    known = words.get(str(value).strip().lower()) if isinstance(value, str | bool) else None
    if known is None:
        raise ValueError(f"{value!r} must be true or false")
    return known


def _show_flag(value: object) -> str:
    return "true" if value else "false"


def _show_words(words: Iterable[str]) -> str:
    return ",".join(words)


def text(metavar: str) -> Form[str]:
    """The form of any text that is not empty."""
    return Form(metavar=metavar, parse=_parse_text)


SCRIPT_ARGS = Form(metavar="ARGS", parse=_parse_script_args, show=shlex.join)
"""A list of texts, or one text that is split as a shell does."""
FIT_CALL = Form(metavar="N|FILE:LINE", parse=_parse_fit_call)
"""The number of a fit call from 1, or its place."""
FUNCTION = Form(metavar="FILE:FUNCTION", parse=_parse_function)
"""A function of a file, or as `module:function`."""
CODES = Form(metavar="CODES", parse=_parse_codes, show=_show_words, repeatable=True)
"""Codes of findings."""
GPUS = Form(metavar="auto|none|0,1", parse=_parse_gpus)
"""`auto`, `none`, or device numbers separated by commas."""
BACKEND = one_of("backend", BACKENDS, metavar="NAME")
PRECISION = one_of("precision", PRECISIONS, metavar="POLICY")
STORAGE = Form(metavar="URL", parse=_parse_storage)
"""An Optuna storage URL."""
CONDITIONS = Form(metavar="CONDITIONS", parse=_parse_conditions, show=_show_words, repeatable=True)
"""Conditions for exit status 3, without repeats."""
FLAG = Form(metavar="true|false", parse=_parse_flag, show=_show_flag, is_flag=True)
"""True or false; from an environment variable also as `1`, `0`, `yes` and `no`."""
