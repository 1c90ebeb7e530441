"""Rows of judged probes, rate by rate: search and recommendation both start from them.

A rate trains where most of its seeds do, and fails where one of them does: a rate that fails for one order of the
samples in three is not safe. So a rate at which seeds disagree may do both. A rate that stalls above every rate that
trains has stopped learning: it fails too.

With H for healthy, S for stalled, D for diverged and M for out of memory, the row `SHMHHD` by ascending rate has its
`failing` rate at D. Its `block` is the last HH: the M between ends a run, since nobody knows whether it would train.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, takewhile

from sweeper.probes import OutcomeKind
from sweeper.ranges import TRAINABLE, CellLabel, called
from sweeper.space import Space
from sweeper.verdict import DATA_FAULT, Judged, Label, Verdict

WORST_FIRST = (Label.DIVERGED, Label.STALLED, Label.INCONCLUSIVE, Label.OVERFIT, Label.HEALTHY)
UNSTABLE = "unstable"
"""Code of the note that the loss jumped above its start before it fell."""


@dataclass(frozen=True, kw_only=True)
class JudgedCell:
    """The finished probes of one learning rate of a row."""

    learning_rate: float
    probes: tuple[Judged, ...]
    """By seed."""

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts on the probes with a curve."""
        return tuple(one.verdict for one in self.probes if one.verdict is not None)

    @cached_property
    def label(self) -> Label | None:
        """The verdict of most seeds, the worse one on a tie; None when no probe has a verdict."""
        counts = Counter(verdict.label for verdict in self.verdicts)
        return max(WORST_FIRST, key=lambda label: counts[label]) if counts else None

    @cached_property
    def verdict(self) -> Verdict | None:
        """A typical verdict with the cell's label: of the commonest rule, the first by name on a tie."""
        alike = [verdict for verdict in self.verdicts if verdict.label is self.label]
        counts = Counter(verdict.evidence[0].code for verdict in alike)
        return min(alike, key=lambda one: (-counts[one.evidence[0].code], one.evidence[0].code), default=None)

    @property
    def agreeing(self) -> int:
        """Number of probes with the label of the cell."""
        return sum(verdict.label is self.label for verdict in self.verdicts)

    @property
    def ended(self) -> OutcomeKind | None:
        """How most of its probes ended when none has a verdict."""
        kinds = Counter(one.outcome.kind for one in self.probes)
        return None if self.verdicts else kinds.most_common(1)[0][0]

    @property
    def trains(self) -> bool:
        """Whether most seeds train at this rate."""
        return self.label in TRAINABLE

    @cached_property
    def failing(self) -> int:
        """Number of probes that diverged or broke the model."""
        return sum(verdict.is_failure for verdict in self.verdicts)

    @property
    def unstable(self) -> int:
        """Number of probes whose loss jumped above its start before it fell."""
        return sum(any(note.code == UNSTABLE for note in verdict.evidence[1:]) for verdict in self.verdicts)

    @property
    def seeds(self) -> frozenset[int]:
        """Seeds that are finished, with a verdict or without."""
        return frozenset(one.outcome.probe.seed for one in self.probes)


