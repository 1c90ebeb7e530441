"""Data that comes in batches of one size only, as it was given to fit."""

from collections.abc import Callable
from typing import Any

from sweeper.capture._feed import AbstractFeed, Arguments, Largest


class FixedFeed(AbstractFeed):
    """A pipeline, loader or generator whose batches stay as they are."""

    def __init__(self, give: Callable[[], Any]) -> None:
        self._give = give

    def at(self, batch_size: int) -> Arguments:
        del batch_size
        return {"x": self._give()}

    def few(self, sizes: tuple[int, ...]) -> Arguments:
        raise AssertionError(sizes)

    def copies(self, largest: Largest, batch_size: int, batches: int) -> Arguments:
        raise AssertionError(largest, batch_size, batches)

    def find_largest(self) -> Largest | None:
        return None
