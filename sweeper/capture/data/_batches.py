"""Data that comes in batches: the common part of pipelines, loaders, generators and the like.

It is taken batch by batch, in its own order; whether other batches may be made of its samples is decided here as far as
the data shows it, and by a look at losses (`engines/_regrouping.py`) where it does not.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy as np

from sweeper.capture._model_calls import watching_model_calls
from sweeper.capture.data._base import (
    LOOK,
    AbstractData,
    AbstractFeed,
    AfterPass,
    Alive,
    Arguments,
    Bounds,
    Largest,
    Shapes,
    TakenData,
    TrainingData,
    UnusableData,
)
from sweeper.capture.data._columns import Indices
from sweeper.capture.data._composition import why_composed
from sweeper.capture.data._drawn import Drawn
from sweeper.capture.data._leaves import as_tuple, element_column, keep_leaf, leaf_bytes, leaf_shape
from sweeper.capture.data._order import Reshuffle, SampleOrder
from sweeper.capture.data._own_batches import keras_epochs
from sweeper.capture.data._regular import are_cut_evenly, is_regular, why_padded, why_whole
from sweeper.capture.data._samples import Samples, flatten

OWN_SECONDS = 20.0
"""Time after which no further batches are drawn from a slow source."""
OTHER_SECONDS = 10.0
"""Time after which no batches are drawn that only larger batch sizes need."""
SPARE_BATCHES = 8
"""Batches beyond those that a probe at the script's own setting trains on: they can be held out for validation."""
_NONE = object()