@dataclass(frozen=True, kw_only=True)
class JudgedRow:
    """The finished probes of one optimizer at one batch size."""

    optimizer: str
    batch_size: int
    cells: tuple[JudgedCell, ...]
    """By ascending rate."""
    pivot: float = math.inf
    """While no rate trains, one that stalls above this rate is taken to be too high, not too low."""

    @cached_property
    def judged(self) -> tuple[JudgedCell, ...]:
        """The rates with a verdict."""
        return tuple(cell for cell in self.cells if cell.label is not None)

    @cached_property
    def top(self) -> JudgedCell | None:
        """The highest rate that trains; None without one."""
        return next((cell for cell in reversed(self.cells) if cell.trains), None)

    @cached_property
    def failing(self) -> JudgedCell | None:
        """The lowest rate that fails; None without one."""
        return next((cell for cell in self.cells if self.failures(cell)), None)

    @cached_property
    def below(self) -> tuple[JudgedCell, ...]:
        """The rates with a verdict below the first that fails."""
        return tuple(takewhile(lambda cell: cell is not self.failing, self.judged))

    @cached_property
    def block(self) -> tuple[JudgedCell, ...]:
        """The widest run of neighbouring rates that train, below the first failing rate; empty without one.

        A rate without a verdict ends a run. Of runs of one width the higher one is taken. A run at whose first rate
        the loss jumps has no steady part, and is taken only where all runs are so.
        """
        inside = takewhile(lambda cell: cell is not self.failing, self.cells)
        runs = [tuple(run) for trains, run in groupby(inside, key=lambda cell: cell.trains) if trains]
        return max(reversed(runs), key=lambda run: (not run[0].unstable, _width(run)), default=())

    @cached_property
    def stalled(self) -> JudgedCell | None:
        """The highest rate that stalls for being too low: below the block, or without one below the failing rate."""
        limit = self.block[0].learning_rate if self.block else math.inf
        low = [cell for cell in self.below if cell.label is Label.STALLED and cell.learning_rate < limit]
        return low[-1] if low else None

    @property
    def mixed(self) -> bool:
        """Whether a rate trains above one that fails."""
        return self.failing is not None and self.top is not None and self.top.learning_rate > self.failing.learning_rate

    @cached_property
    def data_fault(self) -> bool:
        """Whether a loss or a weight is not finite even without an update, which no rate can help."""
        return any(verdict.evidence[0].code == DATA_FAULT for cell in self.cells for verdict in cell.verdicts)

    def failures(self, cell: JudgedCell) -> int:
        """Number of probes of a cell that fail: that diverged, broke the model, or stalled above all that train."""
        limit = self.pivot if self.top is None else self.top.learning_rate
        if cell.label is Label.STALLED and cell.learning_rate > limit:
            return sum(verdict.is_failure or verdict.label is Label.STALLED for verdict in cell.verdicts)
        return cell.failing

    def is_split(self, cell: JudgedCell) -> bool:
        """Whether some probes of a cell fail and others do not."""
        return 0 < self.failures(cell) < len(cell.verdicts)

    def is_agreed(self, cell: JudgedCell) -> bool:
        """Whether all seeds of a cell agree: training fails, goes on, stalls, or cannot be judged."""
        if self.failures(cell):
            return not self.is_split(cell)
        return len({Label.HEALTHY if one.label in TRAINABLE else one.label for one in cell.verdicts}) <= 1

    def called(self, verdict: Verdict, rate: float) -> CellLabel:
        """The label that a map gives to a curve at a rate of this row."""
        trains = [cell.learning_rate for cell in self.cells if cell.trains]
        return called(verdict, rate, trains=trains, fails=None if self.failing is None else self.failing.learning_rate)


def judged_rows(space: Space, judged: Iterable[Judged]) -> tuple[JudgedRow, ...]:
    """The rows of a space in its order; null probes are left out, and rates need not be on the axis."""
    found: defaultdict[tuple[str, int], list[Judged]] = defaultdict(list)
    for one in judged:
        found[one.outcome.probe.optimizer, one.outcome.probe.batch_size].append(one)
    keys = ((choice.label, size) for choice in space.optimizers for size in space.batch_sizes)
    return tuple(judged_row(*key, found[key]) for key in keys)


def judged_row(optimizer: str, batch_size: int, judged: Iterable[Judged]) -> JudgedRow:
    """The row of some probes, which must be of this optimizer and batch size; null probes are left out."""
    probes = sorted((one for one in judged if not one.outcome.probe.is_null), key=_order)
    rates = groupby(probes, key=lambda one: one.outcome.probe.learning_rate)
    cells = tuple(JudgedCell(learning_rate=rate, probes=tuple(same)) for rate, same in rates)
    return JudgedRow(optimizer=optimizer, batch_size=batch_size, cells=cells)


def _order(one: Judged) -> tuple[float, int]:
    return one.outcome.probe.learning_rate, one.outcome.probe.seed


def _width(run: Sequence[JudgedCell]) -> float:
    """Decades from the first rate to the last, rounded so that equal steps of a grid are equal."""
    return round(math.log10(run[-1].learning_rate / run[0].learning_rate), 3)
