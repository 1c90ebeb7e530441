"""Batches that Python code makes, as they were given to fit: PyDatasets, loaders, generators."""

import copy
import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from sweeper.capture._cuts import as_arrays, copies_of, cut, joined, rebatched, rows
from sweeper.capture._feed import AbstractFeed, Arguments, Largest
from sweeper.capture._largest import find_largest

MOST_HELD_BYTES = 1 << 26
"""Bytes of a generator's batches that are held while it is looked through: they must come again in training."""


class Replay:
    """An iterator whose first elements can be looked at and still come."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self._looked_at: deque[Any] = deque()
        self._lock = threading.Lock()
        """The pipeline of one fit may still draw when the next begins."""

    def look(self) -> Iterator[Any]:
        """The elements from the first on; all of them come again."""
        yield from list(self._looked_at)
        for element in self._source:
            self._looked_at.append(element)
            yield element

    def __iter__(self) -> "Replay":
        return self

    def __next__(self) -> Any:
        with self._lock:
            return self._looked_at.popleft() if self._looked_at else next(self._source)


class AbstractPythonFeed(AbstractFeed):
    """The common part of all batches that Python code makes."""

    @abstractmethod
    def first(self, batch_size: int) -> Any:
        """The first batch of a pass at this size."""

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        batch = as_arrays(self.first(max(sizes)))
        return {"x": ready([cut(batch, 0, size) for size in sizes])}

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        return {"x": ready([copies_of(largest.row, batch_size)] * batches)}


def ready(batches: Sequence[Any]) -> Any:
    """A PyDataset of finished batches."""
    import keras

    class Ready(keras.utils.PyDataset):
        num_batches = len(batches)

        def __getitem__(self, index: int) -> Any:
            return batches[index]

    return Ready()


class GeneratorFeed(AbstractPythonFeed):
    """An iterator. It goes on from fit to fit, as it does in the script."""

    how = "other batch sizes are put together from the generator's own batches"

    def __init__(self, replay: Replay, own: int) -> None:
        self._own = own
        self._replay = replay

    def at(self, batch_size: int) -> Arguments:
        # Keras takes nothing but generators for iterators, and closing this one leaves the script's own open.
        return {"x": (batch for batch in self._batches(batch_size))}

    def first(self, batch_size: int) -> Any:
        return next(self._batches(batch_size))

    def find_largest(self) -> Largest | None:
        return find_largest(self._replay.look(), most_bytes=MOST_HELD_BYTES)

    def _batches(self, batch_size: int) -> Iterator[Any]:
        return self._replay if batch_size == self._own else rebatched(self._replay, batch_size)


class LoaderFeed(AbstractPythonFeed):
    """A data loader of torch or grain."""

    how = "other batch sizes are made by a loader with the same settings"

    def __init__(self, loader: Any, own: int) -> None:
        self._own = own
        self._loader = loader
        self._can_make = _torch_class(loader) is not None and isinstance(loader.batch_size, int)
        self.samples = _count(loader, own, can_make=self._can_make)
        self.drops_remainder = bool(getattr(loader, "drop_last", False))
        if not self._can_make:
            self.how = "other batch sizes are put together from the loader's own batches"

    def at(self, batch_size: int) -> Arguments:
        if batch_size == self._own:
            return {"x": self._loader}
        return {"x": self._made(batch_size) if self._can_make else rebatched(self._again_and_again(), batch_size)}

    def first(self, batch_size: int) -> Any:
        return next(iter(self.at(batch_size)["x"]))

    def find_largest(self) -> Largest | None:
        return find_largest(map(as_arrays, self._loader))

    def steps(self, batch_size: int) -> int | None:
        # What is put together goes on over the end of a pass.
        return super().steps(batch_size) if self._can_make or batch_size == self._own else None

    def _again_and_again(self) -> Iterator[Any]:
        while True:
            yield from self._loader

    def _made(self, batch_size: int) -> Any:
        settings = {name: getattr(self._loader, name) for name in _LOADER_SETTINGS if hasattr(self._loader, name)}
        # An iterable has nothing to sample from; torch puts a stand-in there that it does not take back.
        if type(self._loader.sampler).__name__ != "_InfiniteConstantSampler":
            settings["sampler"] = self._loader.sampler
        make: Any = _torch_class(self._loader)
        return make(self._loader.dataset, batch_size=batch_size, **settings)


_LOADER_SETTINGS = (
    *("num_workers", "collate_fn", "pin_memory", "drop_last", "timeout", "worker_init_fn"),
    *("multiprocessing_context", "generator", "prefetch_factor", "persistent_workers"),
)


def _torch_class(loader: Any) -> Any:
    """The class of torch's loaders, if this is one; None for others."""
    return next((kind for kind in type(loader).__mro__ if kind.__module__.startswith("torch.utils.data")), None)


