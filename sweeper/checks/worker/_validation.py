"""Comparison of validation with training samples: copies, means, classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import FitArguments, batches_of
from sweeper.checks.diagnose import ValidationFacts
from sweeper.checks.worker._arrays import as_numpy
from sweeper.checks.worker._data import Data
from sweeper.checks.worker._nested import length_of, parts_of
from sweeper.checks.worker._statistics import sample_rows

_COMPARED = 1_000
"""Validation samples that are looked for among the training samples."""
_AMONG = 100_000
"""Training samples among which they are looked for, the first ones."""
_KEYS = 32
"""Values of a sample, evenly over it, that must agree before whole samples are compared."""
_MOST_ALIKE = 8
"""Training samples with the same values there that are compared whole."""
_LEAST_VALUES = 8
"""Distinct values of a sample below which two may well be equal by chance."""
_LEAST_ROWS = 50
"""Samples on either side below which means are not compared."""
_TABLE_COLUMNS = 256


def validation_facts(arguments: FitArguments, data: Data) -> ValidationFacts | None:
    """The facts of the validation data of a fit call; None where they are not compared."""
    given, split = arguments["validation_data"], arguments["validation_split"]
    if data.of_elements or len(parts_of("x", data.x)) != 1:
        return None
    if isinstance(given, tuple | list) and len(given) > 1 and batches_of(given[0]) is None:
        return compare(data.x, data.y, given[0], given[1])
    if not split or given is not None:
        return None
    at = int((length_of(data.x) or 0) * (1 - split))
    return compare(data.x[:at], _cut(data.y, slice(0, at)), data.x[at:], _cut(data.y, slice(at, None)))


def _cut(y: Any, part: slice) -> Any:
    return None if y is None else y[part]


def compare(x: Any, y: Any, val_x: Any, val_y: Any) -> ValidationFacts | None:
    """The facts of one array of validation inputs against one of training inputs; None where they are no numbers."""
    train, val = as_numpy(x)[0], as_numpy(val_x)[0]
    if train.dtype.kind not in "fiub" or val.dtype.kind not in "fiub" or train.shape[1:] != val.shape[1:]:
        return None
    if not len(train) or not len(val) or train.ndim < 2:  # noqa: PLR2004  plain numbers repeat
        return None
    looked_at, copies = _copies(train, val)
    shift, column = _shift(train, val)
    class_shift, missing = _class_facts(y, val_y)
    return ValidationFacts(
        samples=len(val),
        looked_at=looked_at,
        copies=copies,
        shift=shift,
        shifted_column=column,
        class_shift=class_shift,
        missing_classes=missing,
    )


def _rows(array: NDArray[Any], most: int) -> NDArray[np.float32]:
    flat = array[:: max(1, -(-len(array) // most))].reshape(-1, int(np.prod(array.shape[1:])))
    return np.ascontiguousarray(flat, dtype=np.float32)


def _copies(train: NDArray[Any], val: NDArray[Any]) -> tuple[int, int]:
    """The number of distinctive validation samples, and how many of them are also training samples."""
    own = _rows(val, _COMPARED)
    own = own[(np.diff(np.sort(own, axis=1), axis=1) != 0).sum(axis=1) + 1 >= _LEAST_VALUES]
    if not len(own):
        return 0, 0
    columns = np.linspace(0, own.shape[1] - 1, min(own.shape[1], _KEYS)).astype(int)
    among = train.reshape(len(train), -1)[:_AMONG]
    rows_of: dict[bytes, list[int]] = {}
    for number, row in enumerate(np.ascontiguousarray(among[:, columns], dtype=np.float32)):
        rows_of.setdefault(row.tobytes(), []).append(number)
    found = [rows_of.get(np.ascontiguousarray(row[columns]).tobytes(), ()) for row in own]
    copies = sum(
        any(np.array_equal(row, among[number].astype(np.float32)) for number in numbers[:_MOST_ALIKE])
        for row, numbers in zip(own, found, strict=True)
    )
    return len(own), copies


def _shift(train: NDArray[Any], val: NDArray[Any]) -> tuple[float | None, int]:
    """The largest distance between the training and validation mean of a column, in its standard deviations."""
    if train.ndim != 2 or train.shape[1] > _TABLE_COLUMNS or min(len(train), len(val)) < _LEAST_ROWS:  # noqa: PLR2004
        return None, 0
    ours, theirs = sample_rows(train).astype(np.float64), sample_rows(val).astype(np.float64)
    stds = ours.std(axis=0)
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all() and (stds > 0).any()):
        return None, 0
    distances = np.where(stds > 0, np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / np.where(stds > 0, stds, 1), 0.0)
    column = int(distances.argmax())
    return float(distances[column]), column


def _class_facts(y: Any, val_y: Any) -> tuple[float | None, tuple[float, ...]]:
    """How far the shares of the classes differ, and validation classes that are missing in the training labels."""
    if y is None or val_y is None:
        return None, ()
    ours, theirs = as_numpy(y)[0], as_numpy(val_y)[0]
    if not all(labels.dtype.kind in "fiub" and labels.ndim <= 2 for labels in (ours, theirs)):  # noqa: PLR2004
        return None, ()
    if ours.ndim == 2 and ours.shape[-1] > 1:  # noqa: PLR2004  one-hot rows, or several quantities
        if not np.isin(ours, (0, 1)).all() or not (ours.sum(axis=-1) == 1).all():
            return None, ()
        ours, theirs = ours.argmax(axis=-1), theirs.argmax(axis=-1)
    known, counts = np.unique(ours, return_counts=True)
    if len(known) > min(_LEAST_ROWS, len(ours) // 5) or len(theirs) < _LEAST_ROWS:
        return None, ()
    others, other_counts = np.unique(theirs, return_counts=True)
    shares = dict(zip(known.tolist(), (counts / counts.sum()).tolist(), strict=True))
    other_shares = dict(zip(others.tolist(), (other_counts / other_counts.sum()).tolist(), strict=True))
    everyone = shares.keys() | other_shares.keys()
    shift = sum(abs(shares.get(value, 0.0) - other_shares.get(value, 0.0)) for value in everyone) / 2
    return shift, tuple(float(value) for value in np.setdiff1d(others, known))
