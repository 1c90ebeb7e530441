"""Finding the largest sample of data whose samples differ in size, by a short look through its batches."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture.data._base import Largest
from sweeper.capture.data._samples import flatten, unflatten

FIRST_BATCHES = 4
"""Batches after which samples count as equal in size when no difference was seen."""
MOST_BATCHES = 256
"""Batches that are looked through at most; a sample longer than all of theirs is rare."""
MOST_BYTES = 1 << 28
"""Bytes of batches that are looked through at most."""
MOST_SECONDS = 5.0
"""Seconds that are spent on it at most: every trial looks again."""


@dataclass(slots=True)
class _Search:
    row: Any = None
    most: float = -1
    least: float = np.inf
    samples: int = 0
    batches: int = 0
    nbytes: float = 0
    began: float = field(default_factory=time.monotonic)

    def see(self, batch: Any) -> None:
        """Looks at the samples of one more batch."""
        structure, leaves = flatten(batch)
        each = np.sum([row_bytes(leaf) for leaf in leaves], axis=0)
        at = int(each.argmax())
        if each[at] > self.most:
            self.most = each[at]
            self.row = unflatten(structure, [leaf[at : at + 1] for leaf in leaves])
        self.least = min(self.least, each.min())
        self.samples += len(each)
        self.batches += 1
        self.nbytes += each.sum()

    def is_over(self, most_bytes: int) -> bool:
        """Whether no more batches are worth a look: samples do not differ, or a limit is reached."""
        if self.batches >= FIRST_BATCHES and self.most == self.least:
            return True
        spent = time.monotonic() - self.began
        return self.batches >= MOST_BATCHES or self.nbytes >= most_bytes or spent >= MOST_SECONDS


def find_largest(batches: Iterable[Any], *, most_bytes: int = MOST_BYTES) -> Largest | None:
    """The largest sample of the first batches; None where all of these have one size."""
    search = _Search()
    seen = "all"
    for batch in batches:
        if search.is_over(most_bytes):
            seen = "the first"
            break
        search.see(batch)
    if search.most <= search.least:
        return None
    found = f"{search.most:,.0f} bytes in {seen} {search.samples:,} samples; the smallest takes {search.least:,.0f}"
    return Largest(row=search.row, nbytes=int(search.most), found=found)


def row_bytes(leaf: Any) -> NDArray[np.int64]:
    """The bytes of each row of one leaf of a batch."""
    item = getattr(leaf.dtype, "size", None) or leaf.dtype.itemsize
    if type(leaf).__name__ == "RaggedTensor":
        values = [getattr(row, "flat_values", row) for row in leaf]
        return np.array([np.prod(value.shape) * item for value in values], dtype=np.int64)
    return np.full(int(leaf.shape[0]), np.prod(leaf.shape[1:]) * item, dtype=np.int64)
