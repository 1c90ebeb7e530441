"""Arrays as they were given to fit: the batch size is a number in the call."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture._feed import AbstractFeed, Arguments, Largest
from sweeper.capture._job import FitArguments
from sweeper.capture._largest import find_largest
from sweeper.capture._samples import flatten, unflatten

Indices = NDArray[np.int64]


class ArrayFeed(AbstractFeed):
    """The script's own arrays, all of them, since the tensors that fit makes of them take memory too."""

    def __init__(self, arguments: FitArguments, *, available: int, samples: int) -> None:
        self.samples = samples
        self._available = available
        self._arrays = {name: arguments[name] for name in ("x", "y", "sample_weight")}

    def at(self, batch_size: int) -> Arguments:
        return {**self._arrays, "batch_size": batch_size}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        few = np.arange(min(sum(sizes), self._available))
        return {**_rows(self._arrays, few), "batch_size": max(sizes)}

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        copies = np.zeros(batch_size * batches, dtype=np.int64)
        return {**_rows(largest.row, copies), "batch_size": batch_size}

    def find_largest(self) -> Largest | None:
        if all(type(leaf).__name__ != "RaggedTensor" for leaf in flatten(self._arrays)[1]):
            return None
        return find_largest([self._arrays])


def _rows(arrays: Arguments, indices: Indices) -> Arguments:
    structure, leaves = flatten(arrays)
    rows: Arguments = unflatten(structure, [_take(leaf, indices) for leaf in leaves])
    return rows


def _take(leaf: Any, indices: Indices) -> Any:
    if hasattr(leaf, "iloc"):
        return leaf.iloc[indices]
    if hasattr(leaf, "tocsr"):
        return leaf.tocsr()[indices]
    if type(leaf).__module__.startswith("tensorflow."):
        import tensorflow as tf

        return tf.gather(leaf, indices)
    return leaf[indices]
