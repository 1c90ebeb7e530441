"""The results of a map: edges and stable ranges of its rows, and the recommendation."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sweeper.growth import Growth
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


class Measure(StrEnum):
    """The measure by which probes of different batch sizes are compared."""

    LOSS = "loss"
    """The training loss itself, which does not depend on the batch size."""
    PER_SAMPLE = "loss per sample"
    """The training loss divided by the batch size: it is a sum over the batch."""
    VALIDATION = "validation loss"
    """The validation loss: on equal samples in equal batches, whatever the batch size of the training."""
    NOTHING = "nothing"
    """None: the loss depends on the batch size in another way, and no validation loss is independent of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeReached:
    """The best setting of one batch size, with the loss that it reached in its probe."""

    batch_size: int
    optimizer: str
    learning_rate: float
    """The probed rate that stands for the recommended one."""
    loss: float | None
    """Its loss in the measure of the comparison; None where batch sizes are not compared."""
    steps: int
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How batch sizes compare on a map, and which does best."""

    measure: Measure
    why: str = ""
    """A sentence on why the measure is not the training loss itself; empty where it is."""
    growth: Growth = Growth.ALIKE
    """How the loss of the same weights changes with the batch size."""
    sizes: tuple[SizeReached, ...] = ()
    """By ascending loss; by ascending batch size where sizes are not compared."""
    sentence: str = ""
    """The comparison in words; empty with fewer than two sizes."""


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
        return _is_stable(self.fastest_learning_rate, self.safe)

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


def _is_stable(rate: float | None, stable: SafeRange | None) -> bool | None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledRate:
    """Where the stable range is expected to end at a batch size that was not probed."""

    batch_size: int
    end: RateEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How the end of an optimizer's stable range changes with the batch size."""

    optimizer: str
    exponent: float
    """The end of the stable range is proportional to the batch size to this power."""
    exponent_error: float
    expected: float
    """The exponent by rule of thumb, which the measured rows correct."""
    rows: int
    """Number of rows whose end was measured."""
    at: tuple[ScaledRate, ...]
    """By ascending batch size."""
    fits: bool = True
    """Whether the measured ends lie on one line, so that something can be said of sizes beyond them."""


class Standing(StrEnum):
    """Where the script's own rate lies on the map."""

    SAFE = "safe"
    """It is stable; whether it trains well is another question."""
    NEAR_EDGE = "near_edge"
    """It trains or may train, but above the stable range: close to where training fails, or where the loss jumps."""
    TOO_LOW = "too_low"
    """It stalls because the rate is low."""
    TOO_HIGH = "too_high"
    """It lies at or above the lowest rate that fails."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSetting:
    """How the script's own setting does on the map."""

    optimizer: str
    learning_rate: float | None
    batch_size: int
    standing: Standing
    sentence: str
    trains_well: bool | None = None
    """Whether its loss falls about as much as at the best stable rate of its row; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The setting to start the long job with, or why there is none."""

    optimizer: str | None
    learning_rate: float | None
    batch_size: int | None
    safe: SafeRange | None
    """The stable rates of its row."""
    reason: str
    script: ScriptSetting
    fastest_learning_rate: float | None = None
    """The fastest rate of the recommended row."""
    diverges: Chance | None = None
    """How likely a probe at the recommended setting diverges, at most."""
    limit: str = ""
    """What keeps the fastest rate out of the stable range and what may help; empty when it lies within."""
    well: SafeRange | None = None
    """The rates of its row that train well."""
    comparison: Comparison | None = None
    """How the batch sizes of the map compare; None with fewer than two that have a stable range."""

    @property
    def fastest_is_stable(self) -> bool | None:
        """Whether the fastest rate lies in the stable range; None without one."""
        return _is_stable(self.fastest_learning_rate, self.safe)
