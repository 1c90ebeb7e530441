"""The training data of a fit call: its samples, and the order and the batches in which the script trains on them.

Arrays are kept sample by sample with the order that Keras gives them. Pipelines, generators and loaders are taken batch
by batch, in their own order; whether other batches may be made of their samples is decided here as far as the data
shows it, and by a look at losses (`engines/_regrouping.py`) where it does not.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sweeper.capture._columns import Indices
from sweeper.capture._composition import why_composed
from sweeper.capture._model_calls import watching_model_calls
from sweeper.capture._order import Reshuffle, SampleOrder
from sweeper.capture._own_batches import order_of_arrays, own_passes
from sweeper.capture._pipelines import drops_remainder, reshuffles, splits_again
from sweeper.capture._samples import Samples, flatten
from sweeper.capture._sources import (
    Bounds,
    Shapes,
    UnusableData,
    array_samples,
    as_tuple,
    bytes_per_sample,
    count_samples,
    element_column,
    is_py_dataset,
    is_tf_dataset,
    keep_leaf,
    kind_of,
    leaf_bytes,
    leaf_shape,
    packed,
    source_length,
    why_not_batch,
    why_padded,
    why_whole,
)

Alive = Callable[[], None]
"""Called now and then while data is drawn."""

ARRAYS = "arrays"
"""The kind of data that Keras makes batches of by itself."""
OWN_SECONDS = 20.0
"""Time after which no further batches are drawn from a slow source."""
OTHER_SECONDS = 10.0
"""Time after which no batches are drawn that only larger batch sizes need."""
OWN_LEAST = 8
"""Batches that are drawn however long they take."""
SPARE_BATCHES = 8
"""Batches beyond those that a probe at the script's own setting trains on: they can be held out for validation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Samples to train on, with what is known of their source."""

    samples: Samples
    order: SampleOrder
    available: int | None
    """Samples that the source holds; None when that is unknown."""
    kind: str
    """What the source is, in a word or two."""
    cut: bool
    """Whether the source had more than was taken."""
    slow_seconds: float | None = None
    """How long drawing took where it was ended for that."""
    fixed: str = ""
    """Why the batch size cannot be varied; empty when it can, or may."""
    regroups: bool = True
    """Whether the data alone shows that other batches may be made of its samples; else losses must show it."""
    asked: str = ""
    """The line of the script that asks the model while batches are drawn; empty where none does."""


