"""How far a boundary search is: what it leaves open when it ends now, and how many probes it will take in all."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sweeper.search._boundary import all_questions
from sweeper.search._questions import MOST_RATES, Questions, given_up
from sweeper.search._row import RowState, Spot
from sweeper.space import Space
from sweeper.text import capital, rate_text
from sweeper.verdict import Judged

EDGE_PROBES = 1.1
"""Probes for each halving that an edge is away, in simulated rows: a probe seldom halves exactly."""
KNOWN_DECADES = 2.0
"""Decades over which an edge may lie once the neighbours of its row are known, as they are by the turn of most rows."""
OTHER_PROBES = 3.5
"""Probes of a row that the halving of its edges does not ask for, in simulated rows."""


class Issue(StrEnum):
    """Why a row is not settled."""

    OPEN = "open"
    """Probes that the search still wants were not run."""
    MIXED = "mixed"
    """Rates train above one that fails, or seeds disagree beside an edge: no further probe would make it sharp."""
    LOST = "lost"
    """Its probes end without a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A row that is not settled."""

    optimizer: str
    batch_size: int
    issue: Issue
    what: str
    """A sentence with its rates."""


def unresolved(space: Space, judged: tuple[Judged, ...]) -> tuple[Unresolved, ...]:
    """What the probes so far leave open, row by row; a row can be open and mixed at once."""
    return tuple(
        Unresolved(optimizer=one.row.optimizer, batch_size=one.row.batch_size, issue=issue, what=what)
        for one in all_questions(space, judged)
        for issue, what in _issues(one)
    )


def planned_total(space: Space, judged: tuple[Judged, ...]) -> int:
    """How many probes the whole search will take, null probes and those finished included; an estimate."""
    asked = all_questions(space, judged)
    nulls = {(one.outcome.probe.batch_size, one.outcome.probe.seed) for one in judged if one.outcome.probe.is_null}
    waiting = sum((size, space.seeds[0]) not in nulls for size in space.batch_sizes)
    return len(judged) + waiting + round(sum(_remaining(one, space) for one in asked))


def _remaining(one: Questions, space: Space) -> float:
    """The probes that a row is expected to take still."""
    if not one.wishes:
        return 0.0
    halvings = one.edge_bits
    if not one.row.spots:
        known = math.log2(max(2.0, KNOWN_DECADES / one.row.lattice.resolution))
        halvings = min(halvings[0], known), min(halvings[1], known)
    low, high = one.row.fails_between
    others = OTHER_PROBES if high - low > 1 else len(one.wishes)
    left = MOST_RATES * len(space.seeds) - len(one.row.spots)
    return min(EDGE_PROBES * sum(halvings) + others, left)


def _issues(one: Questions) -> Iterator[tuple[Issue, str]]:
    row = one.row
    if one.wishes:
        yield Issue.OPEN, _what_is_open(row)
    elif given_up(row) and not row.spots:
        yield Issue.LOST, f"None of the {len(row.lost)} probes tried has a verdict; no further rate was tried."
    if row.failing is not None and row.top is not None and row.mixed:
        fails, trains = (row.lattice.rate(index) for index in (row.failing.index, row.top))
        yield (
            Issue.MIXED,
            (
                f"{rate_text(fails)} fails though {rate_text(trains)} above it trains. Stay below the first failure; "
                "further ones may lie between the rates probed."
            ),
        )
    elif not all(spot.agreed for spot in _beside(row)):
        yield Issue.MIXED, _what_seeds_say(row)


def _what_seeds_say(row: RowState) -> str:
    """At which rates beside an edge seeds disagree, and on what."""
    apart = {spot.index for spot in _beside(row) if not spot.agreed}
    high = sorted(apart & {spot.index for spot in (row.failing, *row.below[-1:]) if spot is not None})
    low = sorted(apart - set(high))
    parts = []
    if low:
        parts.append(f"at {_rates(low, row)} on whether it learns")
    if high:
        parts.append(f"at {_rates(high, row)} on whether training fails")
    return f"Seeds disagree {' and '.join(parts)}: there it is a matter of chance."


def _rates(indices: Sequence[int], row: RowState) -> str:
    return " and ".join(rate_text(row.lattice.rate(index)) for index in indices)


def _what_is_open(row: RowState) -> str:
    if not row.spots:
        return "No probe of this row was judged."
    fails, learns = row.fails_between, row.stalls_between
    parts = []
    if fails[1] - fails[0] > 1:
        parts.append(f"the lowest rate that fails lies {_where(fails, row)}")
    if learns[1] - learns[0] > 1:
        parts.append(f"the lowest rate that no longer stalls lies {_where(learns, row)}")
    if not parts:
        return "Both edges are known; rates or seeds that would confirm them were not probed."
    sentence = " and ".join(parts)
    return f"{capital(sentence)}."


def _where(between: tuple[int, int], row: RowState) -> str:
    low, high = (rate_text(row.lattice.rate(index)) for index in between)
    if between[0] < row.lattice.floor:
        return f"at or below {high}"
    return f"above {low}" if between[1] > row.lattice.ceiling else f"above {low}, at {high} or below"


def _beside(row: RowState) -> tuple[Spot, ...]:
    """The rates beside the edges of a row."""
    found = (row.failing, row.stalled, *row.below[-1:], *row.block[:1])
    return tuple(spot for spot in found if spot is not None)
