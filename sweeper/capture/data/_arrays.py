"""Arrays that were given to fit: Keras makes the batches, so the batch size is a number in the call.

They are kept sample by sample, with the order that Keras gives them.
"""

import contextlib
import math
from dataclasses import replace
from typing import Any

import numpy as np

from sweeper.capture.data._base import (
    LOOK,
    AbstractData,
    AbstractFeed,
    AfterPass,
    Alive,
    Arguments,
    Bounds,
    Given,
    Largest,
    Shapes,
    TakenData,
    TrainingData,
    UnusableData,
)
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._columns import Indices
from sweeper.capture.data._largest import find_largest
from sweeper.capture.data._leaves import array_column, as_tuple, keep_leaf, leaf_rows, rows_of
from sweeper.capture.data._order import Reshuffle, SampleOrder
from sweeper.capture.data._own_batches import keras_epochs, order_of_arrays
from sweeper.capture.data._samples import Samples, flatten, unflatten

DEFAULT_BATCH_SIZE = 32
"""Keras's own default."""
MOST_COMPARED_BYTES = 1 << 28
"""Samples that take more are not compared with Keras's: it would copy all of them."""


class Arrays(AbstractData):
    """Arrays, tensors and tables, nested or not, with targets and sample weights beside them."""

    kind = "arrays"

    @staticmethod
    def recognises(x: Any) -> bool:
        del x
        return True  # fit takes everything for arrays that is nothing else

    def batch_size(self) -> int:
        """Samples in a batch that Keras makes."""
        steps = self.given.steps_per_epoch
        if self.given.batch_size or not steps:
            return int(self.given.batch_size or DEFAULT_BATCH_SIZE)
        return max(1, math.ceil(_count_samples(flatten(self.given.x)[1][:1]) / int(steps)))

    def parts(self) -> tuple[AbstractData, AbstractData | None]:
        self._let_keras_check()
        if not self.given.validation_split:
            return self, None
        from keras.src.trainers.data_adapters.array_slicing import train_validation_split

        whole = (self.given.x, self.given.y, self.given.sample_weight)
        own, kept = train_validation_split(whole, validation_split=self.given.validation_split)
        names = ("x", "y", "sample_weight")
        without = replace(self.given, **dict(zip(names, own, strict=True)), validation_split=0.0)
        return Arrays(without), Arrays(Given(**dict(zip(names, kept, strict=True))))

    def training(
        self, model: Any, bounds: Bounds, *, shapes: Shapes, alive: Alive, after_pass: AfterPass
    ) -> TrainingData:
        given = replace(self.given, batch_size=self.batch_size(), steps_per_epoch=None)
        training = _training(model, given, bounds)
        other = "" if training.cut else _why_not_as_keras(model, given, training.samples)
        if not other:
            return training
        # What Keras makes of them is what the script trains on.
        batches = _KerasBatches(given).training(model, bounds, shapes=shapes, alive=alive, after_pass=after_pass)
        why = f"Keras makes something else of the arrays than their samples, one by one: {other}"
        return replace(batches, fixed=batches.fixed or why)

    def taken(self, bounds: Bounds, *, shapes: Shapes, keep_order: bool = False) -> TakenData:
        del shapes
        structure, leaves, count = self._leaves()
        chosen = _choose(count, _bytes_per_sample(leaves, count), bounds, keep_order=keep_order)
        samples = _samples(structure, leaves, chosen)
        return TakenData(samples=samples, available=count, batch_size=self.batch_size(), cut=chosen is not None)

    def look(self, shapes: Shapes) -> TakenData:
        self._let_keras_check()
        taken = self.taken(LOOK, shapes=shapes, keep_order=True)
        return replace(taken, available=self._trained_on(taken.available or 0))

    def feed(self, own: int, *, fixed: bool) -> AbstractFeed:
        del own, fixed
        *_, count = self._leaves()
        return _ArrayFeed(self.given, available=count, samples=self._trained_on(count))

    def _leaves(self) -> tuple[Any, list[Any], int]:
        structure, leaves = flatten(_packed(self.given))
        return structure, leaves, _count_samples(leaves)

    def _trained_on(self, count: int) -> int:
        return int(count * (1.0 - self.given.validation_split))

    def _let_keras_check(self) -> None:
        """Lets Keras raise its own errors about arrays: unknown types, differing lengths, wrong class weights."""
        from keras.src.trainers.data_adapters import get_data_adapter

        get_data_adapter(**self.given.adapted())


class _KerasBatches(AbstractBatches):
    """Arrays of which Keras makes batches that are not simply some of their samples."""

    kind = "arrays as Keras batches them"

    @staticmethod
    def recognises(x: Any) -> bool:
        del x
        return False  # only a comparison of batches shows it

    def resizable(self, own: int) -> AbstractFeed:
        return Arrays(self.given).feed(own, fixed=False)


class _ArrayFeed(AbstractFeed):
    """The script's own arrays, all of them, since the tensors that fit makes of them take memory too."""

    def __init__(self, given: Given, *, available: int, samples: int) -> None:
        self.samples = samples
        self._available = available
        self._arrays: Arguments = {"x": given.x, "y": given.y, "sample_weight": given.sample_weight}

    def at(self, batch_size: int) -> Arguments:
        return {**self._arrays, "batch_size": batch_size}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        few = np.arange(min(sum(sizes), self._available), dtype=np.int64)
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
    rows: Arguments = unflatten(structure, [rows_of(leaf, indices) for leaf in leaves])
    return rows


