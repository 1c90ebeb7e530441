"""How many samples a step of a loop has: nothing says so but the shapes of what the loop holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

from sweeper.capture import GENERATED, is_own_code

_DEEPEST = 2
"""Lists, tuples and dicts inside each other that are looked into."""
_MOST_ITEMS = 8
"""Items of a list that are looked at."""


def leading_size(values: Iterable[Any]) -> int | None:
    """The length that most arrays and tensors of `values` have, those in lists, tuples and dicts included.

    None where there is none; of two that are equally frequent, the one that comes first.
    """
    lengths = Counter(int(tensor.shape[0]) for tensor in _tensors(values) if isinstance(tensor.shape[0], int))
    return lengths.most_common(1)[0][0] if lengths else None


def values_in_frame(frame: FrameType | None, *, without: Sequence[Any]) -> list[Any]:
    """The tensors that the user's innermost function holds, but those of the shapes of `without`.

    Arrays of a module are whole data sets, and left out.
    """
    left_out = {tuple(value.shape) for value in without}
    while frame is not None:
        if is_own_code(frame.f_code.co_filename) or GENERATED in frame.f_code.co_filename:
            own = frame.f_code.co_name != "<module>"
            tensors = _tensors(frame.f_locals.values())
            return [value for value in tensors if tuple(value.shape) not in left_out and (own or _is_tensor(value))]
        frame = frame.f_back
    return []


def of_unknown_size(values: Iterable[Any]) -> Any:
    """The first tensor of a trace whose length is known only when it runs; None without any."""
    return next((tensor for tensor in _tensors(values) if tensor.shape[0] is None and hasattr(tensor, "graph")), None)


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.startswith("tensorflow")


def _tensors(values: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """The arrays and tensors with at least one axis; no weights."""
    for value in values:
        items = list(value.values()) if isinstance(value, dict) else value
        if isinstance(items, list | tuple):
            if depth < _DEEPEST:
                yield from _tensors(items[:_MOST_ITEMS], depth + 1)
        elif not hasattr(value, "assign") and _has_axis(value):
            yield value


def _has_axis(value: Any) -> bool:
    try:
        return len(value.shape) > 0
    except (AttributeError, TypeError, ValueError):
        return False  # no array, or one of unknown rank
