"""Values of a batch-size search: the memory limit, the fit of memory against batch size, and the advice.

Amounts are bytes unless a name says otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.job import Change
from sweeper.trial import Trial


class MemoryKind(StrEnum):
    """Which memory limits the batch size."""

    HOST = "host"
    """The resident memory of the process, where training on a CPU keeps its data."""
    DEVICE = "device"
    """The accelerator's own memory."""


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
class FitFacts:
    """Facts about a fit call and its memory, known before anything is trained."""

    fit_site: str
    """`file:line` of the fit call, the file as the person would name it."""
    model: str
    """Name and class of the model."""
    parameters: int
    optimizer: str
    """Class name."""
    batch_size: int
    """Samples a step at the fit site."""
    batch_size_fixed: str = ""
    """Why the batch size cannot be varied; empty when it can."""
    samples: int | None
    """Samples that the script trains on; None when unknown (an endless pipeline)."""
    data: str
    """What kind of data it trains on, such as `arrays` or `tf.data pipeline`."""
    largest_sample: str = ""
    """How the largest samples were found, where samples differ in size; empty when they do not."""
    sample_bytes: int
    """Bytes of the largest sample."""
    weight_bytes: int
    gradient_bytes: int
    slot_bytes: int
    """Variables of the script's optimizer."""
    activation_bytes: int
    """Outputs of all layers for one sample; 0 when the model does not tell its shapes."""
    backend: str
    device: str
    """`cpu` or `gpu`."""
    device_limit_bytes: int | None = None
    """Memory that the backend may take of the device, where it tells."""
    xla: bool
    """Whether the train step is compiled by XLA."""
    precision: str
    """Global dtype policy at the fit call."""
    changes: tuple[Change, ...] = ()
    """What trials do differently from the script."""


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