def _training(model: Any, given: Given, bounds: Bounds) -> TrainingData:
    """Samples of arrays in Keras's own order; of many samples, those that come first in it."""
    batch_size, shuffle = given.batch_size or DEFAULT_BATCH_SIZE, given.shuffle
    structure, leaves = flatten(_packed(_with_class_weights(given)))
    count = _count_samples(leaves)
    most = min(bounds.most(batch_size) or count, int(bounds.nbytes // max(_bytes_per_sample(leaves, count), 1)))
    cut = most < count
    needed = max(most if cut else (bounds.most(batch_size) or count), 1)
    passes = order_of_arrays(model, count, needed=needed, batch_size=batch_size, shuffle=shuffle)
    chosen = None
    if cut:
        chosen = np.unique(np.concatenate(passes))
        passes = tuple(np.searchsorted(chosen, taken) for taken in passes)
    full_batch = not shuffle and batch_size >= count
    fixed = f"the script trains on all {count:,} samples in one batch and does not shuffle them" if full_batch else ""
    order = SampleOrder(
        passes=passes,
        own_size=min(batch_size, count),
        ends=not cut,
        reshuffle=Reshuffle.BATCHES if shuffle == "batch" else Reshuffle.SAMPLES if shuffle else Reshuffle.NOTHING,
    )
    samples = _samples(structure, leaves, chosen)
    return TrainingData(samples=samples, order=order, available=count, kind=Arrays.kind, cut=cut, fixed=fixed)


def _with_class_weights(given: Given) -> Given:
    """The arguments with class weights as sample weights, as Keras makes them."""
    if given.class_weight is None:
        return given
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    return replace(given, sample_weight=class_weight_to_sample_weights(given.y, given.class_weight))


def _why_not_as_keras(model: Any, given: Given, samples: Samples) -> str:
    """How the first batch that Keras makes of arrays, unshuffled, differs from the samples; empty where it does not.

    `samples` must be all of them, in their order.
    """
    if samples.nbytes > MOST_COMPARED_BYTES:
        return ""
    with contextlib.closing(keras_epochs(model, replace(given, shuffle=False))) as passes:
        own = next(next(passes), None)
    if own is None:
        return ""
    kept = samples.batch(np.arange(min(given.batch_size or DEFAULT_BATCH_SIZE, len(samples)), dtype=np.int64))
    _, own_leaves = flatten(as_tuple(own))
    _, kept_leaves = flatten(as_tuple(kept))
    if len(own_leaves) != len(kept_leaves):
        return f"{len(own_leaves)} arrays, not {len(kept_leaves)}"
    pairs = zip(own_leaves, kept_leaves, strict=True)
    reasons = (_why_other(keep_leaf(own), keep_leaf(kept)) for own, kept in pairs)
    return next(filter(None, reasons), "")


def _why_other(own: Any, kept: Any) -> str:
    if not (isinstance(own, np.ndarray) and isinstance(kept, np.ndarray)):
        return ""  # ragged and sparse ones are kept as they came
    if own.shape != kept.shape:
        return f"batches of shape {own.shape}, not {kept.shape}"
    if "O" in own.dtype.kind + kept.dtype.kind or own.dtype.kind in "SU":
        return ""
    if own.dtype != kept.dtype:
        return f"numbers of type {own.dtype}, not {kept.dtype}"
    return "" if np.array_equal(own, kept, equal_nan=own.dtype.kind == "f") else "other values"


def _packed(given: Given) -> Any:
    """The element that Keras makes of the arguments of fit: a lone array stays bare."""
    x, y, sample_weight = given.x, given.y, given.sample_weight
    if sample_weight is not None:
        structure, leaves = flatten(y)
        nested = len(leaves) > 1 and not isinstance(sample_weight, dict | list | tuple)
        return (x, y, unflatten(structure, [sample_weight] * len(leaves)) if nested else sample_weight)
    if y is not None:
        return (x, y)
    return (x,) if isinstance(x, tuple | list) else x


def _count_samples(leaves: list[Any]) -> int:
    """The number of samples that all arrays have; raises `UnusableData` where they differ."""
    counts = {leaf_rows(leaf) for leaf in leaves}
    if len(counts) != 1 or None in counts:
        raise UnusableData(f"the arrays have different numbers of samples: {sorted(map(str, counts))}")
    return int(counts.pop() or 0)


def _bytes_per_sample(leaves: list[Any], count: int) -> float:
    """Bytes that a sample takes once it is kept, from a few of them."""
    few = np.arange(min(count, 8), dtype=np.int64)
    return sum(array_column(leaf, few).nbytes for leaf in leaves) / max(len(few), 1)


def _samples(structure: Any, leaves: list[Any], chosen: Indices | None) -> Samples:
    """Samples of arrays: the chosen ones, or all."""
    return Samples(structure=structure, columns=tuple(array_column(leaf, chosen) for leaf in leaves))


def _choose(count: int, bytes_each: float, bounds: Bounds, *, keep_order: bool) -> Indices | None:
    """The indices of the samples that are taken; None for all."""
    most = min(bounds.samples or count, int(bounds.nbytes // max(bytes_each, 1)))
    if most >= count:
        return None
    if keep_order:
        return np.arange(max(most, 1), dtype=np.int64)
    return np.sort(np.random.Generator(np.random.PCG64(count)).choice(count, size=max(most, 1), replace=False))
