"""What a map says about its rows: edges, safe ranges and the recommendation."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sweeper.growth import Growth
from sweeper.probes import OutcomeKind
from sweeper.verdict import BROKEN, Label, Verdict

TRAINABLE = frozenset({Label.HEALTHY, Label.OVERFIT})
"""Labels of rates that train. An overfit curve is stable: it needs fewer passes or more data, not another rate."""
SLOW = frozenset({"too_slow", "flat"})
"""Codes of stalled curves that a higher rate may wake: the loss falls too slowly, or no fall of it can be seen yet."""
SAME_RATE = 1e-5
"""Rates are kept with six digits; closer ones than this share are the same."""


class CellLabel(StrEnum):
    """What a rate is called on a map: the verdict on its curves, and what the rest of its row makes of it."""

    HEALTHY = "healthy"
    UNRELIABLE = "unreliable"
    """It trained, but by all probes of the row a probe at this rate more probably fails."""
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
    """A learning rate with its 90% interval."""

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
    """The first rate probed above it; None when the change lies above all probed rates."""
    sentence: str
    place: RateEstimate | None = None
    """The rate at which half of the probes diverge; None where none did, and for the edge of learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeRange:
    """An interval of learning rates, both ends included."""

    low: float
    high: float

    def holds(self, rate: float) -> bool:
        """Whether a rate is in it."""
        return self.low * (1 - SAME_RATE) <= rate <= self.high * (1 + SAME_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One learning rate of a row, over all its seeds."""

    learning_rate: float
    label: Label | None
    """The verdict of most seeds, the worse one on a tie; None when no probe of the cell has a curve."""
    agreeing: int
    """Probes with that label."""
    judged: int
    """Probes with a curve."""
    failed: OutcomeKind | None = None
    """How the probes ended when none has a curve."""
    score: float | None = None
    """Median of the smoothed final training loss, over the seeds that all rates of the row have; None if not finite."""
    score_error: float | None = None
    """Standard error of `score` from the noise of single batches; None without a score."""
    diverges: Chance | None = None
    """How likely a probe at this rate diverges or breaks, from all probes of the row; None when it has no curve."""
    called: CellLabel | None = None
    """What the map calls it: `label`, with what its row makes of it; None when no probe of the cell has a curve."""
    jumps: bool = False
    """Whether the loss of a seed jumped above its start before it fell."""
    compared: float | None = None
    """What it is compared by with cells of other batch sizes (`Comparison`); None where it cannot be."""
    compared_error: float | None = None
    """Standard error of that."""


class Measure(StrEnum):
    """By what probes of different batch sizes compare."""

    LOSS = "loss"
    """The training loss itself, which does not depend on the batch size."""
    PER_SAMPLE = "loss per sample"
    """The training loss divided by the batch size: it is a sum over the batch."""
    VALIDATION = "validation loss"
    """The validation loss: on equal samples in equal batches, whatever the batch size of the training."""
    NOTHING = "nothing"
    """The loss depends on the batch size in another way, and there is no validation loss that does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeReached:
    """What the recommended setting of one batch size reached in its probe."""

    batch_size: int
    optimizer: str
    learning_rate: float
    """The probed rate that stands for the recommended one."""
    loss: float | None
    """What it is compared by; None where batch sizes do not compare."""
    steps: int
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How batch sizes compare on a map, and which does best."""

    measure: Measure
    why: str = ""
    """Why it is not the training loss itself, as a sentence; empty where it is."""
    growth: Growth = Growth.ALIKE
    """What the loss of the same weights does as batches get larger."""
    sizes: tuple[SizeReached, ...] = ()
    """By ascending loss; by ascending batch size where they do not compare."""
    sentence: str = ""
    """The comparison in words; empty with fewer than two sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Everything that is said of one optimizer at one batch size."""

    optimizer: str
    batch_size: int
    cells: tuple[Cell, ...]
    """By ascending rate."""
    safe: SafeRange | None
    """The stable rates: they train in a probe, and are not expected to diverge in the long job."""
    reason: str
    """How the stable range was found, or why there is none."""
    fastest_learning_rate: float | None
    """The rate that trains with the lowest loss after a probe, within the safe range or beyond its end."""
    recommended_learning_rate: float | None
    """The lowest rate that is almost as fast as any stable one, or the script's own where that does as well."""
    edges: tuple[Edge, ...]
    job_length: float
    """How many times as long as a probe the job is that the safe range is for; at least 1."""
    noise: float | None = None
    """Noise floor: robust standard deviation of the loss over batches with no update; None if not measured."""
    well: SafeRange | None = None
    """The part of the stable range in which the loss falls about as fast as at its best rate; None without one."""
    fails_anyhow: bool = False
    """Whether every rate fails, and for another reason than its rate."""

    @property
    def failing_rate(self) -> float | None:
        """The lowest rate at which training fails; None where none was seen to."""
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
        """How likely a probe at a rate diverges, at most: that of the next rate above it that was probed."""
        above = [cell for cell in self.cells if cell.learning_rate >= rate * (1 - SAME_RATE)]
        return above[0].diverges if above else None

    def cell_at(self, rate: float) -> Cell | None:
        """The cell of a rate; None where it was not probed."""
        same = (cell for cell in self.cells if abs(cell.learning_rate / rate - 1) <= SAME_RATE)
        return next(same, None)


def _is_stable(rate: float | None, stable: SafeRange | None) -> bool | None:
    return None if rate is None else stable is not None and stable.holds(rate)


def called(verdict: Verdict, rate: float, *, trains: Collection[float], fails: float | None) -> CellLabel:
    """What a map calls a curve at a rate.

    A curve that stalled says by itself whether the loss jumped before. Else its row tells: below all rates that train
    it was too slow, above them broken. Between them, and where none trains, the rule that found it decides; but above a
    rate that fails none is called too slow.

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
    """The safe end at a batch size that was not probed."""

    batch_size: int
    end: RateEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How the safe end of one optimizer moves with the batch size."""

    optimizer: str
    exponent: float
    """The safe end goes as the batch size to this power."""
    exponent_error: float
    expected: float
    """The exponent of the rule of thumb, from which the measured rows move it."""
    rows: int
    """Rows whose safe end was measured."""
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
    """It stalls because it is low."""
    TOO_HIGH = "too_high"
    """It lies at or above the lowest rate that fails."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSetting:
    """The script's own setting, placed on the map."""

    optimizer: str
    learning_rate: float | None
    batch_size: int
    standing: Standing
    sentence: str
    trains_well: bool | None = None
    """Whether it makes about as much as the best stable rate of its row; None where that is not known."""


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
    """That of the recommended row."""
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
