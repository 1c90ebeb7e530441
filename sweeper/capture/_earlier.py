"""Shortens fit calls, such as those before the chosen one: a few steps of training, and the script goes on."""

from collections.abc import Callable
from typing import Any

from sweeper.capture._call import FitArguments
from sweeper.capture.data import DEFAULT_BATCH_SIZE, batches_of

SHORT_STEPS = 4
"""Training steps of a shortened fit: enough to create everything that a fit creates."""
_NATIVE_WRITERS = {"TensorBoard", "BackupAndRestore", "SwapEMAWeights", "RemoteMonitor", "WandbCallback"}
"""Callbacks that are left out, most since they send or write files other than by Python's `open`."""


def short_fit(model: Any, original: Callable[..., Any], arguments: FitArguments) -> Any:
    """Calls `original`, which is fit, for a few steps; returns a history with as many epochs as `arguments` ask for."""
    kwargs = arguments.without_model()
    first, last = int(kwargs["initial_epoch"] or 0), int(kwargs["epochs"] or 1)
    kwargs |= {"epochs": first + 1, "steps_per_epoch": SHORT_STEPS, "verbose": 0, "validation_freq": 1}
    if batches_of(kwargs["x"]) is None and not kwargs["batch_size"]:
        kwargs["batch_size"] = DEFAULT_BATCH_SIZE
    if kwargs["validation_data"] is not None or kwargs["validation_split"]:
        kwargs["validation_steps"] = 1
    callbacks = kwargs["callbacks"]
    if isinstance(callbacks, list | tuple):
        kwargs["callbacks"] = [item for item in callbacks if type(item).__name__ not in _NATIVE_WRITERS]
    history = original(model, **kwargs)
    _stretch(history, first=first, last=last)
    return history


def _stretch(history: Any, *, first: int, last: int) -> None:
    """Repeats the last epoch of a history for all epochs, so that later plots and look-ups in the script work."""
    epochs = max(last - first, 1)
    history.epoch = list(range(first, first + epochs))
    history.history = {name: [values[-1]] * epochs for name, values in history.history.items() if values}
