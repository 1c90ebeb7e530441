"""Ways to choose which probes a run tries; one file each."""

from typing import assert_never

from sweeper.search._base import AbstractSearch as AbstractSearch
from sweeper.search._grid import GridSearch as GridSearch
from sweeper.settings import Search

__all__ = ["AbstractSearch", "GridSearch", "search_named"]


def search_named(name: Search) -> AbstractSearch:
    """The search that a setting names."""
    match name:
        case Search.GRID:
            return GridSearch()
        case _:
            assert_never(name)
