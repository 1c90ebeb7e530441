"""Everything that a training changes, kept so that each probe starts from exactly the same.

That is more than the model's weights: optimizer slots, the state of seed generators, metrics, the variables
of a second optimizer, and variables that a script keeps outside of its model. So all variables of the process
are kept: Keras's own, and TensorFlow's that no Keras variable wraps.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture._live import instances


def live_variables() -> list[Any]:
    """Every variable of the process: Keras variables, and TensorFlow variables that none of them wraps.

    What a distribution strategy keeps of a variable on each replica is no variable of its own.
    """
    import keras

    kinds: tuple[Any, ...] = (keras.Variable,)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        kinds = (keras.Variable, tf.Variable)
    found = instances(*kinds)
    parts = {id(_value(variable)) for variable in found if isinstance(variable, keras.Variable)}
    parts.update(id(part) for variable in found for part in _components(_value(variable)))
    return [variable for variable in found if id(variable) not in parts and is_ready(variable)]


def _value(variable: Any) -> Any:
    return getattr(variable, "_value", variable)


def is_ready(variable: Any) -> bool:
    """Whether a variable holds a value that can be read now (neither deferred nor of a function being traced)."""
    value = _value(variable)
    if value is None:
        return False
    if _is_distributed(value):
        return all(map(is_ready, _components(value)))
    if "tensorflow" in sys.modules and hasattr(value, "handle"):
        return hasattr(value.handle, "numpy") and bool(value.is_initialized())
    return True


def _components(value: Any) -> tuple[Any, ...]:
    """The variables on each replica that a distributed variable consists of; none of any other."""
    return tuple(value.values) if value is not None and _is_distributed(value) else ()


def _is_distributed(value: Any) -> bool:
    """Whether a TensorFlow variable has one component for each replica of a distribution strategy."""
    return ".distribute." in type(value).__module__


class State:
    """The values of variables at one moment, to go back to."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, Any]] = {}

    def keep(self, variables: Iterable[Any]) -> None:
        """Keeps the present values of the variables that are not kept yet."""
        for variable in variables:
            if id(variable) not in self._kept:
                self.override(variable, read(variable))

    def keep_new(self) -> None:
        """Keeps every live variable that is not kept yet."""
        self.keep(live_variables())

    def override(self, variable: Any, value: Any) -> None:
        """Replaces the value to go back to."""
        if _is_plain_tensorflow(variable):
            import tensorflow as tf

            with tf.device("CPU"):
                value = tf.convert_to_tensor(value, _value(variable).dtype)
        self._kept[id(variable)] = (variable, value)

    def restore(self) -> None:
        """Sets every kept variable to its kept value."""
        for variable, value in self._kept.values():
            if _is_plain_tensorflow(variable):
                # Several times faster than Keras's `assign`, and this runs before every probe. The variable shares the
                # memory of the tensor until something changes it.
                _value(variable).assign(value, read_value=False)
            else:
                write(variable, value)

    def stuck(self) -> list[Any]:
        """Sets every kept variable back, and names those that do not take their kept value."""
        self.restore()
        return [variable for variable, value in self._kept.values() if not _equal(read(variable), np.asarray(value))]

    @property
    def variables(self) -> list[Any]:
        """Every kept variable."""
        return [variable for variable, _ in self._kept.values()]

    def value(self, variable: Any) -> Any:
        """The kept value of a variable."""
        return np.asarray(self._kept[id(variable)][1])


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _is_plain_tensorflow(variable: Any) -> bool:
    """Whether a variable is one of TensorFlow's, or wraps one, that lives in one place."""
    value = _value(variable)
    return not _is_distributed(value) and hasattr(value, "handle")


def read(variable: Any) -> Any:
    """The value of a variable as a numpy array."""
    value = _value(variable)
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy().copy()
    if _is_distributed(value):
        return np.array(value.numpy())
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def write(variable: Any, value: Any) -> None:
    """Sets a variable to a value that `read` gave."""
    variable.assign(value)


def numpy_type(variable: Any) -> str:
    """The type of the array that a variable is set to: its own, or float32 for one that numpy does not have."""
    name = str(getattr(variable.dtype, "name", variable.dtype))
    return "float32" if "bfloat" in name else name


def path_of(variable: Any) -> str:
    """The name of a variable with those of the layers that it belongs to, where it has them."""
    return str(getattr(variable, "path", variable.name))


def is_seed_state(variable: Any) -> bool:
    """Whether a variable is the state of a Keras seed generator."""
    return "seed_generator_state" in path_of(variable)


def save_weights(path: Path, variables: Sequence[Any]) -> None:
    """Writes the values of the variables, in order, as one file; atomic."""
    arrays: dict[str, Any] = {f"v{number}": _storable(read(variable)) for number, variable in enumerate(variables)}
    partial = path.with_suffix(".partial.npz")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load_weights(path: Path, variables: Sequence[Any]) -> None:
    """Sets the variables to what `save_weights` wrote; raises `ValueError` when they do not match."""
    with np.load(path, allow_pickle=False) as stored:
        if len(stored.files) != len(variables):
            raise ValueError(f"the model has {len(variables)} variables now and had {len(stored.files)} before")
        for number, variable in enumerate(variables):
            value = stored[f"v{number}"]
            if tuple(value.shape) != tuple(variable.shape):
                raise ValueError(f"{variable.name} has shape {tuple(variable.shape)} now and had {value.shape} before")
            write(variable, value.astype(read(variable).dtype, copy=False))


def _storable(value: NDArray[Any]) -> NDArray[Any]:
    """The array in a type that `.npy` knows; bfloat16 and float8 are not among them."""
    unknown = value.dtype.kind == "V" or value.dtype.name.startswith(("bfloat", "float8"))
    return value.astype(np.float32) if unknown else value
