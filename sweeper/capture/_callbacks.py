"""Which callbacks of a fit call run in a trial of its memory: all but those that write or send."""

import inspect
import sys
from dataclasses import dataclass
from typing import Any

from sweeper.capture._sites import is_own_code

_WRITE_OR_SEND = {
    *("ModelCheckpoint", "OrbaxCheckpoint", "TensorBoard", "BackupAndRestore", "CSVLogger", "RemoteMonitor"),
}
"""Callbacks of Keras that leave something behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The callbacks of a fit call."""

    kept: tuple[Any, ...]
    left_out: tuple[Any, ...]


def sorted_callbacks(callbacks: Any) -> Callbacks:
    """The callbacks of a fit call, whatever form they have, by whether they only work in memory."""
    import keras

    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    given = keras.tree.flatten(callbacks) if callbacks else []
    return Callbacks(
        kept=tuple(item for item in given if not _leaves_something(type(item))),
        left_out=tuple(item for item in given if _leaves_something(type(item))),
    )


def _leaves_something(kind: type) -> bool:
    """Whether a class, or one that it is made from, writes or sends: some of Keras, and all of other libraries."""
    return any(_is_foreign(base) or base.__name__ in _WRITE_OR_SEND for base in kind.__mro__ if base is not object)


def _is_foreign(kind: type) -> bool:
    if kind.__module__.split(".")[0] == "keras":
        return False
    try:
        return not is_own_code(inspect.getfile(kind))
    except (TypeError, OSError):
        return kind.__module__ not in {"__main__", *sys.stdlib_module_names}
