"""What a training changes on the Python side: numbers and lists that the script's own objects hold, random generators.

A train step that runs eagerly, or calls back into Python, may count its steps in an attribute, add to a list or draw
from a `numpy.random.Generator` of the script; a callback may set the rate of a layer of Dropout. All are kept and set
back like variables: of lists, sets and dicts what they hold, not what those things hold in turn. Queues, iterators and
objects of other kinds are not.
"""

import random
import sys
from collections import deque
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from sweeper.capture._live import instances
from sweeper.capture._notebook import NotebookModule
from sweeper.capture._sites import is_own_code

MOST_ENTRIES = 10_000
"""Entries up to which a list, set or dict is kept: longer ones are data, and copying them takes time in every probe."""


class PythonState:
    """Numbers, lists and random generators as they were at one moment, to go back to."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def keep(self) -> None:
        """Keeps the present values, also of the script's own losses, metrics and optimizers, and of all layers."""
        import keras
        from keras.src.saving.keras_saveable import KerasSaveable

        generators = instances(random.Random, np.random.Generator, np.random.RandomState)
        self._undo = [_undo_generator(item) for item in generators if not isinstance(item, random.SystemRandom)]
        modules = [module for module in list(sys.modules.values()) if is_own_module(module)]
        saveable = [(item, is_of_own_class(item)) for item in instances(KerasSaveable)]
        for holder in [*(item for item, is_own in saveable if is_own), *modules]:
            self._undo += [_undo_numbers(vars(holder)), *_undo_containers(vars(holder))]
        layers = [item for item, is_own in saveable if not is_own and isinstance(item, keras.Layer)]
        self._undo += [_undo_numbers(vars(layer)) for layer in layers]

    def restore(self) -> None:
        """Sets everything that was kept back."""
        for undo in self._undo:
            undo()


def _undo_generator(generator: Any) -> Callable[[], None]:
    if isinstance(generator, random.Random):
        return partial(generator.setstate, generator.getstate())
    if isinstance(generator, np.random.RandomState):
        return partial(generator.set_state, generator.get_state(legacy=False))
    bits = generator.bit_generator
    return partial(setattr, bits, "state", bits.state)


def is_of_own_class(item: Any) -> bool:
    """Whether the script defines the class of an object."""
    return is_own_module(sys.modules.get(type(item).__module__))


def is_own_module(module: Any) -> bool:
    """Whether a module is one of the user's own files, or their notebook."""
    if type(module) is NotebookModule:
        return True
    # Modules that load themselves when they are first used must not be asked for attributes.
    file = vars(module).get("__file__") if issubclass(type(module), ModuleType) else None
    return isinstance(file, str) and is_own_code(file)


def _undo_numbers(names: dict[str, Any]) -> Callable[[], None]:
    kept = {name: value for name, value in names.items() if _is_number(type(value))}
    return partial(names.update, kept)


def _undo_containers(names: dict[str, Any]) -> list[Callable[[], None]]:
    held = [value for name, value in names.items() if not name.startswith("__")]
    kinds = {list, deque, set, dict}
    return [
        partial(refill, value, value.copy()) for value in held if type(value) in kinds and len(value) <= MOST_ENTRIES
    ]


def refill(container: Any, kept: Any) -> None:
    """Sets a container back without emptying it: what lives in it may be in use, as are the names of a module."""
    if isinstance(container, list):
        container[:] = kept
    elif isinstance(container, set):
        container &= kept
        container |= kept
    elif isinstance(container, deque):
        container.clear()
        container.extend(kept)
    else:
        for name in [name for name in container if name not in kept]:
            del container[name]
        container.update(kept)


def _is_number(kind: type) -> bool:
    return kind in {int, float} or issubclass(kind, np.number)
