"""A generator or another iterator that was given to fit: it cannot be begun again, so what is looked at is put back."""

import threading
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from sweeper.capture.data._base import AbstractFeed, Arguments, Largest
from sweeper.capture.data._batches import AbstractBatches
from sweeper.capture.data._largest import find_largest
from sweeper.capture.data._python_batches import AbstractPythonFeed, rebatched

MOST_HELD_BYTES = 1 << 26
"""Bytes of a generator's batches that are held while it is looked through: they must come again in training."""


class Generator(AbstractBatches):
    """An iterator over batches."""

    kind = "generator"
    begins_again = False

    @staticmethod
    def recognises(x: Any) -> bool:
        return isinstance(x, Iterator)

    @cached_property
    def _replay(self) -> "Replay":
        return Replay(self.given.x)

    def beginning(self) -> Iterator[Any]:
        return self._replay.look()

    def as_fit_takes_it(self) -> Any:
        # Keras takes nothing but generators for iterators.
        return (element for element in self._replay)

    def resizable(self, own: int) -> AbstractFeed:
        return GeneratorFeed(self._replay, own)


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


class GeneratorFeed(AbstractPythonFeed):
    """The batches of a generator, which goes on from fit to fit as it does in the script."""

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
