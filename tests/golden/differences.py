"""Where two JSON documents differ, in a line each, and JSON in a short layout."""

import json
import math
from collections.abc import Iterator
from typing import Any

CLOSE = 1e-9
"""Relative. Sums and logarithms differ in their last digits between processors and versions of NumPy; anything that a
person would call a change is far larger."""
_WIDTH = 120
_SHOWN = 160
"""Characters of a value in a line."""


def differences(was: Any, now: Any, path: str = "$") -> Iterator[str]:
    """A line for each place at which two documents differ, the order of keys included."""
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _of_dicts(was, now, path)
    elif isinstance(was, list) and isinstance(now, list):
        yield from _of_lists(was, now, path)
    elif not _same(was, now):
        yield f"{path}: was {_short(was)}, is {_short(now)}"


def _of_dicts(was: dict[str, Any], now: dict[str, Any], path: str) -> Iterator[str]:
    for key, value in was.items():
        if key in now:
            yield from differences(value, now[key], f"{path}.{key}")
        else:
            yield f"{path}.{key}: was {_short(value)}, is gone"
    yield from (f"{path}.{key}: is new, {_short(value)}" for key, value in now.items() if key not in was)
    if was.keys() == now.keys() and list(was) != list(now):
        yield f"{path}: the order of keys was {_short(list(was))}, is {_short(list(now))}"


def _of_lists(was: list[Any], now: list[Any], path: str) -> Iterator[str]:
    if all(isinstance(item, str) for item in (*was, *now)):
        yield from _of_names(was, now, path)
        return
    for place, (ours, theirs) in enumerate(zip(was, now, strict=False)):
        yield from differences(ours, theirs, f"{path}[{place}]")
    if len(was) != len(now):
        both = min(len(was), len(now))
        more = f"gone {_short(was[both:])}" if len(was) > both else f"new {_short(now[both:])}"
        yield f"{path}: had {len(was)} items, has {len(now)}; {more}"


def _of_names(was: list[str], now: list[str], path: str) -> Iterator[str]:
    """One line, since a name that is left out moves all that follow."""
    if was != now:
        first = next((at for at, pair in enumerate(zip(was, now, strict=False)) if pair[0] != pair[1]), None)
        first = min(len(was), len(now)) if first is None else first
        gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
        yield (
            f"{path}: was {_short(was[first : first + 1])} at {first}, is {_short(now[first : first + 1])}; "
            f"in all gone {_short(gone)}, new {_short(new)}"
        )


def _same(was: Any, now: Any) -> bool:
    if type(was) is float and type(now) is float:
        return math.isclose(was, now, rel_tol=CLOSE, abs_tol=0.0)
    return type(was) is type(now) and was == now


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def laid_out(value: Any, *, indent: str = "") -> str:
    """JSON in which everything that fits into a line has one."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(indent) + len(text) <= _WIDTH or not isinstance(value, dict | list):
        return text
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {laid_out(item, indent=inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + laid_out(item, indent=inner) for item in value) + f"\n{indent}]"
