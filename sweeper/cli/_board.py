"""What a view knows of the run so far."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sweeper.cli._map import MapRow, raster_rows
from sweeper.events import Event, JobCaptured, ProbeDone
from sweeper.probe import Probe
from sweeper.report._looks import LOOKS, NOT_RUN, Look, badness, look_of_probe
from sweeper.space import Space
from sweeper.verdict import Judged


class Board:
    """The map as far as it is filled in, kept up to date by events."""

    def __init__(self) -> None:
        self.space: Space | None = None
        self.done = 0
        self.planned = 0
        self.seconds_left: float | None = None
        self._looks: defaultdict[tuple[str, int, float], list[Look]] = defaultdict(list)
        self._counts: Counter[str] = Counter()

    def take(self, event: Event) -> None:
        """Takes in what an event says."""
        match event:
            case JobCaptured():
                self.space, self.planned, self.done = event.space, event.planned, len(event.finished)
                self._looks.clear()
                self._counts.clear()
                for judged in event.finished:
                    self._add(judged)
            case ProbeDone():
                self.done, self.planned, self.seconds_left = event.done, event.planned, event.seconds_left
                self._add(event.judged)
            case _:
                pass

    def rows(self, *, width: int) -> tuple[tuple[MapRow, ...], tuple[float, ...]]:
        """The rows of the map and the rates of its columns, for lines of this many characters."""
        if self.space is None:
            return (), ()
        keys = [(choice.label, size) for choice in self.space.optimizers for size in self.space.batch_sizes]
        if self.space.resolution is None:
            return tuple(self._row(*key) for key in keys), self.space.learning_rates
        looks: dict[tuple[str, int], dict[float, Look]] = {key: {} for key in keys}
        for (optimizer, batch_size, rate), found in self._looks.items():
            looks[optimizer, batch_size][rate] = _common(found)
        return raster_rows(looks, resolution=self.space.resolution, width=width)

    def counts(self) -> Counter[str]:
        """How many probes had each look, by its title."""
        return self._counts

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
            look = look_of_judged(judged)
            self._counts[look.title] += 1
            if self.space is not None and self.space.holds(probe):
                self._looks[_cell_of(probe)].append(look)


def look_of_judged(judged: Judged) -> Look:
    """The look of one probe."""
    verdict = judged.verdict.label if judged.verdict else None
    return look_of_probe({"verdict": verdict, "outcome": judged.outcome.kind})


def _cell_of(probe: Probe) -> tuple[str, int, float]:
    return probe.optimizer, probe.batch_size, probe.learning_rate


def _common(looks: Sequence[Look]) -> Look:
    """What most seeds of a cell say, the worse on a tie."""
    counts = Counter(look.glyph for look in looks)
    return min(looks, key=lambda look: (-counts[look.glyph], badness(look)), default=NOT_RUN)
