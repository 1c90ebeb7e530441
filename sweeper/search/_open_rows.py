"""The boundary search row by row, for a sampler that chooses one probe at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.search._boundary import all_questions
from sweeper.search._lattice import fenced_lattice
from sweeper.search._questions import Questions
from sweeper.space import Space
from sweeper.verdict import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """The learning rates that one row still has to try."""

    optimizer: str
    batch_size: int
    rates: tuple[float, ...]
    """Learning rates worth trying, the best first; empty when nothing is open."""
    trains: tuple[float, float] | None
    """The lowest and the highest rate known to train below the first that fails; None when there is none."""


def open_rows(space: Space, judged: Sequence[Judged]) -> tuple[OpenRow, ...]:
    """The rates that each row of a space still has to try, in its order; none lies beyond the range of the space."""
    return tuple(_row(one) for one in all_questions(space, judged, lattice_of=fenced_lattice))


def _row(one: Questions) -> OpenRow:
    row, block = one.row.seen, one.row.seen.block
    return OpenRow(
        optimizer=row.optimizer,
        batch_size=row.batch_size,
        rates=tuple(one.row.lattice.rate(request.index) for request in one.requests),
        trains=(block[0].learning_rate, block[-1].learning_rate) if block else None,
    )
