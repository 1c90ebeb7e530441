"""Batches that Python code makes: cut to other sizes and joined in the script's own structure, and fed to fit."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from sweeper.capture.data._base import AbstractFeed, Arguments, Largest
from sweeper.capture.data._leaves import as_tuple, keep_leaf
from sweeper.capture.data._samples import flatten, unflatten
from sweeper.capture.data._sparse import SparseColumn


class AbstractPythonFeed(AbstractFeed):
    """The common part of the feeds of PyDatasets, loaders and generators."""

    @abstractmethod
    def first(self, batch_size: int) -> Any:
        """The first batch of a pass at this size."""

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        batch = as_arrays(self.first(max(sizes)))
        return {"x": _ready([cut(batch, 0, size) for size in sizes])}

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        return {"x": _ready([copies_of(largest.row, batch_size)] * batches)}


def _ready(batches: Sequence[Any]) -> Any:
    """A PyDataset of finished batches."""
    import keras

    class Ready(keras.utils.PyDataset):
        num_batches = len(batches)

        def __getitem__(self, index: int) -> Any:
            return batches[index]

    return Ready()


def rows(batch: Any) -> int:
    """The number of samples in a batch."""
    return int(flatten(batch)[1][0].shape[0])


def cut(batch: Any, start: int, end: int) -> Any:
    """The samples of a batch from `start` up to `end`."""
    structure, leaves = flatten(batch)
    return unflatten(structure, [leaf[start:end] for leaf in leaves])


def joined(batches: Iterable[Any]) -> Any:
    """All samples of several batches as one batch; where they differ in size, padded with zeros."""
    parts = [flatten(as_arrays(batch)) for batch in batches]
    leaves = [_joined_leaf(leaf) for leaf in zip(*(leaves for _, leaves in parts), strict=True)]
    return unflatten(parts[0][0], leaves)


def as_arrays(batch: Any) -> Any:
    """A batch with arrays for leaves, as a tuple where Keras wants one."""
    structure, leaves = flatten(as_tuple(batch))
    return unflatten(structure, [_kept_leaf(leaf) for leaf in leaves])


def _kept_leaf(leaf: Any) -> Any:
    found = keep_leaf(leaf)
    return found.dense() if isinstance(found, SparseColumn) else found


def _joined_leaf(parts: tuple[Any, ...]) -> Any:
    if len(parts) == 1:
        return parts[0]
    if type(parts[0]).__name__ == "RaggedTensor":
        import tensorflow as tf

        return tf.concat(parts, axis=0)
    if len({part.shape[1:] for part in parts}) == 1:
        return np.concatenate(parts)
    largest = np.max([part.shape[1:] for part in parts], axis=0)
    return np.concatenate([_filled_up(part, largest) for part in parts])


def _filled_up(part: Any, largest: Any) -> Any:
    return np.pad(part, [(0, 0), *((0, size - own) for own, size in zip(part.shape[1:], largest, strict=True))])


def rebatched(batches: Iterable[Any], size: int) -> Iterator[Any]:
    """The samples of all batches in batches of another size; the last one may be smaller."""
    held: list[Any] = []
    count = 0
    for batch in batches:
        held.append(as_arrays(batch))
        count += rows(held[-1])
        if count < size:
            continue
        whole = joined(held)
        for start in range(0, count - size + 1, size):
            yield cut(whole, start, start + size)
        held = [cut(whole, count - count % size, count)] if count % size else []
        count %= size
        # What was yielded must not live on here while the next batches are made.
        del whole
    if held:
        yield joined(held)


def copies_of(row: Any, size: int) -> Any:
    """A batch of copies of the one sample in `row`."""
    structure, leaves = flatten(as_arrays(row))
    return unflatten(structure, [_copies(leaf, size) for leaf in leaves])


def _copies(leaf: Any, size: int) -> Any:
    if type(leaf).__name__ == "RaggedTensor":
        import tensorflow as tf

        return tf.gather(leaf, tf.zeros([size], tf.int64))
    return np.repeat(leaf, size, axis=0)
