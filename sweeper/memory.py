"""Values of a batch-size search: trials of the script's own training, the memory fit through them, and the advice.

A trial is a fresh process that runs the script up to its fit call and then the script's own `Model.fit` for a few
steps at one batch size. Amounts are bytes unless a name says otherwise.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sweeper.job import Change
from sweeper.probes import OutcomeKind


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


class Goal(StrEnum):
    """What a trial is run for."""

    MEASURE = "measure"
    """To measure a size for the fit."""
    VERIFY = "verify"
    """To confirm that a size fits."""
    TRIAGE = "triage"
    """To explain a failure, at half its size: if that passes, memory was at fault; if not, the script."""
    ACCUMULATE = "accumulate"
    """To try a size with gradients accumulated over several steps."""
    PRECISION = "precision"
    """To measure a size at another precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """A memory trial to run."""

    batch_size: int
    goal: Goal
    accumulation: int = 1
    """Steps whose gradients are summed up before the weights change (`gradient_accumulation_steps`)."""
    precision: str | None = None
    """Global dtype policy that is set before the script builds its model; None leaves it to the script."""
    speed_sizes: tuple[int, ...] = ()
    """Sizes to time in the same process once the memory is measured; none is larger than `batch_size`."""
    noise_sizes: tuple[int, ...] = ()
    """Sizes at which to measure gradient norms, after the timing."""
    compile_sizes: tuple[int, ...] = ()
    """Sizes whose train step is only compiled, to learn its memory; only on the JAX backend."""


class Stage(StrEnum):
    """A stage of a memory trial; the last one that a failed trial reached says where it failed."""

    START = "start of the script"
    TRAINING = "training"
    VALIDATION = "validation"
    PARTIAL_BATCH = "last partial batch"
    LARGEST_SAMPLES = "batches of the largest samples"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Throughput of the script's own fit at one batch size."""

    batch_size: int
    samples_per_second: float
    """From the median time of a step after the first ones; of several readings the fastest."""
    readings: int = 1


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
class GradientNorms:
    """Summary of the gradient norms of several batches of one size at the same weights."""

    batch_size: int
    mean_square: float
    """Mean of the squared global norm."""
    batches: int
    loss: float | None = None
    """Mean loss of the same batches; None where it is not known or not finite."""
    loss_error: float = 0.0
    """Standard error of `loss`."""


def gradient_norms(batch_size: int, norms: Sequence[float], losses: Sequence[float]) -> GradientNorms:
    """Summarises the finite gradient norms, at least one, and losses of batches of one size at the same weights."""
    known = len(losses) > 1 and all(map(math.isfinite, losses))
    return GradientNorms(
        batch_size=batch_size,
        mean_square=statistics.fmean(norm**2 for norm in norms),
        batches=len(norms),
        loss=statistics.fmean(losses) if known else None,
        loss_error=statistics.stdev(losses) / len(losses) ** 0.5 if known else 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledSize:
    """Memory that one train step needs by the compiler's estimate, without running it."""

    batch_size: int
    step_bytes: int
    """Temporaries, arguments and outputs, less what they share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialMeasured:
    """Memory that a trial measured, and how it ended."""

    kind: OutcomeKind
    """`completed`: every stage was passed. `oom`: an error that says so. `error`: any other."""
    stage: Stage
    start_bytes: int
    """Memory in use when the fit call was reached."""
    peak_bytes: int | None
    """Highest use of the limited memory over the whole trial, the start of the script included."""
    steady_peak_bytes: int | None
    """Highest use after the first step, which traces and compiles; it grows linearly with the batch size."""
    host_peak_bytes: int | None
    """Highest resident memory of the process."""
    steps: int
    cause: str = ""
    """One sentence on why it did not complete; empty when it did."""
    log_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialExtras:
    """Speeds and gradient norms that a trial measured after its memory was known."""

    speeds: tuple[Speed, ...] = ()
    norms: tuple[GradientNorms, ...] = ()
    norms_after_steps: int = 0
    """Steps of training, at the script's own rate, before the norms were measured."""
    compiled: tuple[CompiledSize, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A finished memory trial."""

    number: int
    """1 for the first of a search."""
    request: TrialRequest
    measured: TrialMeasured
    extras: TrialExtras = TrialExtras()
    seconds: float
    """Wall time, the start of the process included."""

    @property
    def passed(self) -> bool:
        """Whether every stage of the training went through within the limit."""
        return self.measured.kind is OutcomeKind.COMPLETED


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
