"""What a few steps of training show: the loss of each, and whether outputs still depend on the inputs."""

from typing import Any

import numpy as np

SAME_OUTPUT = 1e-6
"""Relative difference up to which outputs count as equal: a few roundings of single precision."""


def one_output(model: Any, x: Any) -> float | None:
    """The output value that all samples of a batch get; None where outputs differ, or inputs are equal."""
    import keras

    if not any((array != array[:1]).any() for array in keras.tree.flatten(x)):
        return None
    given = [np.asarray(keras.ops.convert_to_numpy(one)) for one in keras.tree.flatten(model(x))]
    spread = max(float(np.ptp(one, axis=0).max()) for one in given)
    size = max(float(np.abs(one).max()) for one in given)
    return float(given[0].reshape(-1)[0]) if spread <= SAME_OUTPUT * size else None


def loss_watch() -> Any:
    """A callback that keeps the loss of each step, from Keras's running mean."""
    import keras

    class LossWatch(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.losses: list[float] = []
            self._mean = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if "loss" not in (logs or {}):
                return  # a train step of one's own may report anything
            mean = float(logs["loss"])
            self.losses.append(mean * (batch + 1) - self._mean * batch)
            self._mean = mean

    return LossWatch()
