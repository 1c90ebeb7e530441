"""Batches drawn from a source as fit gets them, pass after pass, within bounds of number, bytes and time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sweeper.capture.data._base import AfterPass, Alive, Bounds, UnusableData
from sweeper.capture.data._leaves import as_tuple, keep_leaf, leaf_bytes, leaf_shape
from sweeper.capture.data._samples import flatten

LEAST_BATCHES = 8
"""Batches that are drawn however long they take."""


@dataclass(slots=True, kw_only=True)
class Drawn:
    """The batches that were drawn from a source so far."""

    bounds: Bounds
    passes: Iterator[Iterator[Any]]
    alive: Alive
    after_pass: AfterPass
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
            if len(self.batches) >= LEAST_BATCHES and self._seconds + time.monotonic() - began > seconds:
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
