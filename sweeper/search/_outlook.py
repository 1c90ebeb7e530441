"""How far a boundary search is: what would stay open if it ended now, and how many probes it takes in all."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sweeper.rows import JudgedCell, JudgedRow
from sweeper.search._boundary import all_questions
from sweeper.search._questions import MOST_RATES, Questions, given_up
from sweeper.search._row import RowState
from sweeper.space import Space
from sweeper.text import capital, rate_text
from sweeper.verdict import Judged

EDGE_PROBES = 1.1
"""Probes that one halving takes, measured on simulated rows: a probe seldom halves exactly."""
KNOWN_DECADES = 2.0
"""Decades in which an edge may lie once the edges of neighbouring rows are known, as for most rows they soon are."""
OTHER_PROBES = 3.5
"""Probes of a row beside those that find its edges, measured on simulated rows."""


class Issue(StrEnum):
    """Why a row is not settled."""

    OPEN = "open"
    """Probes that the search still wants were not run."""
    MIXED = "mixed"
    """Rates train above one that fails, or seeds disagree beside an edge: no further probe makes the edge sharp."""
    LOST = "lost"
    """Its probes end without a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A row that is not settled, and why."""

    optimizer: str
    batch_size: int
    issue: Issue
    what: str
    """A sentence with its rates."""


def unresolved(space: Space, judged: tuple[Judged, ...]) -> tuple[Unresolved, ...]:
    """The rows that the probes so far leave unsettled; a row can be both open and mixed."""
    return tuple(
        Unresolved(optimizer=one.row.seen.optimizer, batch_size=one.row.seen.batch_size, issue=issue, what=what)
        for one in all_questions(space, judged)
        for issue, what in _issues(one)
    )


def planned_total(space: Space, judged: tuple[Judged, ...]) -> int:
    """An estimate of all probes of the search, null probes and finished ones included."""
    asked = all_questions(space, judged)
    nulls = {(one.outcome.probe.batch_size, one.outcome.probe.seed) for one in judged if one.outcome.probe.is_null}
    waiting = sum((size, space.seeds[0]) not in nulls for size in space.batch_sizes)
    return len(judged) + waiting + round(sum(_remaining(one, space) for one in asked))


def _remaining(one: Questions, space: Space) -> float:
    """An estimate of the probes that a row will still take."""
    if not one.requests:
        return 0.0
    halvings = one.edge_bits
    if not one.row.judged:
        known = math.log2(max(2.0, KNOWN_DECADES / one.row.lattice.resolution))
        halvings = min(halvings[0], known), min(halvings[1], known)
    low, high = one.row.fails_between
    others = OTHER_PROBES if high - low > 1 else len(one.requests)
    left = MOST_RATES * len(space.seeds) - len(one.row.judged)
    return min(EDGE_PROBES * sum(halvings) + others, left)


def _issues(one: Questions) -> Iterator[tuple[Issue, str]]:
    row = one.row.seen
    if one.requests:
        yield Issue.OPEN, _what_is_open(one.row)
    elif given_up(one.row) and not row.judged:
        yield Issue.LOST, f"None of the {len(row.cells)} probes tried has a verdict; no further rate was tried."
    if row.failing is not None and row.top is not None and row.mixed:
        fails, trains = rate_text(row.failing.learning_rate), rate_text(row.top.learning_rate)
        yield (
            Issue.MIXED,
            (
                f"{fails} fails though {trains} above it trains. Stay below the first failure; further ones may lie "
                "between the rates probed."
            ),
        )
    else:
        apart = [cell for cell in _beside(row) if not row.is_agreed(cell)]
        if apart:
            yield Issue.MIXED, _what_seeds_say(row, apart)


def _what_seeds_say(row: JudgedRow, apart: Sequence[JudgedCell]) -> str:
    """A sentence that says at which rates beside an edge seeds disagree, and on what."""
    above = row.below[-1].learning_rate if row.below else 0.0
    rates = sorted({cell.learning_rate for cell in apart})
    low, high = (_rates(rate for rate in rates if (rate >= above) is upper) for upper in (False, True))
    parts = []
    if low:
        parts.append(f"at {low} on whether it learns")
    if high:
        parts.append(f"at {high} on whether training fails")
    return f"Seeds disagree {' and '.join(parts)}: there it is a matter of chance."


def _rates(rates: Iterable[float]) -> str:
    return " and ".join(rate_text(rate) for rate in rates)


def _what_is_open(row: RowState) -> str:
    if not row.judged:
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


def _beside(row: JudgedRow) -> tuple[JudgedCell, ...]:
    """The rates beside the edges of a row."""
    found = (row.failing, row.stalled, *row.below[-1:], *row.block[:1])
    return tuple(cell for cell in found if cell is not None)
