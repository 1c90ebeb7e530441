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
class Edge:
    """The learning rate at which verdicts change along one row."""

    kind: EdgeKind
    low: float | None
    """The last rate probed below the change; None when the change lies below all probed rates."""
    high: float | None
    """The first rate probed above it; None when the change lies above all probed rates."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeRange:
    """Learning rates that the map supports, both ends included."""

    low: float
    high: float


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
    """Median over seeds of the smoothed final training loss; None when it is not finite."""
    score_error: float | None = None
    """Standard error of `score` from the noise of single batches; None without a score."""


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
    recommended_learning_rate: float | None
    edges: tuple[Edge, ...]
    noise: float | None = None
    """Noise floor: robust standard deviation of the loss over batches with no update; None if not measured."""


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
