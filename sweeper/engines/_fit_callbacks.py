"""Keras callbacks that report what a recorded step returned."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sweeper.capture import read, write
from sweeper.engines._loss_source import loss_in
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._step import FINITE, LOSS, NORM


def each_step_callback(after: Callable[[Any, Any], None], before: Callable[[Any], None] | None = None) -> Any:
    """A Keras callback that calls `after` with the model and the logs of each step, and `before` with the model.

    After a step the model's variables hold what the step has made of them, on every backend.
    """
    import keras

    class EachStep(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            del batch, logs
            if before is not None:
                before(self.model)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch
            if keras.backend.backend() == "jax":
                self.model.jax_state_sync()
            after(self.model, {} if logs is None else logs)

    return EachStep()


def called_every(callback: Any, steps: int) -> Any:
    """A callback that calls another one before and after so many steps, as fit does with this `steps_per_execution`."""
    import keras

    class CalledEvery(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            for name in dir(keras.callbacks.Callback):
                if name.startswith("on_") and "batch" not in name:
                    setattr(self, name, getattr(callback, name))

        def set_params(self, params: Any) -> None:
            self.params = params
            callback.set_params(params)

        def set_model(self, model: Any) -> None:
            callback.set_model(model)

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch % steps == 0:
                callback.on_train_batch_begin(batch, logs)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if (batch + 1) % steps == 0 or batch + 1 == self.params["steps"]:
                callback.on_train_batch_end(batch, logs)

    return CalledEvery()


def recording_callback(
    recorder: CurveRecorder,
    *,
    stray_metrics: Sequence[tuple[Any, Any]],
    carried: Sequence[Any],
    keys: Sequence[str] = (),
) -> Any:
    """A Keras callback that hands each step's numbers to a recorder and ends fit when it says so.

    `stray_metrics` are variables of metrics that Keras does not set back after a validation, with their first values;
    `carried` are variables that shall be after a validation what they were before it; `keys` are the entries of logs
    that are the loss.
    """
    import keras

    before: list[Any] = []

    class Recording(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            for variable, value in stray_metrics:
                write(variable, value)
            recorder.epoch_begins()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch
            numbers = (float(np.asarray(logs[key])) for key in (LOSS, NORM, FINITE))
            if recorder.step(*numbers):
                self.model.stop_training = True

        def on_test_begin(self, logs: Any = None) -> None:
            del logs
            before[:] = [read(variable) for variable in carried]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del epoch
            for variable, value in zip(carried, before, strict=False):
                write(variable, value)
            val = {key.removeprefix("val_"): value for key, value in (logs or {}).items() if key.startswith("val_")}
            if val:
                recorder.validation(float(np.asarray(loss_in(val, keys))))

    return Recording()
