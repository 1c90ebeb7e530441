"""What a training changes on the Python side: numbers and lists that the script's own objects hold, random generators.

A train step that runs eagerly, or calls back into Python, may count its steps in an attribute, add to a list or draw
from a `numpy.random.Generator` of the script; a callback may set the rate of a layer of Dropout. All are kept and set
back like variables: of lists, sets and dicts what they hold, not what those things hold in turn. Where steps run
eagerly or call back into Python, attributes that hold nothing, a flag, a text or an array go back as well, and those
that eager steps add are taken away. Queues, iterators and objects of other kinds are not set back.
"""

import inspect
import random
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator
from functools import partial
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from sweeper.capture._live import instances, own_closures
from sweeper.capture._notebook import NotebookModule
from sweeper.capture._sites import is_of_keras, is_own_code

MOST_ENTRIES = 10_000
"""Entries up to which a list, set or dict is kept: longer ones are data, and copying them takes time in every probe."""
MOST_BYTES = 1 << 20
"""Most bytes of an array that is set back in place."""
MOST_OBJECTS = 100
"""Entries up to which a container is searched for objects."""
MOST_LEVELS = 3
"""Levels down to which objects of the script's own classes are looked for in others."""
_OF_KERAS = {
    "autocast",
    "built",
    "compiled",
    "name",
    "run_eagerly",
    "steps_per_execution",
    "stop_training",
    "trainable",
}
"""Attributes of models, layers, losses and optimizers that Keras sets."""
_EMPTY = object()


class PythonState:
    """Numbers, lists and random generators as they were at one moment, to go back to."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self._values: list[_Values] = []
        self._cells: list[tuple[CellType, Any]] = []
        """What functions of the script keep in closures."""
        self._eager = False

    def keep(self, *, eager: bool = False) -> None:
        """Keeps the present values, also of the script's own losses, metrics and optimizers, and of all layers.

        `eager` says that steps run in Python, and so may change whatever the script's objects hold.
        """
        import keras
        from keras.src.saving.keras_saveable import KerasSaveable

        self._eager, self._values = eager, []
        generators = instances(random.Random, np.random.Generator, np.random.RandomState)
        self._undo = [_undo_generator(item) for item in generators if not isinstance(item, random.SystemRandom)]
        modules = [module for module in list(sys.modules.values()) if is_own_module(module)]
        saveable = [(item, is_of_own_class(item)) for item in instances(KerasSaveable)]
        holders = [*(item for item, is_own in saveable if is_own), *modules]
        for holder in [*holders, *_held_by(holders)]:
            names, of_keras = vars(holder), _names_of_keras(type(holder))
            self._undo += [_undo_numbers(names), *_undo_containers(names, of_keras)]
            self._values.append(_Values(names, of_keras))
        cells = {id(cell): cell for function in own_closures() for cell in function.__closure__ or ()}
        self._cells = [(cell, _content(cell)) for cell in cells.values() if _is_value(_content(cell))]
        self._undo += _undo_containers({str(place): _content(cell) for place, cell in cells.items()})
        layers = [item for item, is_own in saveable if not is_own and isinstance(item, keras.Layer)]
        self._undo += [_undo_numbers(vars(layer)) for layer in layers]

    def restore(self) -> None:
        """Sets everything that was kept back."""
        for undo in self._undo:
            undo()
        if self._eager or calls_python():
            for values in self._values:
                values.restore(new=self._eager)
            for cell, value in self._cells:
                if _is_value(_content(cell)):
                    cell.cell_contents = value


class _Values:
    """The plain values among attributes or names; what Keras itself holds in an object is left alone."""

    def __init__(self, names: dict[str, Any], of_keras: frozenset[str]) -> None:
        self._names, self._of_keras = names, of_keras
        self._known = set(names)
        self._kept = {name: value for name, value in names.items() if self._is_value(name, value)}
        arrays = [value for value in self._kept.values() if type(value) is np.ndarray]
        self._arrays = [(array, array.copy()) for array in arrays if array.nbytes <= MOST_BYTES]

    def restore(self, *, new: bool) -> None:
        """Sets plain values back; deletes those that are `new`, too."""
        names = self._names
        if new:
            for name in [
                name for name, value in names.items() if name not in self._known and self._is_value(name, value)
            ]:
                del names[name]
        names.update({name: value for name, value in self._kept.items() if self._is_value(name, names.get(name))})
        for array, values in self._arrays:
            rewrite(array, values)

    def _is_value(self, name: str, value: Any) -> bool:
        return not (name.startswith("__") or name in self._of_keras or name in _OF_KERAS) and _is_value(value)


def _names_of_keras(kind: type) -> frozenset[str]:
    """The private names that the code of Keras's classes uses, of which a class of the script is derived."""
    bases = [base for base in kind.__mro__ if is_of_keras(base)]
    functions = [item for base in bases for item in vars(base).values() if isinstance(item, FunctionType)]
    codes = [code for item in functions if (code := getattr(inspect.unwrap(item), "__code__", None)) is not None]
    return frozenset(name for code in codes for name in code.co_names if name.startswith("_"))


