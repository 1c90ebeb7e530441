"""Keeps and restores what callbacks change in Python: their attributes, and those of the model and its layers.

Containers are set back in place, since others may hold them too. An iterator is copied; one that cannot be copied, a
generator, goes on where it stood.
"""

import copy
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from sweeper.capture._python_state import MOST_ENTRIES, is_of_own_class, refill

_DEPTH = 6
"""How deep objects in objects are looked into."""
MOST_BYTES = 1 << 20
"""Size of an array up to which it is kept."""

_PLAIN = {bool, int, float, str}


class KeptObjects:
    """The values of objects at one moment, to go back to as often as is wanted."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._undo: list[Callable[[], None]] = []
        self._seen: dict[int, Any] = {}
        self._attributes: list[tuple[Any, dict[str, Any]]] = []
        for root in roots:
            self._keep(root, _DEPTH, is_root=True)

    def restore(self) -> None:
        """Sets every object back to its kept values."""
        for undo in self._undo:
            undo()

    def changed(self, kinds: tuple[type, ...]) -> list[tuple[Any, str, Any, Any]]:
        """Numbers and texts that objects of some classes hold otherwise now: object, attribute, value then and now."""
        of_kind = [(item, kept) for item, kept in self._attributes if isinstance(item, kinds)]
        pairs = [(item, name, value, vars(item).get(name)) for item, kept in of_kind for name, value in kept.items()]
        return [pair for pair in pairs if type(pair[2]) in _PLAIN and type(pair[3]) in _PLAIN and pair[2] != pair[3]]

    def _keep(self, item: Any, depth: int, *, is_root: bool = False) -> None:
        if depth == 0 or id(item) in self._seen or not _may_change(item, is_root=is_root):
            return
        self._seen[id(item)] = item
        kind = type(item)
        if kind is list or kind is set or kind is dict:
            self._undo.append(partial(refill, item, kind(item)))
            inside: Iterable[Any] = list(item.values()) if kind is dict else list(item)
        elif issubclass(kind, np.ndarray):
            self._undo.append(partial(_rewrite, item, item.copy()))
            return
        else:
            names = vars(item)
            kept = {name: _with_copy(value) for name, value in names.items() if not name.startswith("__")}
            self._undo.append(partial(_set_attributes, names, kept))
            self._attributes.append((item, {name: value for name, (value, _) in kept.items()}))
            inside = [value for value, _ in kept.values()]
        for value in inside:
            self._keep(value, depth - 1)


def _may_change(item: Any, *, is_root: bool) -> bool:
    if type(item) in {list, set, dict}:
        return len(item) <= MOST_ENTRIES
    if isinstance(item, np.ndarray):
        return item.nbytes <= MOST_BYTES
    return hasattr(item, "__dict__") and not isinstance(item, type) and (is_root or is_of_own_class(item))


def _rewrite(array: Any, kept: Any) -> None:
    if array.flags.writeable and array.shape == kept.shape:
        array[...] = kept


def _with_copy(value: Any) -> tuple[Any, Any]:
    """A value and, where it is an iterator of Python's own, a copy that stays at its present position."""
    if hasattr(value, "__next__") and type(value).__module__ in {"builtins", "itertools"}:
        try:
            return value, copy.copy(value)
        except TypeError:
            return value, None
    return value, None


def _set_attributes(names: dict[str, Any], kept: dict[str, tuple[Any, Any]]) -> None:
    for name in [name for name in names if name not in kept and not name.startswith("__")]:
        del names[name]
    for name, (value, spare) in kept.items():
        back = value if spare is None else copy.copy(spare)
        if names.get(name) is not back:
            names[name] = back
