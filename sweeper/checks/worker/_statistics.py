"""Statistics of arrays of numbers: exact where one pass over the bytes is enough, else from a random sample of rows.

A gigabyte is read once for its smallest and largest value, which also tells whether all of it is finite. Everything
else rests on `SAMPLE_ROWS` rows.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.checks.diagnose import ArrayFacts, Features, NonFinite

SAMPLE_ROWS = 4_000
"""Rows that statistics rest on: a share of them is known within 1%."""
SAMPLE_VALUES = 1 << 22
"""Most values of them, four million."""
_CHUNK_BYTES = 1 << 24
"""Bytes looked at in one go: they stay in the cache of most processors."""
_MOST_CLASSES = 1_000
"""Distinct whole labels up to which they are counted."""
_MOST_COUNTED = 2_000_000
"""Labels that are counted; of more, a fair sample."""
_TABLE_COLUMNS = 256
"""Columns of a table whose quartiles are taken."""


def sampled(count: int, most: int) -> NDArray[np.int64]:
    """The indices of at most `most` rows, in order: all, or a random part, which is the same each time.

    Every n-th row would be no fair part: in labels that come in turn it holds one class only.
    """
    if count <= most:
        return np.arange(count, dtype=np.int64)
    chosen = np.random.Generator(np.random.PCG64(count)).choice(count, size=most, replace=False)
    return np.sort(chosen).astype(np.int64)


def sample_rows(array: NDArray[Any]) -> NDArray[Any]:
    """A random sample of the rows of an array."""
    each = max(1, array.size // max(len(array), 1))
    most = max(1, min(SAMPLE_ROWS, SAMPLE_VALUES // each))
    return array if len(array) <= most else array[sampled(len(array), most)]


def with_numbers(facts: ArrayFacts, array: NDArray[Any]) -> ArrayFacts:
    """The facts of an array, completed by the statistics of its numbers."""
    low, high, place = _extremes(array)
    rows = sample_rows(array)
    values = rows.astype(np.float64)
    finite = values[np.isfinite(values)] if place is not None else values.reshape(-1)
    whole = bool(finite.size) and (array.dtype.kind != "f" or bool(np.all(finite == np.rint(finite))))
    one_hot, distribution = _row_sums(values) if place is None and values.ndim > 1 else (False, False)
    return replace(
        facts,
        looked_at=len(rows),
        not_finite=place,
        low=low,
        high=high,
        mean=float(finite.mean()) if finite.size else None,
        std=float(finite.std()) if finite.size else None,
        whole=whole,
        one_hot=one_hot,
        rows_sum_to_one=distribution,
        classes=_classes(array, values, whole=whole, one_hot=one_hot),
        trailing_zeros=_trailing_zeros(values) if whole and values.ndim == 2 else 0.0,  # noqa: PLR2004
        features=_of_all(array, _features(values)) if place is None and values.ndim > 1 else None,
    )


def _of_all(array: NDArray[Any], features: Features | None) -> Features | None:
    """The column statistics of a sample of rows, corrected by which columns are constant over all rows."""
    if features is None or not features.constant or len(array) <= SAMPLE_ROWS:
        return features
    columns = array.reshape(-1, array.shape[-1])
    return replace(features, constant=tuple(c for c in features.constant if np.ptp(columns[:, c]) == 0))


def _chunks(array: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    """An array in chunks of rows, each with the index of its first row."""
    each = max(1, array.nbytes // max(len(array), 1))
    rows = max(1, _CHUNK_BYTES // each)
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]


def _extremes(array: NDArray[Any]) -> tuple[float | None, float | None, NonFinite | None]:
    """The smallest and largest finite value of an array, and its values that are not finite."""
    low, high = np.inf, -np.inf
    nans = infinities = 0
    first: tuple[int, ...] | None = None
    for start, chunk in _chunks(array):
        least, most = float(chunk.min()), float(chunk.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            bad = ~np.isfinite(chunk)
            missing = int(np.isnan(chunk).sum())
            nans, infinities = nans + missing, infinities + int(bad.sum()) - missing
            if first is None:
                index = np.argwhere(bad)[0]
                first = (start + int(index[0]), *map(int, index[1:]))
            if bad.all():
                continue
            good = chunk[~bad]
            least, most = float(good.min()), float(good.max())
        low, high = min(low, least), max(high, most)
    not_finite = NonFinite(nans=nans, infinities=infinities, first=first) if first is not None else None
    return (float(low), float(high), not_finite) if low <= high else (None, None, not_finite)


def _row_sums(values: NDArray[Any]) -> tuple[bool, bool]:
    """Whether every row is one-hot, and whether every row adds up to 1."""
    if values.shape[-1] < 2:  # noqa: PLR2004  a column is no row of classes
        return False, False
    sums = values.sum(axis=-1)
    # Rows of zeros are the padding of sequences of labels.
    some = sums if values.ndim == 2 else sums[sums != 0]  # noqa: PLR2004
    adds = bool(np.allclose(some, 1.0, atol=1e-3) and values.min() >= 0)
    return adds and bool(np.isin(values, (0.0, 1.0)).all()), adds


def _classes(array: NDArray[Any], values: NDArray[Any], *, whole: bool, one_hot: bool) -> tuple[tuple[float, int], ...]:
    if not whole:
        return ()
    if one_hot:
        counts = values.reshape(-1, values.shape[-1]).sum(axis=0)
        return tuple((float(number), int(count)) for number, count in enumerate(counts) if count)
    small = array.size <= _MOST_COUNTED
    found, each = np.unique(array if small else values, return_counts=True)
    if len(found) > _MOST_CLASSES:
        return ()
    return tuple((float(value), int(count)) for value, count in zip(found, each, strict=True) if np.isfinite(value))


def _trailing_zeros(values: NDArray[Any]) -> float:
    """The share of the positions that are zeros at the end of a row."""
    filled = values != 0
    ends = np.where(filled.any(axis=1), values.shape[1] - np.argmax(filled[:, ::-1], axis=1), 0)
    return float(1 - ends.mean() / values.shape[1]) if values.shape[1] else 0.0


def _features(values: NDArray[Any]) -> Features | None:
    rows = values.reshape(-1, values.shape[-1])
    columns = rows.shape[1]
    if len(rows) < 2 or not columns:  # noqa: PLR2004  one row does not vary
        return None
    stds = rows.std(axis=0)
    constant = np.flatnonzero(stds <= 1e-12 * np.maximum(np.abs(rows[0]), 1e-30))
    varying = np.setdiff1d(np.arange(columns), constant)
    narrow = int(varying[np.argmin(stds[varying])]) if len(varying) else 0
    wide = int(varying[np.argmax(stds[varying])]) if len(varying) else 0
    farthest, column = _farthest(rows) if values.ndim == 2 and columns <= _TABLE_COLUMNS else (0.0, 0)  # noqa: PLR2004
    return Features(
        smallest_std=float(stds[narrow]) if len(varying) else 0.0,
        largest_std=float(stds[wide]) if len(varying) else 0.0,
        narrow=narrow,
        wide=wide,
        constant=tuple(map(int, constant[:_TABLE_COLUMNS])),
        count=columns,
        farthest=farthest,
        farthest_column=column,
    )


def _farthest(rows: NDArray[Any]) -> tuple[float, int]:
    """The largest distance of a value from its column's median, in interquartile ranges, and that column."""
    low, middle, high = np.percentile(rows, (25, 50, 75), axis=0)
    spread = high - low
    # Columns of few different values, most of them equal, have no range to measure by.
    known = spread > 0
    if not known.any():
        return 0.0, 0
    distances = np.where(known, np.abs(rows - middle).max(axis=0) / np.where(known, spread, 1.0), 0.0)
    column = int(distances.argmax())
    return float(distances[column]), column
