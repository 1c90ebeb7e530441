"""Ways to choose which probes a run tries; one file each."""

from typing import assert_never

from sweeper.search._base import AbstractSearch as AbstractSearch
from sweeper.search._boundary import BoundarySearch as BoundarySearch
from sweeper.search._grid import GridSearch as GridSearch
from sweeper.search._grid import GridWithoutNulls as GridWithoutNulls
from sweeper.search._lattice import HIGHEST_RATE as HIGHEST_RATE
from sweeper.search._lattice import LOWEST_RATE as LOWEST_RATE
from sweeper.search._open_rows import OpenRow as OpenRow
from sweeper.search._open_rows import open_rows as open_rows
from sweeper.search._outlook import Issue as Issue
from sweeper.search._outlook import Unresolved as Unresolved
from sweeper.search._outlook import planned_total as planned_total
from sweeper.search._outlook import unresolved as unresolved
from sweeper.settings import Search

__all__ = [
    "HIGHEST_RATE",
    "LOWEST_RATE",
    "AbstractSearch",
    "BoundarySearch",
    "GridSearch",
    "GridWithoutNulls",
    "Issue",
    "OpenRow",
    "Unresolved",
    "open_rows",
    "planned_total",
    "search_named",
    "unresolved",
]


def search_named(name: Search) -> AbstractSearch:
    """The search that a setting names."""
    match name:
        case Search.BOUNDARY:
            return BoundarySearch()
        case Search.GRID:
            return GridSearch()
        case _:
            assert_never(name)
