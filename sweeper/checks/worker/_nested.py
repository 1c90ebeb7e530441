"""Nested data, as fit takes it: its parts, some of its samples, and its values as arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.checks.worker._arrays import as_numpy


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
    return _mapped(value, lambda array: array.iloc[:count] if hasattr(array, "iloc") else array[:count])


def rows_at(value: Any, rows: NDArray[np.int64]) -> Any:
    """The samples with these indices, of nested data."""
    return _mapped(value, lambda array: array.iloc[rows] if hasattr(array, "iloc") else as_numpy(array)[0][rows])


def as_arrays(value: Any) -> Any:
    """Nested data as numpy arrays, floats in Keras's own type."""
    return _mapped(value, _as_array)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Nested data with each array changed; what is not given stays None."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_mapped(item, change) for item in value)
    return change(value)


def _as_array(value: Any) -> NDArray[Any]:
    import keras

    array = value.to_numpy() if hasattr(value, "iloc") else np.asarray(value)
    array = array[:, None] if hasattr(value, "iloc") and array.ndim == 1 else array
    return array.astype(keras.config.floatx()) if array.dtype.kind in "fO" else array


def length_of(value: Any) -> int | None:
    """The number of samples of an array, sparse ones included."""
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    return len(value) if isinstance(value, list | tuple) else None
