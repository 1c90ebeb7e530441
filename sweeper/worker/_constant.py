"""The loss of the best constant prediction: where a training lands that learns nothing from its inputs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import DenseColumn, Job, RaggedColumn

_TINY = 1e-12


def constant_loss(job: Job, loss: str) -> float | None:
    """The training loss of the best constant prediction; None when the loss is not one of Keras's plain ones.

    Known are cross-entropies (the entropy of the classes), the squared error (the variance of the targets) and the
    absolute error, for one array of targets without sample weights and without losses that layers add.
    """
    samples = job.train
    if not isinstance(samples.structure, list) or job.model.losses:
        return None
    kind, *parts = samples.structure
    if kind == "named":
        parts = parts[3:]
    if kind not in {"tuple", "named"} or len(parts) != 2 or not isinstance(parts[1], int):  # noqa: PLR2004  x and y
        return None
    targets = _targets(samples.columns[parts[1]], whole=samples.whole_elements)
    return _of_targets(targets, _snake(loss)) if targets is not None else None


def _targets(column: Any, *, whole: bool) -> NDArray[Any] | None:
    """The targets of all samples; None where they are not numbers of one shape."""
    if not len(column):
        return None
    if isinstance(column, DenseColumn):
        array = np.asarray(column.array)
        return array.reshape(-1, *array.shape[2:]) if whole and array.ndim > 1 else None if whole else array
    if not whole or not isinstance(column, RaggedColumn) or len({batch.shape[1:] for batch in column.samples}) != 1:
        return None
    return np.concatenate(column.samples)


def _snake(loss: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in loss).lstrip("_")


def _of_targets(y: NDArray[Any], loss: str) -> float | None:
    rows = y.reshape(len(y), -1).astype(np.float64)
    if not np.isfinite(rows).all():
        return None
    value = None
    if loss == "sparse_categorical_crossentropy":
        value = _entropy(np.unique(rows, return_counts=True)[1] / rows.size)
    elif loss == "categorical_crossentropy" and np.allclose(y.sum(axis=-1), 1.0, atol=1e-3):
        value = _entropy(y.reshape(-1, y.shape[-1]).mean(axis=0))
    elif loss == "binary_crossentropy" and rows.min() >= 0 and rows.max() <= 1:
        value = float(np.mean([_entropy(np.array([share, 1 - share])) for share in rows.mean(axis=0)]))
    elif loss in {"mse", "mean_squared_error"}:
        value = float(rows.var(axis=0).mean())
    elif loss in {"mae", "mean_absolute_error"}:
        value = float(np.abs(rows - np.median(rows, axis=0)).mean())
    return value


def _entropy(shares: NDArray[Any]) -> float:
    return float(-(shares * np.log(np.maximum(shares, _TINY))).sum())
