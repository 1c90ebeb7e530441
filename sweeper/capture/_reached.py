"""Values of Python that the source of the data reads: what a callback changes there changes the batches.

A generator, a `PyDataset` or a Python function of a pipeline reads attributes of its own, names of its module, names of
the functions around it, and what those hold in turn. Code is followed by the names that stand in it; nothing is run.
"""

import contextlib
import inspect
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from types import CellType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

import numpy as np

from sweeper.capture._python_state import is_of_own_class, is_own_module
from sweeper.capture._sites import is_of_keras, is_own_code, with_inner
from sweeper.capture._state import read

MOST_PLACES = 10_000
"""Values that are looked at; a source that holds more is looked at in part."""
MOST_COMPARED = 200_000
"""Entries of a list that are compared."""
MOST_BYTES = 1 << 26
"""Bytes of arrays that are compared, all together; of those beyond only that they are still the same arrays."""

_PLAIN = (bool, int, float, complex, str, bytes, np.generic, type(None))
_CONTAINERS = {list, tuple, set, dict, deque}
_HOLD_FUNCTIONS = ("tensorflow.python.data", "tensorflow.python.ops.script_ops", "torch.utils.data", "functools")
"""Modules of classes whose objects hold functions and objects of the script that data is read from."""


@dataclass(frozen=True, slots=True)
class Place:
    """One value, by what holds it: `level['noise']` or `Noisy.level`."""

    name: str
    value: Any
    """The value itself where it is a plain one, else what tells it from others."""

    @property
    def words(self) -> str:
        """The value in words; empty where it has none."""
        return "" if isinstance(self.value, _Content) else f"{self.value!r}"[:40]


@dataclass(frozen=True, slots=True)
class _Content:
    """What tells a value from another that is not a plain one."""

    mark: Any


@dataclass(frozen=True, slots=True)
class Reads:
    """The values that some code reads at one moment."""

    places: dict[Any, Place]
    """By the identity of their holders and their names in them."""
    alive: dict[int, Any]
    """The holders: while they are kept, no other object takes their identity."""
    undo: list[Callable[[], None]]
    """What sets names of functions and attributes of classes back."""

    def holders(self) -> list[Any]:
        """The containers, arrays and objects of the script's own classes that hold what is read."""
        kinds = _CONTAINERS - {tuple, deque}
        return [item for item in self.alive.values() if type(item) in kinds or _is_restorable(item)]

    def restore(self) -> None:
        """Sets the names of functions and the attributes of classes back; the holders are for others to set back."""
        for undo in self.undo:
            undo()

    def has(self, variable: Any) -> bool:
        """Whether this variable is among what is read."""
        return (id(variable), None) in self.places

    def changed(self, after: "Reads") -> list[tuple[Place, Place]]:
        """The places whose values differ at a later moment, as they were and as they are then."""
        both = [(place, after.places[key]) for key, place in self.places.items() if key in after.places]
        return [(old, new) for old, new in both if _differ(old.value, new.value)]


def values_read_by(roots: Iterable[Any]) -> Reads:
    """The values that this code, or these sources of data, read now."""
    return _Walk().run(roots)


def _differ(old: Any, new: Any) -> bool:
    if type(old) is not type(new):
        return True
    return bool(old != new) and repr(old) != repr(new)  # NaN is the same as NaN


