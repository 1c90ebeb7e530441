"""What a map says about its rows: edges, safe ranges and the recommendation."""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.probe import OutcomeKind
from sweeper.verdict import Label


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
class Place:
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
    place: Place | None = None
    """The rate at which half of the probes diverge; None where none did, and for the edge of learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeRange:
    """Learning rates that the map supports, both ends included."""

    low: float
    high: float

    def holds(self, rate: float) -> bool:
        """Whether a rate is in it."""
        return self.low <= rate <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One learning rate of a row, over all its seeds."""

    learning_rate: float
    label: Label | None
    """What most seeds say, the worse one on a tie; None when no probe of the cell has a curve."""
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
    """How likely a probe at this rate diverges, from all probes of the row; None when the row has no curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Everything that is said of one optimizer at one batch size."""

    optimizer: str
    batch_size: int
    cells: tuple[Cell, ...]
    """By ascending rate."""
    safe: SafeRange | None
    reason: str
    """How the safe range was found, or why there is none."""
    fastest_learning_rate: float | None
    """The rate that trains with the lowest loss after a probe, within the safe range or beyond its end."""
    recommended_learning_rate: float | None
    """The safest rate that is almost as fast as any in the safe range; None without one."""
    edges: tuple[Edge, ...]
    job_length: float
    """How many times as long as a probe the job is that the safe range is for; at least 1."""
    noise: float | None = None
    """Noise floor: robust standard deviation of the loss over batches with no update; None if not measured."""

    @property
    def failing_rate(self) -> float | None:
        """The lowest rate at which training fails; None where none was seen to."""
        return next((edge.high for edge in self.edges if edge.kind is EdgeKind.DIVERGES), None)

    @property
    def is_edge_limited(self) -> bool:
        """Whether the fastest rate lies beyond the end of the safe range."""
        return self.safe is not None and (self.fastest_learning_rate or 0.0) > self.safe.high

    def chance_at(self, rate: float) -> Chance | None:
        """How likely a probe at a rate diverges, at most: that of the next rate above it that was probed."""
        above = [cell for cell in self.cells if cell.learning_rate >= rate * (1 - 1e-5)]
        return above[0].diverges if above else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledRate:
    """The safe end at a batch size that was not probed."""

    batch_size: int
    end: Place


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


class Standing(StrEnum):
    """Where the script's own rate lies on the map."""

    SAFE = "safe"
    NEAR_EDGE = "near_edge"
    """It trained, but inside the margin below the first divergence."""
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSetting:
    """The script's own setting, placed on the map."""

    optimizer: str
    learning_rate: float | None
    batch_size: int
    standing: Standing
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The setting to start the long job with, or why there is none."""

    optimizer: str | None
    learning_rate: float | None
    batch_size: int | None
    safe: SafeRange | None
    reason: str
    script: ScriptSetting
    fastest_learning_rate: float | None = None
    """That of the recommended row."""
    diverges: Chance | None = None
    """How likely a probe at the recommended setting diverges, at most."""
    limit: str = ""
    """What keeps the fastest rate out of the safe range and what may help; empty when it lies within."""
