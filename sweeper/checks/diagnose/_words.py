"""Shapes, ranges and labels in words, for the findings of checks."""

from sweeper.checks.diagnose._data_facts import ArrayFacts, Shape
from sweeper.text import number_text


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it, open lengths as None."""
    inner = ", ".join(str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def with_batch(shape: Shape) -> str:
    """The shape of samples with `n` for their number: `(n, 28, 28)`."""
    return f"({', '.join(['n', *map(str, shape)])})" if shape else "(n,)"


def range_text(array: ArrayFacts) -> str:
    """The smallest and largest value of an array, in words."""
    if array.low is None or array.high is None:
        return "no finite value"
    return f"{number_text(array.low)} to {number_text(array.high)}"


def classes_text(array: ArrayFacts, *, most: int = 6) -> str:
    """The distinct labels of an array, in words: `0, 1, 2`."""
    values = [f"{value:g}" for value, _ in array.classes]
    return ", ".join(values[:most]) + (f" and {len(values) - most} more" if len(values) > most else "")


def index_text(index: tuple[int, ...]) -> str:
    """An index as it is written in Python: `[17, 2]`."""
    return f"[{', '.join(map(str, index))}]"
