"""What a view knows of the run so far."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from sweeper.cli._map import MapRow, raster_rows
from sweeper.events import Event, JobCaptured, ProbeDone
from sweeper.ranges import TRAINABLE, called
from sweeper.report._looks import LOOKS, NOT_RUN, Look, badness, look_of_probe
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
        self._others: list[Judged] = []
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
        looks = {key: _row_looks(self._rows.get(key, ())) for key in keys}
        return raster_rows(looks, resolution=self.space.resolution, width=width)

    def counts(self) -> Counter[str]:
        """How many probes had each look, by its title."""
        rows = (*self._rows.values(), self._others)
        return Counter(look.title for row in rows for _, look in _looks(row))

    def summary(self) -> str:
        """The counts in words: `7 healthy, 3 diverged`."""
        counts = self.counts()
        return ", ".join(f"{counts[look.title]} {look.title}" for look in LOOKS if counts[look.title])

    def _row(self, optimizer: str, batch_size: int) -> MapRow:
        looks = _row_looks(self._rows.get((optimizer, batch_size), ()))
        return MapRow(optimizer=optimizer, batch_size=batch_size, look_at=lambda rate: looks.get(rate, NOT_RUN))

    def _add(self, judged: Judged) -> None:
        probe = judged.outcome.probe
        if not probe.is_null:
            on_map = self.space is not None and self.space.holds(probe)
            row = self._rows[probe.optimizer, probe.batch_size] if on_map else self._others
            row.append(judged)


def look_of_judged(judged: Judged) -> Look:
    """The look of one probe by itself."""
    return next(look for _, look in _looks([judged]))


def _looks(row: Sequence[Judged]) -> Iterator[tuple[float, Look]]:
    """Rate and look of each probe of a row."""
    trains, fails = _rates(row, _trains), min(_rates(row, _fails), default=None)
    for judged in row:
        verdict, rate = judged.verdict, judged.outcome.probe.learning_rate
        label = verdict and called(verdict, rate, trains=trains, fails=fails)
        yield rate, look_of_probe({"label": label, "outcome": judged.outcome.kind})


def _row_looks(row: Sequence[Judged]) -> dict[float, Look]:
    """What most seeds of each rate of a row say, the worse on a tie."""
    found: defaultdict[float, list[Look]] = defaultdict(list)
    for rate, look in _looks(row):
        found[rate].append(look)
    return {rate: _common(looks) for rate, looks in found.items()}


def _rates(row: Sequence[Judged], holds: Callable[[Verdict], bool]) -> set[float]:
    return {one.outcome.probe.learning_rate for one in row if one.verdict is not None and holds(one.verdict)}


def _trains(verdict: Verdict) -> bool:
    return verdict.label in TRAINABLE


def _fails(verdict: Verdict) -> bool:
    return verdict.is_failure


def _common(looks: Sequence[Look]) -> Look:
    counts = Counter(look.glyph for look in looks)
    return min(looks, key=lambda look: (-counts[look.glyph], badness(look)))
