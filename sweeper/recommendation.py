"""The recommendation of a map: where to start the long job, how batch sizes compare, how the script's own rate does."""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.growth import Growth
from sweeper.ranges import Chance, RateEstimate, SafeRange, is_stable


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
        return is_stable(self.fastest_learning_rate, self.safe)
