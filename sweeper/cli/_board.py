"""What a view knows of the run so far."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sweeper.cli._map import MapRow
from sweeper.events import Event, JobCaptured, ProbeDone
from sweeper.probe import Probe
from sweeper.report._looks import LOOKS, NOT_RUN, Look, look_of_probe
from sweeper.space import Space
from sweeper.verdict import Judged

_WORSE_FIRST = ("D", "O", "S", "?", "H", "M", "T", "X", NOT_RUN.glyph)
"""Which letter a cell shows when as many of its seeds say one thing as another."""


class Board:
    """The map as far as it is filled in, kept up to date by events."""

    def __init__(self) -> None:
        self.space: Space | None = None
        self.done = 0
        self.planned = 0
        self.seconds_left: float | None = None
        self._looks: defaultdict[tuple[str, int, float], list[Look]] = defaultdict(list)

    def take(self, event: Event) -> None:
        """Takes in what an event says."""
        match event:
            case JobCaptured():
                self.space, self.planned, self.done = event.space, event.planned, len(event.finished)
                self._looks.clear()
                for judged in event.finished:
                    self._add(judged)
            case ProbeDone():
                self.done, self.planned, self.seconds_left = event.done, event.planned, event.seconds_left
                self._add(event.judged)
            case _:
                pass

    def rows(self) -> tuple[MapRow, ...]:
        """The rows of the map."""
        if self.space is None:
            return ()
        return tuple(
            self._row(choice.label, batch_size)
            for choice in self.space.optimizers
            for batch_size in self.space.batch_sizes
        )

    def counts(self) -> Counter[str]:
        """How many probes had each look, by its title."""
        return Counter(look.title for looks in self._looks.values() for look in looks)

    def summary(self) -> str:
        """The counts in words: `7 healthy, 3 diverged`."""
        counts = self.counts()
        return ", ".join(f"{counts[look.title]} {look.title}" for look in LOOKS if counts[look.title])

    def _row(self, optimizer: str, batch_size: int) -> MapRow:
        return MapRow(
            optimizer=optimizer,
            batch_size=batch_size,
            look_at=lambda rate: _common(self._looks.get((optimizer, batch_size, rate), ())),
        )

    def _add(self, judged: Judged) -> None:
        probe = judged.outcome.probe
        if not probe.is_null:
            self._looks[_cell_of(probe)].append(look_of_judged(judged))


def look_of_judged(judged: Judged) -> Look:
    """The look of one probe."""
    verdict = judged.verdict.label if judged.verdict else None
    return look_of_probe({"verdict": verdict, "outcome": judged.outcome.kind})


def _cell_of(probe: Probe) -> tuple[str, int, float]:
    return probe.optimizer, probe.batch_size, probe.learning_rate


def _common(looks: Sequence[Look]) -> Look:
    """What most seeds of a cell say, the worse on a tie."""
    counts = Counter(look.glyph for look in looks)
    return min(looks, key=lambda look: (-counts[look.glyph], _WORSE_FIRST.index(look.glyph)), default=NOT_RUN)