class _Walk:
    def __init__(self) -> None:
        self._places: dict[Any, Place] = {}
        self._seen: dict[int, Any] = {}
        self._waiting: deque[tuple[Any, str]] = deque()
        self._bytes = 0
        self._undo: list[Callable[[], None]] = []

    def run(self, roots: Iterable[Any]) -> Reads:
        self._waiting.extend((root, "") for root in roots)
        while self._waiting and len(self._places) < MOST_PLACES:
            item, name = self._waiting.popleft()
            if id(item) not in self._seen:
                self._seen[id(item)] = item
                with contextlib.suppress(Exception):  # an object of any library may raise when it is looked at
                    self._look_into(item, name)
        return Reads(self._places, self._seen, self._undo)

    def _look_into(self, item: Any, name: str) -> None:
        if isinstance(item, ModuleType):
            return
        if isinstance(item, FunctionType):
            self._function(item)
        elif isinstance(item, MethodType):
            self._waiting += [(item.__func__, ""), (item.__self__, "")]
        elif isinstance(item, partial):
            self._waiting += [(part, "") for part in (item.func, *item.args, *item.keywords.values())]
        elif isinstance(item, GeneratorType):
            self._generator(item)
        elif isinstance(item, type):
            self._class(item)
        elif type(item) in _CONTAINERS:
            self._container(item, name)
        elif isinstance(item, np.ndarray) or _is_variable(item):
            self._places[id(item), None] = Place(name or global_name(item), self._mark(item))
        else:
            self._object(item)

    def _note(self, key: Any, name: str, value: Any) -> None:
        """Records a value, and lets what it holds be looked at."""
        self._places[key] = Place(name, self._mark(value))
        self._waiting.append((value, name))

    def _mark(self, value: Any) -> Any:
        if _is_variable(value):
            value = np.asarray(read(value))
            value = value.item() if value.ndim == 0 else value
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, np.ndarray) and value.dtype != object and self._bytes + value.nbytes <= MOST_BYTES:
            self._bytes += value.nbytes
            return _Content((value.shape, value.dtype.str, zlib.crc32(np.ascontiguousarray(value).view(np.uint8).data)))
        if isinstance(value, list | tuple | deque):
            parts = [_brief(part) for part in islice(value, MOST_COMPARED)]
            return _Content((len(value), zlib.crc32(repr(parts).encode())))
        if isinstance(value, set | dict):
            return _Content(len(value))
        return _Content(id(value))

    def _function(self, function: FunctionType) -> None:
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        self._waiting += [(part, "") for part in (function.__defaults__, function.__kwdefaults__) if part]
        own = is_own_code(function.__code__.co_filename)
        for name, cell in cells:
            self._cell(cell, name, own=own)
        if own:
            self._globals(function.__code__, function.__globals__)

    def _cell(self, cell: CellType, name: str, *, own: bool) -> None:
        try:
            value = cell.cell_contents
        except ValueError:  # it is not filled yet
            return
        if own:
            self._note((id(cell), name), name, value)
            self._undo.append(partial(setattr, cell, "cell_contents", value))
        else:
            self._waiting.append((value, ""))

    def _globals(self, code: CodeType, names: dict[str, Any]) -> None:
        for name in (name for inner in with_inner(code) for name in inner.co_names):
            if name in names and not name.startswith("__"):
                self._note((id(names), name), name, names[name])

    def _generator(self, generator: "GeneratorType[Any, Any, Any]") -> None:
        frame, own = generator.gi_frame, is_own_code(generator.gi_code.co_filename)
        if frame is None:
            return
        local = inspect.getgeneratorlocals(generator)
        for name, value in local.items():
            free = name in generator.gi_code.co_freevars
            if own and free:
                self._note((id(generator), name), name, value)
            else:
                self._waiting.append((value, name))
        if own:
            self._globals(generator.gi_code, frame.f_globals)

    def _class(self, kind: type) -> None:
        if not is_own_module(sys.modules.get(kind.__module__)):
            return
        for name, value in vars(kind).items():
            if isinstance(value, property):
                self._waiting += [(part, "") for part in (value.fget,) if part]
            elif isinstance(value, FunctionType | staticmethod | classmethod):
                self._waiting.append((getattr(value, "__func__", value), ""))
            elif not name.startswith("__"):
                self._note((id(kind), name), f"{kind.__name__}.{name}", value)
                self._undo.append(partial(setattr, kind, name, value))
        self._waiting += [(base, "") for base in kind.__bases__]

    def _container(self, item: Any, name: str) -> None:
        if len(item) > MOST_PLACES:
            return
        if type(item) is dict:
            for key, value in item.items():
                self._note((id(item), _brief(key)), f"{name}[{key!r}]" if name else repr(key), value)
        else:
            self._waiting += [(part, name) for part in item if not isinstance(part, _PLAIN)]

    def _object(self, item: Any) -> None:
        held = getattr(item, "__dict__", None)
        if not isinstance(held, dict) or _is_of_the_model(item):
            return
        if is_of_own_class(item):
            self._waiting.append((type(item), ""))
            for name, value in held.items():
                if not name.startswith("__"):
                    self._note((id(item), name), f"{type(item).__name__}.{name}", value)
            for name, value in self._read_from_class(type(item)):
                key = (id(item), name)
                if key not in self._places:  # an attribute of the class, until the object has its own
                    self._places[key] = Place(f"{type(item).__name__}.{name}", self._mark(value))
        elif type(item).__module__.startswith(_HOLD_FUNCTIONS):
            self._waiting += [(value, "") for value in held.values()]

    def _read_from_class(self, kind: type) -> Iterator[tuple[str, Any]]:
        for base in kind.__mro__:
            if is_own_module(sys.modules.get(base.__module__)):
                plain = [(name, value) for name, value in vars(base).items() if isinstance(value, _PLAIN)]
                yield from ((name, value) for name, value in plain if not name.startswith("__"))


def _is_restorable(item: Any) -> bool:
    own = not isinstance(item, type) and is_of_own_class(item) and not _is_of_the_model(item)
    return own or isinstance(item, np.ndarray)


def _brief(value: Any) -> Any:
    """A plain value itself; of others their class and identity."""
    return value if isinstance(value, _PLAIN) else (type(value).__name__, id(value))


def _is_variable(value: Any) -> bool:
    return hasattr(type(value), "assign") and hasattr(type(value), "numpy")


def global_name(item: Any) -> str:
    """The name of an object in the user's own modules, else its own."""
    modules = [module for module in list(sys.modules.values()) if is_own_module(module)]
    names = [name for module in modules for name, value in vars(module).items() if value is item]
    return names[0] if names else str(getattr(item, "name", type(item).__name__))


def _is_of_the_model(item: Any) -> bool:
    """Whether an object is a model, layer, loss, metric or optimizer: what they hold is looked at elsewhere."""
    return any(is_of_keras(base) and base.__name__ == "KerasSaveable" for base in type(item).__mro__)
