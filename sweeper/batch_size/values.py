"""Values of a batch-size search: the memory limit, trials that ended, the fit of memory, and the advice.

Amounts are bytes unless a name says otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sweeper.memory import FitFacts, MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.trial import Speed, TrialExtras, TrialMeasured, TrialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLimit:
    """How much memory a training may take, and where that limit comes from."""

    limit_bytes: int
    kind: MemoryKind
    source: str
    """Where the number comes from, such as `--memory-limit` or `container (cgroup v2)`."""
    others: str = ""
    """Who else uses that memory, with how much; empty when nobody does or it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A finished memory trial."""

    number: int
    """1 for the first of a search."""
    request: TrialRequest
    measured: TrialMeasured
    extras: TrialExtras = field(default_factory=TrialExtras)
    seconds: float
    """Wall time, the start of the process included."""

    @property
    def passed(self) -> bool:
        """Whether every stage of the training went through within the limit."""
        return self.measured.kind is OutcomeKind.COMPLETED


VALLEY = 0.9
"""Below this share of the speed of others a size is slower than chance explains."""


def valleys(speeds: Iterable[Speed]) -> tuple[int, ...]:
    """The sizes that are slower than both a smaller and a larger one, ascending: other work slowed their steps down.

    Speed grows with the batch up to a point and may fall beyond it, but it hardly falls and grows again.
    """
    known = sorted(speeds, key=lambda speed: speed.batch_size)
    rates = [speed.samples_per_second for speed in known]
    return tuple(
        speed.batch_size
        for at, speed in enumerate(known)
        if rates[at] < VALLEY * min(max(rates[:at], default=0.0), max(rates[at + 1 :], default=0.0))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPoint:
    """Peak memory at one batch size, measured or estimated by the compiler."""

    batch_size: int
    peak_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFit:
    """Peak memory as a line: base + slope x batch size."""

    base_bytes: float
    bytes_per_sample: float
    points: tuple[MemoryPoint, ...]
    """By ascending batch size."""
    spread_bytes: float
    """Standard deviation of a measured peak around the line."""
    curved: bool
    """Whether the points bend away from one line; the line is then that of the two largest."""
    source: str
    """`measured`, or `compiled` where slope and bend come from the compiler and the base was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accumulation:
    """How to reach an effective batch size that does not fit at once."""

    effective_batch: int
    batch_size: int
    steps: int
    """`gradient_accumulation_steps` of the optimizer; 1 when the batch fits at once."""
    tried: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPrediction:
    """The batch size that would fit in another amount of memory: predicted, not tried."""

    limit_bytes: int
    batch_size: int | None
    """None when not even one sample is predicted to fit."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionComparison:
    """How a batch size does at the script's own precision and at another."""

    batch_size: int
    precision: str
    peak_bytes: int | None
    own_peak_bytes: int
    samples_per_second: float | None
    own_samples_per_second: float | None
    verdicts_same: int = 0
    """Rates that got the same verdict at both precisions."""
    verdicts_compared: int = 0
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryAdvice:
    """The batch size to use, and why."""

    largest_that_fits: int | None
    """The largest size that was tried and passed; None when no size did."""
    bound: str
    """What ends the search upwards: memory, the samples, `--max-batch-size`, or why the size is fixed."""
    knee: int | None
    """Smallest timed size with 95% of the best throughput; None when too few sizes were timed."""
    noise_scale: float | None
    """Gradient noise scale in samples; None when it could not be measured."""
    recommended: int | None
    reasons: tuple[str, ...]
    accumulation: Accumulation | None = None
    elsewhere: tuple[MemoryPrediction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryReport:
    """The report of a batch-size search."""

    limit: MemoryLimit
    headroom: float
    """Share of the limit that is to stay free."""
    facts: FitFacts
    trials: tuple[Trial, ...]
    fit: MemoryFit | None
    advice: MemoryAdvice
    precision: PrecisionComparison | None = None