class AbstractBatches(AbstractData):
    """Data that comes in batches. A kind of it says what it is, and overrides what it knows of itself."""

    begins_again: bool = True
    """Whether a second pass can be made; where not, what is looked at is held until it was trained on."""
    in_random_order: bool = False
    """Whether `elements` come in a random order, so that a part of them is like the whole."""

    @abstractmethod
    def resizable(self, own: int) -> AbstractFeed:
        """The data for memory trials, at any batch size; `own` is the script's."""

    def length(self) -> int | None:
        """Batches in one pass; None where that is not known, or where there is no end."""
        return None

    def beginning(self) -> Iterator[Any]:
        """The batches from the first one on; those that were looked at come again in training."""
        return iter(self.given.x)

    def elements(self) -> Iterator[Any]:
        """The batches of one pass, from the beginning or, where `in_random_order` says so, in such an order."""
        return self.beginning()

    def begin_pass(self) -> None:
        """Does what Keras does with the data before a pass."""

    def as_fit_takes_it(self) -> Any:
        """What can be given to fit, also after a look at the beginning."""
        return self.given.x

    def splits_again(self) -> bool:
        """Whether the data itself shows that batches of another size would hold the same samples in the same order."""
        return False

    def drops_remainder(self) -> bool:
        """Whether the last smaller batch of a pass is left out."""
        return False

    def reshuffle(self) -> Reshuffle:
        """What another run of the script changes in the order of the samples."""
        return Reshuffle.NOTHING

    def are_regular(self, sizes: Indices, ends: list[int]) -> bool:
        """Whether batches of these sizes, in passes that end there, are all of one size but for remainders."""
        return is_regular(sizes, ends)

    def parts(self) -> tuple[AbstractData, AbstractData | None]:
        return self, None

    def feed(self, own: int, *, fixed: bool) -> AbstractFeed:
        return _FixedFeed(self) if fixed else self.resizable(own)

    def look(self, shapes: Shapes) -> TakenData:
        first = islice(self.beginning(), 1)
        return replace(_taken(first, LOOK, shapes, kind=self.kind, length=None), available=None)

    def taken(self, bounds: Bounds, *, shapes: Shapes, keep_order: bool = False) -> TakenData:
        del keep_order
        self.begin_pass()
        return _taken(islice(self.elements(), bounds.elements), bounds, shapes, kind=self.kind, length=self.length())

    def training(
        self, model: Any, bounds: Bounds, *, shapes: Shapes, alive: Alive, after_pass: AfterPass
    ) -> TrainingData:
        steps, splits = self.given.steps_per_epoch, self.splits_again()
        if steps and self.length() is None:
            bounds = replace(bounds, times=1)
        drawn = Drawn(bounds=bounds, passes=keras_epochs(model, self.given), alive=alive, after_pass=after_pass)
        wanted = None if bounds.steps is None else bounds.steps * bounds.times + SPARE_BATCHES
        with watching_model_calls(model) as asked:
            drawn.draw(wanted, seconds=OWN_SECONDS)
        if not drawn.batches:
            raise UnusableData(f"the {self.kind} is empty")
        whole, fixed = self._whys(drawn, shapes, splits=splits)
        if not fixed and bounds.steps is not None:
            # What larger batches need besides.
            most = bounds.most(drawn.size) or 0
            drawn.draw(-(-most // drawn.size) + SPARE_BATCHES, seconds=OTHER_SECONDS)
            whole, fixed = self._whys(drawn, shapes, splits=splits)
        training = self._training(drawn, whole=bool(whole), fixed=fixed, ends=not steps, splits=splits)
        return replace(training, asked="".join(asked))

    def _whys(self, drawn: Drawn, shapes: Shapes, *, splits: bool) -> tuple[str, str]:
        """Why batches cannot be split into samples, and why other sizes cannot be made; empty where they can."""
        whole = why_whole(drawn.batches[0], drawn.first, shapes) or why_padded(drawn.batches)
        return whole, whole or self.why_fixed() or self._why_uneven(drawn, splits=splits)

    def _why_uneven(self, drawn: Drawn, *, splits: bool) -> str:
        """Why batches that can be split must stay as they are, by their sizes and labels; empty where they need not."""
        sizes = np.array(drawn.sizes())
        if not self.are_regular(sizes, drawn.ends):
            return f"batches have different sizes, from {sizes.min()} to {sizes.max()} samples"
        return "" if splits else why_composed(drawn.structure, drawn.batches)

    def _training(self, drawn: Drawn, *, whole: bool, fixed: str, ends: bool, splits: bool) -> TrainingData:
        samples = _samples_of(drawn.structure, drawn.batches, whole=whole)
        sizes = np.ones(len(drawn.batches), np.int64) if whole else np.array(drawn.sizes(), dtype=np.int64)
        sizes_by_pass = tuple(part for part in np.split(sizes, drawn.ends) if len(part))
        samples_by_pass = np.cumsum([part.sum() for part in sizes_by_pass])
        passes = tuple(np.split(np.arange(len(samples), dtype=np.int64), samples_by_pass[:-1]))
        complete, length = bool(drawn.ends), self.length()
        available = length * int(sizes.max()) if length is not None else None
        if complete and ends:
            available = len(passes[0])
        if not whole and (len(passes) > 1 or not complete):
            samples, passes = _distinct(samples, passes)
        reshuffle = self.reshuffle()
        if (whole or fixed) and reshuffle is Reshuffle.SAMPLES:
            reshuffle = Reshuffle.BATCHES
        order = SampleOrder(
            passes=passes,
            own_size=int(sizes.max()),
            own_sizes=None if are_cut_evenly(sizes_by_pass, ends=complete and ends) else sizes_by_pass,
            ends=complete and ends,
            drops_remainder=not whole and self.drops_remainder(),
            reshuffle=reshuffle,
        )
        return TrainingData(
            samples=samples,
            order=order,
            available=available,
            kind=self.kind,
            cut=not complete,
            slow_seconds=drawn.slow_seconds,
            fixed=fixed,
            regroups=bool(fixed) or splits,
        )


class _FixedFeed(AbstractFeed):
    """Data whose batches stay as they are."""

    def __init__(self, data: AbstractBatches) -> None:
        self._data = data

    def at(self, batch_size: int) -> Arguments:
        del batch_size
        return {"x": self._data.as_fit_takes_it()}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        raise AssertionError(sizes)

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        raise AssertionError(largest, batch_size, batches)

    def find_largest(self) -> Largest | None:
        return None


def _taken(elements: Iterator[Any], bounds: Bounds, shapes: Shapes, *, kind: str, length: int | None) -> TakenData:
    """Samples of elements in their order, until there are enough; `length` is their number where it is known."""
    first = next(elements, _NONE)
    if first is _NONE:
        raise UnusableData(f"the {kind} is empty")
    structure, leaves = flatten(as_tuple(first))
    whole = why_whole(leaves, first, shapes)
    batch_size = int(leaf_shape(leaves[0])[0]) if not whole else None
    most = bounds.steps if whole else bounds.most(batch_size or 1)
    taken, complete = _collect(chain([first], elements), most, bounds.nbytes, whole=bool(whole))
    whole = whole or why_padded(taken)
    samples = _samples_of(structure, taken, whole=bool(whole))
    if complete:
        available: int | None = len(samples)  # an endless source is never complete
    else:
        available = length * (batch_size or 1) if length is not None else None
    return TakenData(samples=samples, available=available, batch_size=batch_size, cut=not complete, whole_reason=whole)


def _collect(
    elements: Iterator[Any], most: int | None, most_bytes: int, *, whole: bool
) -> tuple[list[list[Any]], bool]:
    """The leaves of the elements that were taken, and whether the source had no more."""
    taken: list[list[Any]] = []
    count = nbytes = 0
    for element in elements:
        if (most is not None and count >= most) or nbytes >= most_bytes:
            return taken, False
        leaves = [keep_leaf(leaf) for leaf in flatten(as_tuple(element))[1]]
        if taken and len(leaves) != len(taken[0]):
            raise UnusableData("the elements of the pipeline differ in structure")
        taken.append(leaves)
        count += 1 if whole else int(leaf_shape(leaves[0])[0])
        nbytes += sum(map(leaf_bytes, leaves))
    return taken, True


def _samples_of(structure: Any, elements: list[list[Any]], *, whole: bool) -> Samples:
    columns = tuple(element_column(column, whole=whole) for column in zip(*elements, strict=True))
    return Samples(structure=structure, columns=columns, whole_elements=whole)


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
