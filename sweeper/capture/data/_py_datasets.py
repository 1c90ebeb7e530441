"""Support for a `keras.utils.PyDataset` as the data of a fit call."""

import copy
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from sweeper.capture.data._base import AbstractFeed, Arguments, Largest
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._columns import Indices
from sweeper.capture.data._largest import find_largest
from sweeper.capture.data._order import Reshuffle
from sweeper.capture.data._python_batches import AbstractPythonFeed, as_arrays, cut, joined, rows
from sweeper.capture.data._regular import has_one_smaller_a_pass


class PyDataset(AbstractBatches):
    """The data of a fit call that is a `keras.utils.PyDataset` (or `Sequence`, its old name)."""

    kind = "PyDataset"
    in_random_order = True

    @staticmethod
    def recognises(x: Any) -> bool:
        return any(base.__name__ == "PyDataset" for base in type(x).__mro__)

    def length(self) -> int | None:
        return _length(self.given.x)

    def elements(self) -> Iterator[Any]:
        return (self.given.x[number] for number in _random_order(self.length()))

    def begin_pass(self) -> None:
        if hasattr(self.given.x, "on_epoch_begin"):
            self.given.x.on_epoch_begin()

    def reshuffle(self) -> Reshuffle:
        return Reshuffle.BATCHES  # Keras shuffles the batches, not the samples

    def are_regular(self, sizes: Indices, ends: list[int]) -> bool:
        return has_one_smaller_a_pass(sizes, ends)

    def resizable(self, own: int) -> AbstractFeed:
        return _PyDatasetFeed(self.given.x, own)


def _random_order(length: int | None) -> Iterator[int]:
    """The indices of all batches in a random order: files are often sorted by class, so the first may be biased.

    Where their number is not known, they come in ascending order and without end.
    """
    if length is None:
        return count()
    return map(int, np.random.Generator(np.random.PCG64(length)).permutation(length))


class _PyDatasetFeed(AbstractPythonFeed):
    """Feeds fit with the script's own PyDataset, or with one of the same samples in other batches."""

    how = "other batch sizes are set in a copy of the PyDataset where that works, else put together from its batches"

    def __init__(self, dataset: Any, own: int) -> None:
        self._own = own
        self._dataset = dataset
        self._batches = _length(dataset)
        if self._batches is not None:
            self.samples = (self._batches - 1) * own + rows(as_arrays(dataset[self._batches - 1]))
        self._made: dict[int, Any] = {own: dataset}

    def at(self, batch_size: int) -> Arguments:
        if batch_size not in self._made:
            resized = _resized(self._dataset, batch_size, own=self._own, samples=self.samples)
            if resized is None:
                resized = _regrouped(self._dataset, batch_size, own=self._own, samples=self.samples)
            self._made[batch_size] = resized
        return {"x": self._made[batch_size]}

    def first(self, batch_size: int) -> Any:
        return self.at(batch_size)["x"][0]

    def find_largest(self) -> Largest | None:
        return find_largest(as_arrays(self._dataset[number]) for number in _random_order(self._batches))

    def partial(self, batch_size: int) -> int:
        # Only its last batch shows whether a PyDataset drops the remainder.
        if not super().partial(batch_size):
            return 0
        dataset = self.at(batch_size)["x"]
        return rows(as_arrays(dataset[(_length(dataset) or 1) - 1])) % batch_size


def _length(dataset: Any) -> int | None:
    """The number of batches of a PyDataset; None where it does not define one."""
    try:
        length = dataset.num_batches
    except NotImplementedError:
        return None
    return None if length is None else int(length)


def _resized(dataset: Any, size: int, *, own: int, samples: int | None) -> Any:
    """A copy of a PyDataset with another value in an attribute for its batch size; None where that has no effect."""
    names = [name for name, value in vars(dataset).items() if "batch" in name and type(value) is int and value == own]
    for name in names:
        resized = copy.copy(dataset)
        setattr(resized, name, size)
        if _has_batches_of(resized, size, own=own, samples=samples):
            return resized
    return None


def _has_batches_of(resized: Any, size: int, *, own: int, samples: int | None) -> bool:
    """Whether the first batch and the number of batches show that a PyDataset makes batches of `size`."""
    try:
        length, first = _length(resized), rows(as_arrays(resized[0]))
    except Exception:  # noqa: BLE001  the script's own class may raise anything
        return False
    if samples is None:
        return first == size
    return first == min(size, samples) and abs((length or 0) - samples / size) <= 1 + own / size


def _regrouped(source: Any, size: int, *, own: int, samples: int | None) -> Any:
    """A PyDataset with batches of `size` that are cut and joined from batches of `source`, which hold `own` samples."""
    import keras

    class Regrouped(keras.utils.PyDataset):
        num_batches = None if samples is None else -(-samples // size)

        def __getitem__(self, index: int) -> Any:
            start, end = index * size, (index + 1) * size
            end = end if samples is None else min(end, samples)
            first = start // own
            batches = joined(source[number] for number in range(first, -(-end // own)))
            return cut(batches, start - first * own, end - first * own)

        def on_epoch_begin(self) -> None:
            source.on_epoch_begin()

        def on_epoch_end(self) -> None:
            source.on_epoch_end()

    return Regrouped(
        workers=source.workers, use_multiprocessing=source.use_multiprocessing, max_queue_size=source.max_queue_size
    )
