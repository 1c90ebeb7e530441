"""The labels of a whole pipeline: its first ones may be sorted, and say little about how many classes there are."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import AbstractBatches, Samples, batches_of

SECONDS = 2.0
"""Most that is spent on reading labels."""
LABELS = 2_000_000
"""Numbers of labels that are read."""
LEAST_SPREAD = 8
"""Batches in a random order that are a fair part of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Labels of a source of batches."""

    values: Any
    fair: bool
    """Whether they are all labels or a part that is like the whole; else the first ones."""


def labels_taken(samples: Samples, first: Any, *, cut: bool) -> Labels:
    """The labels of all samples that were taken of a source; `first` are those of the first of them."""
    structure = samples.structure
    place = structure[2] if isinstance(structure, list) and structure[0] == "tuple" and len(structure) > 2 else None  # noqa: PLR2004
    if samples.whole_elements or not isinstance(place, int):
        return Labels(values=first, fair=False)
    column = samples.columns[place]
    return Labels(values=column.look(np.arange(len(samples), dtype=np.int64)), fair=not cut)


def labels_read(source: Any, first: Any, *, seconds: float = SECONDS) -> Labels:
    """The labels of a source that can be read again, as far as time allows; else `first`, those of its first samples.

    Where batches come in a random order, as those of a PyDataset do, a part of them is like the whole.
    """
    batches = batches_of(source)
    length = batches.length() if batches is not None else None
    if batches is None or length is None or not isinstance(first, np.ndarray):
        return Labels(values=first, fair=False)
    found: list[NDArray[Any]] = []
    size, until = 0, time.monotonic() + seconds
    for labels in _labels(batches):
        if labels is None or labels.shape[1:] != first.shape[1:]:
            return Labels(values=first, fair=False)
        found.append(labels)
        size += labels.size
        if size > LABELS or time.monotonic() > until:
            break
    fair = len(found) >= (min(length, LEAST_SPREAD) if batches.in_random_order else length)
    return Labels(values=np.concatenate(found) if found else first, fair=bool(found) and fair)


def _labels(batches: AbstractBatches) -> Iterator[NDArray[Any] | None]:
    """The labels of each batch; None for a batch whose labels are no array."""
    for element in batches.elements():
        given: Any = element[1] if isinstance(element, tuple | list) and len(element) > 1 else None
        labels = given.numpy() if hasattr(given, "numpy") else given
        yield labels if isinstance(labels, np.ndarray) and labels.ndim and labels.dtype.kind in "fiub" else None
