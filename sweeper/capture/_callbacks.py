"""Which callbacks of a fit call run in a memory trial, and which run to see what they change."""

import dis
import inspect
import sys
from collections.abc import Collection
from dataclasses import dataclass
from types import CodeType
from typing import Any

from sweeper.capture._sites import is_of_keras, is_own_code, with_inner

_WRITE_OR_SEND = {
    *("ModelCheckpoint", "OrbaxCheckpoint", "TensorBoard", "BackupAndRestore", "CSVLogger", "RemoteMonitor"),
}
"""Callbacks of Keras that leave something behind."""
_CHANGE_TRAINING = {"LearningRateScheduler", "ReduceLROnPlateau", "LambdaCallback"}
"""Callbacks of Keras that change what is trained, or call functions that may."""
_CALL_FUNCTIONS = {"LambdaCallback"}
"""Callbacks of Keras that hand logs to functions of the script."""
_AT_BEGIN = {"BackupAndRestore"}
"""Callbacks of Keras that change what is trained only when training begins; later on they write."""
_METHODS = {
    *("assign", "assign_add", "assign_sub", "set_weights", "load_weights", "set_value", "load_own_variables"),
    *("set_state", "restore", "compile"),
}
"""Methods and functions that change what is trained."""
_ATTRIBUTES = {"learning_rate", "lr", "trainable"}
"""Attributes that do so when they are set."""
_SET_RATES = ("LearningRateScheduler", "ReduceLROnPlateau")
"""Callbacks of Keras that set the learning rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The callbacks of a fit call."""

    kept: tuple[Any, ...]
    left_out: tuple[Any, ...]


def sorted_callbacks(callbacks: Any) -> Callbacks:
    """The callbacks of a fit call, in whatever form they were given, sorted by whether they only work in memory."""
    given = given_callbacks(callbacks)
    return Callbacks(
        kept=tuple(item for item in given if not _leaves_something(type(item))),
        left_out=tuple(item for item in given if _leaves_something(type(item))),
    )


def given_callbacks(callbacks: Any) -> list[Any]:
    """The callbacks of a fit call as a list, in whatever form they were given."""
    import keras

    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    return list(keras.tree.flatten(callbacks)) if callbacks else []


def rate_callback(callbacks: Any) -> str:
    """Keras's name for the first callback of a fit call that sets the learning rate; empty where none is known to."""
    kinds = [kind for callback in given_callbacks(callbacks) for kind in type(callback).__mro__]
    return next((kind.__name__ for kind in kinds if kind.__name__ in _SET_RATES), "")


def may_change_training(callback: Any) -> bool:
    """Whether a callback may change what is trained: Keras's own are known, another library's show it in their code.

    One of the script's own always may, since it can call anything.
    """
    kind = type(callback)
    if is_of_keras(kind):
        return kind.__name__ in _CHANGE_TRAINING | _AT_BEGIN
    return any(not _is_foreign(base) for base in _classes(callback)) or shows_change(callback)


def runs_at_begin_only(callback: Any) -> bool:
    """Whether a callback has nothing more to do with training once that has begun."""
    return is_of_keras(type(callback)) and type(callback).__name__ in _AT_BEGIN


def reads_logs_itself(callback: Any) -> bool:
    """Whether code that is not Keras's reads the logs of steps, and may ask for any entry."""
    return not is_of_keras(type(callback)) or type(callback).__name__ in _CALL_FUNCTIONS


def shows_change(callback: Any) -> bool:
    """Whether the code of a callback's class, as far as it is not Keras's, shows that it changes what is trained."""
    return any(_shows_change(instruction) for code in _own_code(callback) for instruction in dis.get_instructions(code))


def mentions(callback: Any, words: Collection[str]) -> bool:
    """Whether the code of a callback, as far as it is not Keras's, has one of these names in it.

    Texts count as names of keys.
    """
    found: set[str] = set()
    for code in _own_code(callback):
        found |= {*code.co_names, *code.co_freevars, *(text for text in code.co_consts if isinstance(text, str))}
    return not found.isdisjoint(words)


def _own_code(callback: Any) -> list[CodeType]:
    """The code of a callback's classes, without Keras's own, and of functions that it was given (a LambdaCallback)."""
    given = list(vars(callback).values())
    defined = [inspect.unwrap(item) for kind in _classes(callback) for item in vars(kind).values() if callable(item)]
    return [code for item in (*given, *defined) if hasattr(item, "__code__") for code in with_inner(item.__code__)]


def _classes(callback: Any) -> list[type]:
    """The classes that a callback is derived from, without Keras's own."""
    return [kind for kind in type(callback).__mro__ if kind is not object and not is_of_keras(kind)]


def _shows_change(instruction: dis.Instruction) -> bool:
    if instruction.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
        return instruction.argval in _METHODS
    return instruction.opname == "STORE_ATTR" and instruction.argval in _ATTRIBUTES


def _leaves_something(kind: type) -> bool:
    """Whether a class or one of its bases writes or sends: some of Keras do, and all of other libraries may."""
    return any(_is_foreign(base) or base.__name__ in _WRITE_OR_SEND for base in kind.__mro__ if base is not object)


def _is_foreign(kind: type) -> bool:
    if is_of_keras(kind):
        return False
    try:
        return not is_own_code(inspect.getfile(kind))
    except (TypeError, OSError):
        return kind.__module__ not in {"__main__", *sys.stdlib_module_names}