def _count(loader: Any, own: int, *, can_make: bool) -> int | None:
    """Samples in a pass of a loader; None for one that only knows its end when it comes."""
    try:
        return len(loader.dataset) if can_make else len(loader) * own
    except (TypeError, NotImplementedError):
        return None


class PyDatasetFeed(AbstractPythonFeed):
    """A `keras.utils.PyDataset`."""

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
                resized = _put_together(self._dataset, batch_size, own=self._own, samples=self.samples)
            self._made[batch_size] = resized
        return {"x": self._made[batch_size]}

    def first(self, batch_size: int) -> Any:
        return self.at(batch_size)["x"][0]

    def find_largest(self) -> Largest | None:
        length = self._batches
        order = count() if length is None else np.random.Generator(np.random.PCG64(length)).permutation(length)
        return find_largest(as_arrays(self._dataset[int(number)]) for number in order)

    def partial(self, batch_size: int) -> int:
        # Whether a PyDataset drops its last smaller batch is only seen in that batch.
        if not super().partial(batch_size):
            return 0
        dataset = self.at(batch_size)["x"]
        return rows(as_arrays(dataset[(_length(dataset) or 1) - 1])) % batch_size


def _length(dataset: Any) -> int | None:
    try:
        length = dataset.num_batches
    except NotImplementedError:
        return None
    return None if length is None else int(length)


def _resized(dataset: Any, size: int, *, own: int, samples: int | None) -> Any:
    """A copy of a PyDataset with its batch size set; None where its batches do not follow."""
    names = [name for name, value in vars(dataset).items() if "batch" in name and type(value) is int and value == own]
    for name in names:
        resized = copy.copy(dataset)
        setattr(resized, name, size)
        if _follows(resized, size, own=own, samples=samples):
            return resized
    return None


def _follows(resized: Any, size: int, *, own: int, samples: int | None) -> bool:
    """Whether a PyDataset's batches are of the size that was set in it."""
    try:
        length, first = _length(resized), rows(as_arrays(resized[0]))
    except Exception:  # noqa: BLE001  the script's own class may raise anything
        return False
    if samples is None:
        return first == size
    return first == min(size, samples) and abs((length or 0) - samples / size) <= 1 + own / size


def _put_together(source: Any, size: int, *, own: int, samples: int | None) -> Any:
    """A PyDataset that makes its batches of those of another one."""
    import keras

    class PutTogether(keras.utils.PyDataset):
        num_batches = None if samples is None else -(-samples // size)

        def __getitem__(self, index: int) -> Any:
            start, end = index * size, (index + 1) * size
            end = end if samples is None else min(end, samples)
            before = start // own
            batches = joined(source[number] for number in range(before, -(-end // own)))
            return cut(batches, start - before * own, end - before * own)

        def on_epoch_begin(self) -> None:
            source.on_epoch_begin()

        def on_epoch_end(self) -> None:
            source.on_epoch_end()

    return PutTogether(
        workers=source.workers, use_multiprocessing=source.use_multiprocessing, max_queue_size=source.max_queue_size
    )
