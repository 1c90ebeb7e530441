"""The order in which a training takes its samples: pass after pass over the data, batch after batch.

Seed 0 has the order of the script's own fit, batch boundaries included, so that a probe at the script's own setting
trains on what the script trains on. Where the script shuffles, another seed stands for another run of the script.

>>> order = SampleOrder(passes=(np.array([2, 0, 1]), np.array([1, 2, 0])), own_size=2)
>>> order.rows(batch_size=2, steps=4).tolist()
[[2, 0], [1, -1], [1, 2], [0, -1]]
>>> order.rows(batch_size=3, steps=2).tolist()
[[2, 0, 1], [1, 2, 0]]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeper.capture.data._columns import Indices

NO_SAMPLE = -1
"""Fills up the row of a step whose batch is smaller than others."""


class Reshuffle(StrEnum):
    """What a seed other than 0 changes in the order of the samples."""

    NOTHING = "nothing"
    """The script has one order."""
    SAMPLES = "samples"
    """The script shuffles samples before it makes batches of them."""
    BATCHES = "batches"
    """The script shuffles ready batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrder:
    """Which samples each step takes."""

    passes: tuple[Indices, ...]
    """Numbers of the samples in the order of the script's own fit, one array for each pass over its data. A probe that
    is longer begins with the first pass again."""
    own_size: int
    """Samples in a batch of the script's own fit."""
    own_sizes: tuple[Indices, ...] | None = None
    """Sizes of the script's own batches in each pass, where they are not all `own_size` with a smaller last one."""
    ends: bool = True
    """Whether batches end with each pass; where not, a pass flows into the next."""
    drops_remainder: bool = False
    """Whether the samples of a pass that make no full batch are left out."""
    reshuffle: Reshuffle = Reshuffle.NOTHING

    @property
    def has_smaller_batches(self) -> bool:
        """Whether some batches may hold fewer samples than others."""
        return self.ends or self.own_sizes is not None

    def rows(self, *, batch_size: int, steps: int, seed: int = 0) -> Indices:
        """The samples of each step: of shape (steps, batch size), `NO_SAMPLE` at the end of smaller batches."""
        if self._has_own_batches(batch_size):
            assert self.own_sizes is not None
            width = max(int(sizes.max()) for sizes in self.own_sizes)
        else:
            width = batch_size
        rows = np.full((steps, width), NO_SAMPLE, dtype=np.int64)
        for row, batch in zip(rows, self._batches(batch_size, seed), strict=False):
            row[: len(batch)] = batch
        return rows

    def _has_own_batches(self, batch_size: int) -> bool:
        return self.own_sizes is not None and batch_size == self.own_size

    def _batches(self, size: int, seed: int) -> Iterator[Indices]:
        """The samples of each step, without end."""
        rest = np.zeros(0, dtype=np.int64)
        for number in count():
            taken = self._shuffled_samples(self.passes[number % len(self.passes)], seed, number)
            if self._has_own_batches(size):
                assert self.own_sizes is not None
                batches = np.split(taken, np.cumsum(self.own_sizes[number % len(self.passes)])[:-1])
                yield from self._shuffled_batches(batches, seed, number)
                continue
            taken = np.concatenate([rest, taken])
            full = len(taken) // size * size
            batches = list(taken[:full].reshape(-1, size))
            rest = taken[full:]
            if self.ends:
                if len(rest) and not (self.drops_remainder and batches):
                    batches.append(rest)
                rest = rest[:0]
            yield from self._shuffled_batches(batches, seed, number)

    def _shuffled_samples(self, taken: Indices, seed: int, number: int) -> Indices:
        if seed == 0 or self.reshuffle is not Reshuffle.SAMPLES:
            return taken
        return _generator(seed, len(taken), number).permutation(taken)

    def _shuffled_batches(self, batches: list[Indices], seed: int, number: int) -> list[Indices]:
        if seed == 0 or self.reshuffle is not Reshuffle.BATCHES:
            return batches
        # Smaller batches keep their place: probes of several seeds may train as one program.
        most = max(map(len, batches), default=0)
        full = [place for place, batch in enumerate(batches) if len(batch) == most]
        shuffled = list(batches)
        for place, other in zip(full, _generator(seed, len(full), number).permutation(full), strict=True):
            shuffled[place] = batches[other]
        return shuffled

    def without(self, left_out: Indices) -> "SampleOrder":
        """The order of the remaining samples, renumbered, when some are left out."""
        most = max((int(taken.max()) for taken in self.passes if len(taken)), default=0)
        stays = ~np.isin(np.arange(max(most, int(left_out.max(initial=0))) + 1), left_out)
        numbers = np.cumsum(stays) - 1
        kept = [stays[taken] for taken in self.passes]
        sizes = self.own_sizes
        if sizes is not None:
            sizes = tuple(_sizes_of(those, keep) for those, keep in zip(sizes, kept, strict=True))
        pairs = [pair for pair in zip(self.passes, kept, sizes or [None] * len(kept), strict=True) if pair[1].any()]
        return SampleOrder(
            passes=tuple(numbers[taken[keep]] for taken, keep, _ in pairs),
            own_size=self.own_size,
            own_sizes=tuple(those for *_, those in pairs if those is not None) if sizes is not None else None,
            ends=self.ends,
            drops_remainder=self.drops_remainder,
            reshuffle=self.reshuffle,
        )

    def save(self, path: Path) -> None:
        """Writes the order into a file."""
        sizes = {f"s{number}": those for number, those in enumerate(self.own_sizes or ())}
        with path.open("wb") as file:
            np.savez(
                file,
                allow_pickle=False,
                facts=np.array([self.own_size, self.ends, self.drops_remainder], dtype=np.int64),
                reshuffle=np.array(self.reshuffle.value),
                **{f"p{number}": taken for number, taken in enumerate(self.passes)},
                **sizes,
            )


def load_order(path: Path) -> SampleOrder:
    """The order that `SampleOrder.save` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        own_size, ends, drops = (int(value) for value in stored["facts"])
        passes = sum(name.startswith("p") for name in stored.files)
        has_sizes = "s0" in stored.files
        return SampleOrder(
            passes=tuple(stored[f"p{number}"] for number in range(passes)),
            own_size=own_size,
            own_sizes=tuple(stored[f"s{number}"] for number in range(passes)) if has_sizes else None,
            ends=bool(ends),
            drops_remainder=bool(drops),
            reshuffle=Reshuffle(str(stored["reshuffle"])),
        )


def _generator(seed: int, length: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, length, number]))


def _sizes_of(sizes: Indices, keep: NDArray[np.bool_]) -> Indices:
    """The sizes of batches of which only some samples are kept; batches that become empty are left out."""
    left = np.array([int(part.sum()) for part in np.split(keep, np.cumsum(sizes)[:-1])], dtype=np.int64)
    return left[left > 0]
