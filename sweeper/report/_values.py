"""What the parts of the results document are made with."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

LOG_TAIL_CHARACTERS: Final = 2000
"""The end of a log that the document keeps; the probe's or the trial's own file has all that was recorded."""


def picked(value: object, names: str) -> dict[str, Any]:
    """Some attributes by name: what the document tells is chosen here, whatever else the stages come to keep."""
    return {name: getattr(value, name) for name in names.split()}


def json_value(tree: object) -> Any:
    """The same made of dicts, lists, strings, finite numbers, booleans and None."""
    if isinstance(tree, float):
        return tree if math.isfinite(tree) else None
    if isinstance(tree, StrEnum):
        return tree.value
    if isinstance(tree, Mapping):
        return {key: json_value(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return [json_value(item) for item in tree]
    return tree
