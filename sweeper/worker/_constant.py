"""The loss of the best constant prediction: where a training lands that learns nothing from its inputs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import DenseColumn, Job

_TINY = 1e-12
_NAMES = {
    "MeanSquaredError": "mse",
    "mean_squared_error": "mse",
    "MeanAbsoluteError": "mae",
    "mean_absolute_error": "mae",
}


def constant_loss(job: Job, loss: str) -> float | None:
    """The training loss of the best constant prediction; None when the loss is not one of Keras's plain ones.

    Known are cross-entropies (the entropy of the classes), the squared error (the variance of the targets) and the
    absolute error, for one array of targets without sample weights and without losses that layers add.
    """
    samples = job.train
    if samples.whole_elements or not isinstance(samples.structure, list) or job.model.losses:
        return None
    kind, *parts = samples.structure
    if kind != "tuple" or len(parts) != 2 or not isinstance(parts[1], int):  # noqa: PLR2004  x and y
        return None
    column = samples.columns[parts[1]]
    if not isinstance(column, DenseColumn) or not len(column):
        return None
    return _of_targets(np.asarray(column.array), _snake(loss))


def _snake(loss: str) -> str:
    known = _NAMES.get(loss)
    return known or "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in loss).lstrip("_")


def _of_targets(y: NDArray[Any], loss: str) -> float | None:
    if not np.isfinite(y.astype(np.float64)).all():
        return None
    match loss:
        case "sparse_categorical_crossentropy":
            _, counts = np.unique(y, return_counts=True)
            return _entropy(counts / counts.sum())
        case "categorical_crossentropy" if y.ndim > 1 and np.allclose(y.sum(axis=-1), 1.0, atol=1e-3):
            return _entropy(y.reshape(-1, y.shape[-1]).mean(axis=0))
        case "binary_crossentropy" if y.min() >= 0 and y.max() <= 1:
            mean = y.reshape(len(y), -1).mean(axis=0)
            return float(np.mean([_entropy(np.array([p, 1 - p])) for p in mean]))
        case "mse":
            return float(y.reshape(len(y), -1).astype(np.float64).var(axis=0).mean())
        case "mae":
            flat = y.reshape(len(y), -1).astype(np.float64)
            return float(np.abs(flat - np.median(flat, axis=0)).mean())
        case _:
            return None


def _entropy(shares: NDArray[Any]) -> float:
    return float(-(shares * np.log(np.maximum(shares, _TINY))).sum())
