"""Snapshots of Python objects, to restore what callbacks change in themselves, in the model and in its layers.

Containers are restored in place, since other objects may refer to them. Iterators are restored from a copy; one that
cannot be copied, such as a generator, is not restored.
"""

import copy
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from sweeper.capture._python_state import MOST_BYTES, MOST_ENTRIES, is_of_own_class, refill, rewrite

_DEPTH = 6
"""Levels of nesting down to which objects are restored."""

_PLAIN = {bool, int, float, str}


class KeptObjects:
    """A snapshot of objects, and of what they hold, that can be restored any number of times."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._undo: list[Callable[[], None]] = []
        self._seen: dict[int, Any] = {}
        self._attributes: list[tuple[Any, dict[str, Any]]] = []
        for root in roots:
            self._keep(root, _DEPTH, is_root=True)

    def restore(self) -> None:
        """Sets every object back to its values at the time of the snapshot."""
        for undo in self._undo:
            undo()

    def changed(self, kinds: tuple[type, ...]) -> list[tuple[Any, str, Any, Any]]:
        """Plain attributes that have changed, of objects of these classes: object, name, old value and new value."""
        of_kind = [(item, kept) for item, kept in self._attributes if isinstance(item, kinds)]
        pairs = [(item, name, value, vars(item).get(name)) for item, kept in of_kind for name, value in kept.items()]
        return [pair for pair in pairs if type(pair[2]) in _PLAIN and type(pair[3]) in _PLAIN and pair[2] != pair[3]]

    def _keep(self, item: Any, depth: int, *, is_root: bool = False) -> None:
        """Adds an object to the snapshot, and what it holds down to `depth` levels."""
        if depth == 0 or id(item) in self._seen or not _is_restorable(item, is_root=is_root):
            return
        self._seen[id(item)] = item
        kind = type(item)
        if kind is list or kind is set or kind is dict:
            self._undo.append(partial(refill, item, kind(item)))
            inside: Iterable[Any] = list(item.values()) if kind is dict else list(item)
        elif issubclass(kind, np.ndarray):
            self._undo.append(partial(rewrite, item, item.copy()))
            return
        else:
            attributes = vars(item)
            kept = {name: _with_copy(value) for name, value in attributes.items() if not name.startswith("__")}
            self._undo.append(partial(_set_attributes, attributes, kept))
            self._attributes.append((item, {name: value for name, (value, _) in kept.items()}))
            inside = [value for value, _ in kept.values()]
        for value in inside:
            self._keep(value, depth - 1)


def _is_restorable(item: Any, *, is_root: bool) -> bool:
    """Whether an object is a small container or array, or has attributes and is a root or of a class of the script."""
    if type(item) in {list, set, dict}:
        return len(item) <= MOST_ENTRIES
    if isinstance(item, np.ndarray):
        return item.nbytes <= MOST_BYTES
    return hasattr(item, "__dict__") and not isinstance(item, type) and (is_root or is_of_own_class(item))


def _with_copy(value: Any) -> tuple[Any, Any]:
    """A value and, where it is a built-in iterator that can be copied, a copy at its current position; else None."""
    if hasattr(value, "__next__") and type(value).__module__ in {"builtins", "itertools"}:
        try:
            return value, copy.copy(value)
        except TypeError:
            return value, None
    return value, None


def _set_attributes(attributes: dict[str, Any], kept: dict[str, tuple[Any, Any]]) -> None:
    """Sets the attributes of an object back to `kept` values, and deletes those that are new."""
    for name in [name for name in attributes if name not in kept and not name.startswith("__")]:
        del attributes[name]
    for name, (value, iterator_copy) in kept.items():
        # The copy is copied again, since whoever gets it moves it on.
        restored = value if iterator_copy is None else copy.copy(iterator_copy)
        if attributes.get(name) is not restored:
            attributes[name] = restored
