"""What a view knows of the run so far."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sweeper.cli._map import MapRow, raster_rows
from sweeper.events import Event, JobCaptured, ProbeDone
from sweeper.probes import OutcomeKind
from sweeper.reporting import LOOKS, NOT_RUN, Look, look_of
from sweeper.rows import JudgedRow, judged_row
from sweeper.space import Space
from sweeper.verdict import Judged, Verdict


class Board:
    """The map as far as it is filled in, kept up to date by events."""

    def __init__(self) -> None:
        self.space: Space | None = None
        self.done = 0
        self.planned = 0
        self.seconds_left: float | None = None
        self._rows: defaultdict[tuple[str, int], list[Judged]] = defaultdict(list)
        """Optimizer and batch size -> the finished probes of the map."""
        self._others: defaultdict[tuple[str, int], list[Judged]] = defaultdict(list)
        """Those that follow it."""

    def take(self, event: Event) -> None:
        """Takes in what an event says."""
        match event:
            case JobCaptured():
                self.space, self.planned, self.done = event.space, event.planned, len(event.finished)
                self._rows.clear()
                self._others.clear()
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
        return raster_rows({key: self._looks(*key) for key in keys}, resolution=self.space.resolution, width=width)

    def counts(self) -> Counter[str]:
        """How many probes had each look, by its title."""
        rows = (*self._rows.values(), *self._others.values())
        return Counter(look.title for row in rows for look in _probe_looks(row))

    def summary(self) -> str:
        """The counts in words: `7 healthy, 3 diverged`."""
        counts = self.counts()
        return ", ".join(f"{counts[look.title]} {look.title}" for look in LOOKS if counts[look.title])

    def _row(self, optimizer: str, batch_size: int) -> MapRow:
        looks = self._looks(optimizer, batch_size)
        return MapRow(optimizer=optimizer, batch_size=batch_size, look_at=lambda rate: looks.get(rate, NOT_RUN))

    def _looks(self, optimizer: str, batch_size: int) -> dict[float, Look]:
        """What most seeds of each rate of a row say, the worse on a tie."""
        row = judged_row(optimizer, batch_size, self._rows.get((optimizer, batch_size), ()))
        return {cell.learning_rate: _look(row, cell.learning_rate, cell.verdict, cell.ended) for cell in row.cells}

    def _add(self, judged: Judged) -> None:
        probe = judged.outcome.probe
        if not probe.is_null:
            on_map = self.space is not None and self.space.holds(probe)
            rows = self._rows if on_map else self._others
            rows[probe.optimizer, probe.batch_size].append(judged)


def look_of_judged(judged: Judged) -> Look:
    """The look of one probe by itself."""
    return next(_probe_looks([judged]))


def _probe_looks(judged: Sequence[Judged]) -> Iterator[Look]:
    """The look of each of some probes of one row; there must be one."""
    probe = judged[0].outcome.probe
    row = judged_row(probe.optimizer, probe.batch_size, judged)
    for one in judged:
        yield _look(row, one.outcome.probe.learning_rate, one.verdict, one.outcome.kind)


def _look(row: JudgedRow, rate: float, verdict: Verdict | None, ended: OutcomeKind | None) -> Look:
    return look_of(None if verdict is None else row.called(verdict, rate), ended)
