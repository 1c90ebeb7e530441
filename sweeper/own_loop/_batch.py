"""How many samples a step of a loop has: nothing says so but the shapes of what the loop holds."""

from collections import Counter
from collections.abc import Iterable
from types import FrameType
from typing import Any

from sweeper.capture import is_own_code


def leading_size(values: Iterable[Any]) -> int | None:
    """The length that most arrays and tensors of `values` have, those in lists, tuples and dicts included.

    None where there is none; of two that are equally frequent, the one that comes first.
    """
    lengths = Counter(length for value in values for length in _lengths(value, depth=0))
    return lengths.most_common(1)[0][0] if lengths else None


def size_in_frame(frame: FrameType | None) -> int | None:
    """The length that most arrays have which the user's innermost function holds; None without any."""
    while frame is not None:
        if is_own_code(frame.f_code.co_filename):
            values = frame.f_locals.values()
            is_module = frame.f_code.co_name == "<module>"
            return leading_size(value for value in values if not is_module or _is_tensor(value))
        frame = frame.f_back
    return None


def _is_tensor(value: Any) -> bool:
    """Whether a variable of a module is a tensor, as batches are, and not an array, as whole data sets are."""
    return type(value).__module__.startswith("tensorflow")


_DEEPEST = 2


def _lengths(value: Any, *, depth: int) -> Iterable[int]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        if depth < _DEEPEST:
            for item in value[:8]:
                yield from _lengths(item, depth=depth + 1)
        return
    if hasattr(value, "assign"):
        return  # a weight
    shape = getattr(value, "shape", None)
    try:
        if shape is not None and len(shape) and isinstance(shape[0], int):
            yield shape[0]
    except (TypeError, ValueError):
        return  # of unknown rank
