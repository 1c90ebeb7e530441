"""Nested data, as fit takes it: its parts, some of its samples, and its values as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.examine._arrays import as_numpy


def parts_of(name: str, value: Any) -> list[tuple[str, Any]]:
    """The arrays of nested data with a name for each; plain lists of numbers are one part."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [part for key, item in value.items() for part in parts_of(f"{name}[{key!r}]", item)]
    if isinstance(value, tuple | list) and value and all(_is_array(item) or isinstance(item, dict) for item in value):
        return [part for number, item in enumerate(value) for part in parts_of(f"{name}[{number}]", item)]
    return [(name, value)]


def _is_array(item: Any) -> bool:
    return hasattr(item, "shape") and len(item.shape) > 0


def first_rows(value: Any, count: int) -> Any:
    """The first samples of nested data."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: first_rows(item, count) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(first_rows(item, count) for item in value)
    return value.iloc[:count] if hasattr(value, "iloc") else value[:count]


def rows_at(value: Any, rows: NDArray[np.int64]) -> Any:
    """The samples with these indices, of nested data."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: rows_at(item, rows) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(rows_at(item, rows) for item in value)
    return value.iloc[rows] if hasattr(value, "iloc") else as_numpy(value)[0][rows]


def as_arrays(value: Any) -> Any:
    """Nested data as numpy arrays, floats in Keras's own type."""
    import keras

    if value is None:
        return None
    if isinstance(value, dict):
        return {key: as_arrays(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(as_arrays(item) for item in value)
    array = value.to_numpy() if hasattr(value, "iloc") else np.asarray(value)
    array = array[:, None] if hasattr(value, "iloc") and array.ndim == 1 else array
    return array.astype(keras.config.floatx()) if array.dtype.kind in "fO" else array


def length_of(value: Any) -> int | None:
    """The number of samples of an array, sparse ones included."""
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    return len(value) if isinstance(value, list | tuple) else None