def _content(cell: CellType) -> Any:
    """What a closure holds; an object without meaning where that is not set yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def calls_python() -> bool:
    """Whether a TensorFlow function or pipeline calls back into Python."""
    script_ops = sys.modules.get("tensorflow.python.ops.script_ops")
    return script_ops is not None and script_ops._py_funcs.size() > 0  # noqa: SLF001  there is no other way


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


def _held_by(holders: list[Any]) -> list[Any]:
    """Objects of the script's own classes that these objects and modules hold, also in lists, down to some levels."""
    found: dict[int, Any] = {}
    level = holders
    for _ in range(MOST_LEVELS):
        values = [value for holder in level for value in vars(holder).values() if _is_short(value)]
        held = [item for value in values for item in _leaves(value) if _is_own_object(item)]
        level = list({id(value): value for value in held if id(value) not in found}.values())
        found |= {id(value): value for value in level}
    return list(found.values())


def _is_short(value: Any) -> bool:
    """Whether something is no container with so much in it that it must be data."""
    return not isinstance(value, list | tuple | set | deque | dict) or len(value) <= MOST_OBJECTS


def _is_own_object(value: Any) -> bool:
    """Whether something is an instance of a class of the script that Keras knows nothing of, with attributes."""
    from keras.src.saving.keras_saveable import KerasSaveable

    return is_of_own_class(value) and hasattr(value, "__dict__") and not isinstance(value, KerasSaveable | type)


def _is_value(value: Any) -> bool:
    """Whether something is nothing, a flag, a text, an array, or a few of these."""
    if isinstance(value, list | tuple | deque):
        return len(value) <= MOST_ENTRIES and all(_is_plain(item) for item in value)
    return _is_plain(value)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return value is None or kind in {bool, str, np.ndarray} or _is_number(kind) or kind.__name__ == "EagerTensor"


def _undo_containers(names: dict[str, Any], of_keras: Collection[str] = ()) -> list[Callable[[], None]]:
    held = [value for name, value in names.items() if not name.startswith("__") and name not in of_keras]
    return [partial(refill, value, _plain_copy(value)) for value in held if _is_container(value)]


def _is_container(value: Any) -> bool:
    """Whether something is a container of Python's, or what Keras makes of one that is an attribute of a layer.

    What Keras makes of a list of layers or weights is part of the model.
    """
    if type(value) in {list, deque, set, dict}:
        return len(value) <= MOST_ENTRIES
    kept_by_keras = type(value).__module__ == "keras.src.utils.tracking" and isinstance(value, list | set | dict)
    return kept_by_keras and len(value) <= MOST_ENTRIES and not any(map(_is_of_model, _leaves(value)))


def _plain_copy(container: Any) -> Any:
    """A copy that Keras does not watch."""
    kind = next((kind for kind in (list, set, dict) if isinstance(container, kind)), None)
    return container.copy() if kind is None else kind(container)


def _leaves(value: Any) -> Iterator[Any]:
    """What containers hold that is no container itself."""
    if isinstance(value, list | tuple | set | deque | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    else:
        yield value


def _is_of_model(value: Any) -> bool:
    """Whether something is a layer, a metric, an optimizer, or a variable."""
    import keras
    from keras.src.saving.keras_saveable import KerasSaveable

    return isinstance(value, KerasSaveable | keras.Variable) or hasattr(value, "assign")


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
        dict.update(container, kept)  # Keras would look for layers in what it keeps of a dict


def rewrite(array: Any, kept: Any) -> None:
    """Sets an array back in place, unless it is read-only or has another shape now."""
    if array.flags.writeable and array.shape == kept.shape:
        array[...] = kept


def _is_number(kind: type) -> bool:
    return kind in {int, float} or issubclass(kind, np.number)
