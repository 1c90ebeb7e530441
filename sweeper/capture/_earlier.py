"""Fit calls that come before the chosen one: trained for a few steps, so that the script goes on at once."""

from collections.abc import Callable
from typing import Any

from sweeper.capture._call import FitArguments
from sweeper.capture.data import DEFAULT_BATCH_SIZE, batches_of

SHORT_STEPS = 4
"""Steps of a shortened fit: enough to create everything that a fit creates."""
_NATIVE_WRITERS = {"TensorBoard", "BackupAndRestore", "SwapEMAWeights", "RemoteMonitor", "WandbCallback"}
"""Callbacks that write where `Overlay` cannot catch it, or send."""


def short_fit(model: Any, original: Callable[..., Any], arguments: FitArguments) -> Any:
    """Trains for a few steps and returns a history as long as the script's, each epoch the same."""
    asked = dict(arguments.values)
    model_name = next(iter(asked))
    asked.pop(model_name)
    first, last = int(asked["initial_epoch"] or 0), int(asked["epochs"] or 1)
    asked |= {"epochs": first + 1, "steps_per_epoch": SHORT_STEPS, "verbose": 0, "validation_freq": 1}
    if batches_of(asked["x"]) is None and not asked["batch_size"]:
        asked["batch_size"] = DEFAULT_BATCH_SIZE
    if asked["validation_data"] is not None or asked["validation_split"]:
        asked["validation_steps"] = 1
    callbacks = asked["callbacks"]
    if isinstance(callbacks, list | tuple):
        asked["callbacks"] = [item for item in callbacks if type(item).__name__ not in _NATIVE_WRITERS]
    history = original(model, **asked)
    _stretch(history, first=first, last=last)
    return history


def _stretch(history: Any, *, first: int, last: int) -> None:
    """Makes a history of one epoch look like one of all epochs, so that plots and look-ups after it work."""
    epochs = max(last - first, 1)
    history.epoch = list(range(first, first + epochs))
    history.history = {name: [values[-1]] * epochs for name, values in history.history.items() if values}
