"""How much of the labels a quick look finds in the inputs: a linear fit, nearest neighbours, single features."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.diagnose import Bond
from sweeper.examine._arrays import as_numpy

_ROWS = 1_600
"""Samples that are compared with each other: two tables of 800 by 800 distances take 0.05 s."""
_COLUMNS = 256
"""Features that are used; of more, an even part."""
_CHANNELS, _FREQUENCIES = 8, 16
"""Of sequences: the first channels, and their slowest frequencies."""
_NEIGHBOURS = 5
_MOST_CLASSES = 50
_RIDGE = 1.0
"""Penalty of the linear fit for each sample and feature, in variances of a feature."""


def bond_of(x: Any, y: Any, *, classes: bool) -> Bond | None:
    """The bond between one array of inputs and one of labels; None where they cannot be compared."""
    inputs, labels = as_numpy(x)[0], as_numpy(y)[0]
    if inputs.dtype.kind not in "fiub" or labels.dtype.kind not in "fiub" or len(inputs) != len(labels):
        return None
    step = max(1, -(-len(inputs) // _ROWS))
    rows, targets = _features(inputs[::step]), _targets(labels[::step], classes=classes)
    if targets is None or not (np.isfinite(rows).all() and np.isfinite(targets).all()):
        return None
    return _compare(rows, targets, classes=classes)


def _features(inputs: NDArray[Any]) -> NDArray[np.float64]:
    flat = inputs.reshape(len(inputs), -1)
    wide = flat[:, :: max(1, -(-flat.shape[1] // _COLUMNS))].astype(np.float64)
    if inputs.ndim > 2:  # noqa: PLR2004  sequences and images: what holds of them as a whole, too
        axes = tuple(range(1, inputs.ndim - 1))
        numbers = inputs.astype(np.float64)
        wide = np.concatenate([wide, numbers.mean(axis=axes), numbers.std(axis=axes)], axis=1)
        if inputs.ndim == 3:  # noqa: PLR2004
            wide = np.concatenate([wide, _rhythm(numbers)], axis=1)
    return _standardised(wide)


def _rhythm(sequences: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the order of the steps says, wherever it says it: slow frequencies, and the size of a step to the next."""
    few = sequences[:, :, :_CHANNELS]
    waves = np.abs(np.fft.rfft(few - few.mean(axis=1, keepdims=True), axis=1))[:, 1 : _FREQUENCIES + 1]
    steps = np.abs(np.diff(few, axis=1)).mean(axis=1)
    return np.concatenate([waves.reshape(len(few), -1), steps], axis=1)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    stds = values.std(axis=0)
    kept = values[:, stds > 0]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0)


def _targets(labels: NDArray[Any], *, classes: bool) -> NDArray[np.float64] | None:
    """One column for each class, or one for a quantity; None where labels are of another form."""
    flat = labels.reshape(len(labels), -1).astype(np.float64)
    if not classes:
        return _standardised(flat[:, :1]) if flat.shape[1] == 1 and flat.std() > 0 else None
    numbers = flat.argmax(axis=1) if flat.shape[1] > 1 else flat[:, 0]
    found, inverse = np.unique(numbers, return_inverse=True)
    if not 1 < len(found) <= _MOST_CLASSES:
        return None
    return np.asarray(np.eye(len(found))[inverse.reshape(-1)])


def _compare(rows: NDArray[np.float64], targets: NDArray[np.float64], *, classes: bool) -> Bond | None:
    count = len(rows)
    if count < 2 * _NEIGHBOURS or not rows.shape[1]:
        return None
    order = np.random.Generator(np.random.PCG64(count)).permutation(count)
    rows, targets = rows[order], targets[order]
    half = count // 2
    linear, neighbours = [], []
    for fit, check in ((slice(0, half), slice(half, count)), (slice(half, count), slice(0, half))):
        linear.append(_score(_ridge(rows[fit], targets[fit], rows[check]), targets[check], classes=classes))
        neighbours.append(_score(_nearest(rows[fit], targets[fit], rows[check]), targets[check], classes=classes))
    return Bond(
        samples=count,
        classes=targets.shape[1] if classes else 0,
        chance=float(targets.mean(axis=0).max()) if classes else 0.0,
        linear=float(np.mean(linear)),
        neighbours=float(np.mean(neighbours)),
        strongest=_strongest(rows, targets),
    )


def _ridge(rows: NDArray[Any], targets: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    mean = targets.mean(axis=0)
    penalty = _RIDGE * rows.shape[1]
    gram = rows.T @ rows + penalty * np.eye(rows.shape[1])
    return np.asarray(others @ np.linalg.solve(gram, rows.T @ (targets - mean)) + mean)


def _nearest(rows: NDArray[Any], targets: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    distances = (others**2).sum(axis=1)[:, None] - 2 * others @ rows.T + (rows**2).sum(axis=1)[None, :]
    nearest = np.argpartition(distances, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    return np.asarray(targets[nearest].mean(axis=1))


def _score(predicted: NDArray[Any], targets: NDArray[Any], *, classes: bool) -> float:
    """Accuracy, or the part of the variance that is explained."""
    if classes:
        return float((predicted.argmax(axis=1) == targets.argmax(axis=1)).mean())
    return float(1 - ((predicted - targets) ** 2).mean() / max(float(targets.var()), 1e-30))


def _strongest(rows: NDArray[Any], targets: NDArray[Any]) -> float:
    """The largest correlation of a feature or its square with a target, in units of what chance gives for as many."""
    both = _standardised(np.concatenate([rows, rows**2], axis=1))
    ends = _standardised(targets)
    largest = float(np.abs(both.T @ ends / len(rows)).max()) if both.size and ends.size else 0.0
    tests = both.shape[1] * ends.shape[1]
    return largest / math.sqrt(2 * math.log(max(tests, 2)) / len(rows))
