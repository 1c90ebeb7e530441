"""The results of a map: the rows with their cells, edges and stable ranges."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sweeper.probes import OutcomeKind
from sweeper.verdict import BROKEN, Label, Verdict

TRAINABLE = frozenset({Label.HEALTHY, Label.OVERFIT})
"""Labels of rates that train. An overfit curve is stable: it needs fewer passes or more data, not another rate."""
SLOW = frozenset({"too_slow", "flat"})
"""Codes of stalled curves that may train at a higher rate: the loss falls too slowly, or not visibly yet."""
SAME_RATE = 1e-5
"""Relative difference below which two rates are equal, as rates are kept with six digits."""


class CellLabel(StrEnum):
    """The label of a rate on a map: the verdict on its curves, read together with the rest of its row."""

    HEALTHY = "healthy"
    UNRELIABLE = "unreliable"
    """It trained, but by all probes of its row another probe at this rate would more probably fail."""
    OVERFIT = "overfit"
    TOO_SLOW = "too_slow"
    """It stalled because the rate is low."""
    BROKEN = "broken"
    """It stalled because the rate is high: training broke and came to rest."""
    NO_PROGRESS = "no_progress"
    """It stalled, and nothing on the row says whether the rate is the reason."""
    DIVERGED = "diverged"
    INCONCLUSIVE = "inconclusive"


class EdgeKind(StrEnum):
    """Which change of verdict an edge marks, from low rates to high ones."""

    LEARNS = "learns"
    """Below it training is stalled."""
    DIVERGES = "diverges"
    """Above it training diverges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """A probability with its 90% interval."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """An estimated learning rate with its 90% interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The learning rate at which verdicts change along one row."""

    kind: EdgeKind
    low: float | None
    """The last rate probed below the change; None when the change lies below all probed rates."""
    high: float | None
    """The first rate probed above the change; None when the change lies above all probed rates."""
    sentence: str
    place: RateEstimate | None = None
    """The rate at which half of the probes diverge; None where none did, and for the edge of learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeRange:
    """An interval of learning rates, both ends included."""

    low: float
    high: float

    def holds(self, rate: float) -> bool:
        """Whether a rate lies in the range, both ends included."""
        return self.low * (1 - SAME_RATE) <= rate <= self.high * (1 + SAME_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One learning rate of a row, over all its seeds."""

    learning_rate: float
    label: Label | None
    """The verdict of most seeds, the worse one on a tie; None when no probe of the cell has a curve."""
    agreeing: int
    """Number of probes with that label."""
    judged: int
    """Number of probes with a curve."""
    failed: OutcomeKind | None = None
    """How the probes ended when none has a curve."""
    score: float | None = None
    """Median of the smoothed final training loss, over the seeds that all rates of the row have; None if not finite."""
    score_error: float | None = None
    """Standard error of `score` from the noise of single batches; None without a score."""
    diverges: Chance | None = None
    """How likely a probe at this rate diverges or breaks, from all probes of the row; None when it has no curve."""
    called: CellLabel | None = None
    """Label on the map: `label` read together with its row; None when no probe of the cell has a curve."""
    jumps: bool = False
    """Whether the loss of a seed jumped above its start before it fell."""
    compared: float | None = None
    """The value to compare with cells of other batch sizes (see `Comparison`); None where there is none."""
    compared_error: float | None = None
    """Standard error of `compared`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The results of one optimizer at one batch size."""

    optimizer: str
    batch_size: int
    cells: tuple[Cell, ...]
    """By ascending rate."""
    safe: SafeRange | None
    """The stable rates: they train in a probe, and are not expected to diverge in the long job."""
    reason: str
    """How the stable range was found, or why there is none."""
    fastest_learning_rate: float | None
    """The rate with the lowest loss after a probe, within the stable range or beyond its end."""
    recommended_learning_rate: float | None
    """The lowest rate that is almost as fast as any stable one, or the script's own where that does as well."""
    edges: tuple[Edge, ...]
    job_length: float
    """Length of the job that the stable range is for, in probes; at least 1."""
    noise: float | None = None
    """Noise floor: robust standard deviation of the loss over batches with no update; None if not measured."""
    well: SafeRange | None = None
    """The part of the stable range in which the loss falls about as fast as at its best rate; None without one."""
    fails_anyhow: bool = False
    """Whether every rate fails, and for another reason than its rate."""

    @property
    def failing_rate(self) -> float | None:
        """The lowest rate at which training fails; None where it fails at none."""
        return next((edge.high for edge in self.edges if edge.kind is EdgeKind.DIVERGES), None)

    @property
    def trains(self) -> tuple[float, ...]:
        """The rates at which most seeds train."""
        return tuple(cell.learning_rate for cell in self.cells if cell.label in TRAINABLE)

    @property
    def fastest_is_stable(self) -> bool | None:
        """Whether the fastest rate lies in the stable range; None without one."""
        return is_stable(self.fastest_learning_rate, self.safe)

    @property
    def is_edge_limited(self) -> bool:
        """Whether the fastest rate lies beyond the end of the stable range."""
        return self.safe is not None and (self.fastest_learning_rate or 0.0) > self.safe.high

    def chance_at(self, rate: float) -> Chance | None:
        """An upper limit of the chance that a probe at a rate diverges: that of the next probed rate above it."""
        above = [cell for cell in self.cells if cell.learning_rate >= rate * (1 - SAME_RATE)]
        return above[0].diverges if above else None

    def cell_at(self, rate: float) -> Cell | None:
        """The cell of a rate; None where it was not probed."""
        same = (cell for cell in self.cells if abs(cell.learning_rate / rate - 1) <= SAME_RATE)
        return next(same, None)


def is_stable(rate: float | None, stable: SafeRange | None) -> bool | None:
    """Whether a rate lies in a stable range, where there is one to lie in; None without a rate."""
    return None if rate is None else stable is not None and stable.holds(rate)


def called(verdict: Verdict, rate: float, *, trains: Collection[float], fails: float | None) -> CellLabel:
    """The label that a map gives to a curve at a rate.

    A stalled curve whose loss jumped is broken. Otherwise its row decides: below all rates that train it is too slow,
    above them broken. Between them, and where none trains, the rule that found it decides; but above a rate that fails
    none is called too slow.

    Args:
        verdict: What is said of the curve.
        rate: Its learning rate.
        trains: The rates of its row that train.
        fails: The lowest rate of its row that fails; None without one.
    """
    if verdict.label is not Label.STALLED:
        return CellLabel(verdict.label)
    code = verdict.evidence[0].code
    below, above = any(other < rate for other in trains), any(other > rate for other in trains)
    failed = fails is not None and rate >= fails
    if code == BROKEN or ((below or failed) and not above):
        return CellLabel.BROKEN
    if code in SLOW or (not below and above):
        return CellLabel.NO_PROGRESS if failed else CellLabel.TOO_SLOW
    return CellLabel.BROKEN if below else CellLabel.NO_PROGRESS
