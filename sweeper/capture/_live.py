"""Finding objects by their class, wherever they are."""

import gc
import random
from types import FunctionType
from typing import Any

import numpy as np

from sweeper.capture._sites import is_own_code

_set_aside: list[Any] = []


def instances(*bases: type) -> list[Any]:
    """Every object of these classes, or of classes derived from them, that the garbage collector knows.

    By type: `isinstance` asks proxies for their class, and a dead weak reference or a lazy module answers badly.
    """
    return _of(bases, _set_aside) + _of(bases, gc.get_objects())


def set_aside() -> None:
    """Makes later searches and garbage collections look at new objects only, and remembers what may be searched for.

    After TensorFlow is imported there are half a million objects: each search takes a tenth of a second.
    """
    import keras
    from keras.src.saving.keras_saveable import KerasSaveable

    kinds: list[type] = [keras.Variable, KerasSaveable, random.Random, np.random.Generator, np.random.RandomState]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        kinds.append(tf.Variable)
    _set_aside.extend([*_of(tuple(kinds), gc.get_objects()), *own_closures()])
    gc.freeze()


def own_closures() -> list[FunctionType]:
    """The functions of the script that keep something in a closure."""
    closed = [function for function in instances(FunctionType) if function.__closure__]
    return [function for function in closed if is_own_code(function.__code__.co_filename)]


def _of(bases: tuple[type, ...], objects: list[Any]) -> list[Any]:
    """The live objects of some classes, found by their types, of which there are few."""
    wanted = {kind for kind in set(map(type, objects)) if issubclass(kind, bases)}
    return [item for item in objects if type(item) in wanted] if wanted else []
