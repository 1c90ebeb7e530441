"""Values of a memory trial: what it is asked for, and what it measured.

A trial is a fresh process that runs the script up to its fit call and then the script's own `Model.fit` for a few
steps at one batch size. Amounts are bytes unless a name says otherwise.
"""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.noise import GradientNorms
from sweeper.probes import OutcomeKind


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
