"""Values as JSON text and back, non-finite numbers included.

JSON has no NaN: they are written as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.

>>> from sweeper.curve import Curve
>>> load(Curve, dump(Curve(train_loss=(1.0, float("inf"))))).train_loss
(1.0, inf)
"""

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def dump(value: object) -> str:
    """A value as one line of JSON; it must be one of sweeper's frozen dataclasses or made of plain values."""
    return json.dumps(plain(value), allow_nan=False, separators=(",", ":"))


def load(kind: type[T], text: str | bytes) -> T:
    """Reads a value of type `kind` that `dump` wrote; raises `ValueError` for any other text."""
    value: T = _adapter(kind).validate_json(text)
    return value


def plain(value: object) -> Any:
    """A value as dicts, lists, strings, finite numbers, booleans and None."""
    return _jsonable(_adapter(type(value)).dump_python(value))


def _jsonable(tree: object) -> object:
    if isinstance(tree, str):
        # A lone surrogate (from a log or argument that is not UTF-8) has no JSON that can be read back.
        return tree.encode("utf-8", "replace").decode()
    if isinstance(tree, float) and not math.isfinite(tree):
        return "NaN" if math.isnan(tree) else "Infinity" if tree > 0 else "-Infinity"
    if isinstance(tree, Mapping):
        return {key: _jsonable(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        # Nearly all there is are finite floats of curves.
        return [item if type(item) is float and math.isfinite(item) else _jsonable(item) for item in tree]
    return tree