def take_training_arrays(
    model: Any, data: tuple[Any, Any, Any], bounds: Bounds, *, batch_size: int, shuffle: Any, class_weight: Any
) -> Training:
    """Samples of arrays in Keras's own order; of many samples, those that come first in it."""
    x, y, weight = data
    if class_weight is not None:
        weight = _class_weights(y, class_weight)
    structure, leaves = flatten(packed(x, y, weight))
    count = count_samples(leaves)
    most = min(bounds.most(batch_size) or count, int(bounds.nbytes // max(bytes_per_sample(leaves, count), 1)))
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
    samples = array_samples(structure, leaves, chosen)
    return Training(samples=samples, order=order, available=count, kind=ARRAYS, cut=cut, fixed=fixed)


def _class_weights(y: Any, class_weight: dict[int, float]) -> Any:
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    return class_weight_to_sample_weights(y, class_weight)


def take_training_batches(
    model: Any,
    arguments: dict[str, Any],
    bounds: Bounds,
    *,
    shapes: Shapes,
    alive: Alive,
    after_pass: Callable[[int], None] = lambda _: None,
) -> Training:
    """Batches of a pipeline, generator or loader as fit gets them, pass after pass.

    `arguments` are those of the fit call that say what its batches are; `shapes` are those of the model's inputs.
    `after_pass` is called with the number of each pass, from 0, before the next one begins.
    """
    source, steps = arguments["x"], arguments["steps_per_epoch"]
    if steps and source_length(source) is None:
        bounds = replace(bounds, times=1)
    splits = is_tf_dataset(source) and splits_again(source)
    drawn = _Drawn(bounds=bounds, passes=own_passes(model, **arguments), alive=alive, after_pass=after_pass)
    wanted = None if bounds.steps is None else bounds.steps * bounds.times + SPARE_BATCHES
    with watching_model_calls(model) as asked:
        drawn.draw(wanted, seconds=OWN_SECONDS)
    if not drawn.batches:
        raise UnusableData(f"the {kind_of(source)} is empty")
    whole, fixed = _whys(source, drawn, shapes, splits=splits)
    if not fixed and bounds.steps is not None:
        # What larger batches need besides.
        most = bounds.most(drawn.size) or 0
        drawn.draw(-(-most // drawn.size) + SPARE_BATCHES, seconds=OTHER_SECONDS)
        whole, fixed = _whys(source, drawn, shapes, splits=splits)
    training = _training(source, drawn, whole=bool(whole), fixed=fixed, ends=not steps, splits=splits)
    return replace(training, asked="".join(asked))


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """The batches that were drawn from a source so far."""

    bounds: Bounds
    passes: Iterator[Iterator[Any]]
    alive: Alive
    after_pass: Callable[[int], None]
    structure: Any = None
    batches: list[list[Any]] = field(default_factory=list)
    """The leaves of each."""
    ends: list[int] = field(default_factory=list)
    """Batches that had been drawn when each pass ended."""
    nbytes: int = 0
    slow_seconds: float | None = None
    repeats: bool = False
    """Whether the source has begun to give the same batches again."""
    first: Any = None
    _pass: Iterator[Any] | None = None
    _seconds: float = 0.0

    @property
    def size(self) -> int:
        """Samples in a batch, those of most batches."""
        return max(self.sizes())

    def sizes(self) -> list[int]:
        """Samples in each batch."""
        return [leaf_shape(leaves[0])[0] for leaves in self.batches]

    def draw(self, until: int | None, *, seconds: float) -> None:
        """Draws batches until there are `until` of them, by default one pass; stops at the bounds of bytes and time."""
        began = time.monotonic()
        while not self.repeats and self.slow_seconds is None and not self._enough(until):
            if len(self.batches) >= OWN_LEAST and self._seconds + time.monotonic() - began > seconds:
                self.slow_seconds = self._seconds + time.monotonic() - began
                break
            if self._pass is None:
                self._pass = next(self.passes)
            batch = next(self._pass, None)
            if batch is not None:
                self._take(batch)
            elif not self._end_pass():
                break
            self.alive()
        self._seconds += time.monotonic() - began

    def _enough(self, until: int | None) -> bool:
        if self.batches and self.nbytes >= self.bounds.nbytes:
            return True
        return bool(self.ends) if until is None else len(self.batches) >= until

    def _end_pass(self) -> bool:
        """Records the end of a pass; returns whether another one may give more."""
        self._pass = None
        before = [0, *self.ends]
        if len(self.batches) == before[-1]:
            return False
        self.after_pass(len(self.ends))
        self.ends.append(len(self.batches))
        first, last = self.batches[: self.ends[0]], self.batches[before[-1] :]
        if len(self.ends) > 1 and len(first) == len(last) and all(map(_same, first, last)):
            self.repeats = True
            del self.batches[before[-1] :], self.ends[-1]
        return True

    def _take(self, batch: Any) -> None:
        structure, given = flatten(as_tuple(batch))
        leaves = [keep_leaf(leaf) for leaf in given]
        if self.structure is None:
            self.structure, self.first = structure, batch
        elif len(leaves) != len(self.batches[0]):
            raise UnusableData("the elements of the pipeline differ in structure")
        self.batches.append(leaves)
        self.nbytes += sum(map(leaf_bytes, leaves))


def _same(one: list[Any], other: list[Any]) -> bool:
    return all(
        isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(one, other, strict=True)
    )


def _whys(source: Any, drawn: _Drawn, shapes: Shapes, *, splits: bool) -> tuple[str, str]:
    """Why batches cannot be split into samples, and why other sizes cannot be made; empty where they can."""
    first = [leaf_shape(leaf) for leaf in drawn.batches[0]]
    whole = why_whole(first) or why_not_batch(drawn.first, shapes) or why_padded(drawn.batches)
    return whole, whole or _why_fixed(source, drawn, splits=splits)


def _why_fixed(source: Any, drawn: _Drawn, *, splits: bool) -> str:
    """Why batches that can be split must stay as they are; empty when no reason is known."""
    if "Distributed" in type(source).__name__:
        return "the data is a distributed dataset, whose batches were made for the script's own batch size"
    sizes = np.array(drawn.sizes())
    regular = _has_one_smaller_a_pass if is_py_dataset(source) else _is_regular
    if not regular(sizes, drawn.ends):
        return f"batches have different sizes, from {sizes.min()} to {sizes.max()} samples"
    return "" if splits else why_composed(drawn.structure, drawn.batches)


def _is_regular(sizes: Indices, ends: list[int]) -> bool:
    """Whether all batches have one size, smaller ones at the ends of passes aside."""
    smaller = np.flatnonzero(sizes != sizes.max())
    inside = np.setdiff1d(smaller, np.array(ends, dtype=np.int64) - 1)
    if not len(inside):
        return True
    # A pipeline that repeats itself after its batching has a smaller batch at the end of each of its own passes.
    gaps = np.diff(np.concatenate([[-1], inside]))
    return len(set(sizes[inside].tolist())) == 1 and len(set(gaps.tolist())) == 1 and gaps[0] > 1


def _has_one_smaller_a_pass(sizes: Indices, ends: list[int]) -> bool:
    """Whether each pass has at most one smaller batch, the rest of its samples, wherever Keras's shuffling puts it."""
    smaller = [part[part != sizes.max()] for part in np.split(sizes, ends)]
    return all(len(part) <= 1 for part in smaller) and len({int(part[0]) for part in smaller if len(part)}) <= 1


def _training(source: Any, drawn: _Drawn, *, whole: bool, fixed: str, ends: bool, splits: bool) -> Training:
    columns = tuple(element_column(column, whole=whole) for column in zip(*drawn.batches, strict=True))
    samples = Samples(structure=drawn.structure, columns=columns, whole_elements=whole)
    sizes = np.ones(len(drawn.batches), np.int64) if whole else np.array(drawn.sizes(), dtype=np.int64)
    sizes_by_pass = tuple(part for part in np.split(sizes, drawn.ends) if len(part))
    samples_by_pass = np.cumsum([part.sum() for part in sizes_by_pass])
    passes = tuple(np.split(np.arange(len(samples), dtype=np.int64), samples_by_pass[:-1]))
    complete, length = bool(drawn.ends), source_length(source)
    available = length * int(sizes.max()) if length is not None else None
    if complete and ends:
        available = len(passes[0])
    if not whole and (len(passes) > 1 or not complete):
        samples, passes = _distinct(samples, passes)
    order = SampleOrder(
        passes=passes,
        own_size=int(sizes.max()),
        own_sizes=None if _are_cut_evenly(sizes_by_pass, ends=complete and ends) else sizes_by_pass,
        ends=complete and ends,
        drops_remainder=not whole and is_tf_dataset(source) and drops_remainder(source),
        reshuffle=_reshuffle(source, whole=whole or bool(fixed)),
    )
    return Training(
        samples=samples,
        order=order,
        available=available,
        kind=kind_of(source),
        cut=not complete,
        slow_seconds=drawn.slow_seconds,
        fixed=fixed,
        regroups=bool(fixed) or splits,
    )


def _are_cut_evenly(sizes_by_pass: tuple[Indices, ...], *, ends: bool) -> bool:
    """Whether batches are those that an order makes of its passes by itself: only the last of a pass may be smaller."""
    size = max(int(sizes.max()) for sizes in sizes_by_pass)
    last = -1 if ends else None
    return all((sizes[:last] == size).all() for sizes in sizes_by_pass)


def _reshuffle(source: Any, *, whole: bool) -> Reshuffle:
    """What another run of the script changes in the order of its samples."""
    found = Reshuffle.NOTHING
    if is_tf_dataset(source):
        found = reshuffles(source)
    elif is_py_dataset(source):
        found = Reshuffle.BATCHES  # Keras draws the order of its batches
    elif type(getattr(source, "sampler", None)).__name__ == "RandomSampler":
        found = Reshuffle.SAMPLES
    return Reshuffle.BATCHES if whole and found is Reshuffle.SAMPLES else found


def _distinct(samples: Samples, passes: tuple[Indices, ...]) -> tuple[Samples, tuple[Indices, ...]]:
    """Each different sample once, with the passes over them: a source gives the same samples in every pass."""
    arrays = [getattr(column, "array", None) for column in samples.columns]
    if any(array is None or array.dtype.kind == "O" for array in arrays):
        return samples, passes
    numbers: dict[bytes, int] = {}
    places = np.empty(len(samples), dtype=np.int64)
    kept: list[int] = []
    for place in range(len(samples)):
        digest = hashlib.blake2b(digest_size=16)
        for array in arrays:
            assert array is not None
            digest.update(np.ascontiguousarray(array[place]).data.cast("B") if array[place].size else b"")
        places[place] = numbers.setdefault(digest.digest(), len(kept))
        if places[place] == len(kept):
            kept.append(place)
    if len(kept) == len(samples):
        return samples, passes
    return samples.subset(np.array(kept, dtype=np.int64)), tuple(places[taken] for taken in passes)
