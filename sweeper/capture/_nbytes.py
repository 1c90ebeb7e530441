"""Bytes of values that Keras describes."""

import math
import re
from collections.abc import Sequence
from typing import Any


def value_bytes(shape: Sequence[Any], dtype: Any) -> int:
    """Bytes of a value of this shape and type."""
    from keras import backend

    bits = re.search(r"\d+", backend.standardize_dtype(dtype))  # bool has none
    return math.prod(int(length) for length in shape) * max(1, int(bits.group()) // 8 if bits else 1)


def variable_bytes(variable: Any) -> int:
    """Bytes of a variable's value."""
    return value_bytes(variable.shape, variable.dtype)
