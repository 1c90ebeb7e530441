"""What a search for the batch size found."""

from pydantic import Field

from sweeper.memory import MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.results._base import Amount, Count, Measured, Number, Part, Share, Size
from sweeper.results._job import Change
from sweeper.trial import Goal, Stage


class MemoryPoint(Part):
    """One point of the fit."""

    batch_size: Size
    """Samples in each step."""
    peak_bytes: Count
    """Highest use of memory after the first step, measured or told by the compiler."""


class MemoryBand(Part):
    """What the fit predicts at one batch size."""

    batch_size: Size
    """Samples in each step."""
    peak_bytes: Number
    """The prediction."""
    low_bytes: Number
    """Lower end of what is likely."""
    high_bytes: Number
    """Upper end; the search goes by this one."""


class MemoryFit(Part):
    """Peak memory as a line: base + slope x batch size."""

    base_bytes: Number
    """What is used whatever the batch size."""
    bytes_per_sample: Number
    """What each further sample in a step takes."""
    spread_bytes: Amount
    """Standard deviation of a measured peak around the line."""
    curved: bool
    """Whether the points bend away from one line; the line is then that of the two largest."""
    source: str
    """`measured`, or `compiled` where the slope comes from the compiler and only the base was measured."""
    band: tuple[MemoryBand, ...]
    """The line with its uncertainty, by ascending batch size."""


class Trial(Part):
    """A few steps of the script's own fit at one batch size, in a process of its own."""

    number: Size
    """1 for the first."""
    batch_size: Size
    """Samples in each step."""
    goal: Goal
    """`measure`: a small size, for the fit. `verify`: the size that shall be called fitting. `triage`: half of a size
    that failed, to tell memory from an error of the script. `accumulate`: with gradients accumulated. `precision`: at
    another precision."""
    accumulation: Size
    """Steps whose gradients are summed up before the weights change."""
    precision: str | None
    """Dtype policy that was set; null for the script's own."""
    outcome: OutcomeKind
    """How it ended. `completed`: every stage passed within the limit."""
    stage: Stage
    """How far it came, or where it failed."""
    peak_bytes: Count | None
    """Highest use of the limited memory, the start of the script included; null when unknown."""
    steady_peak_bytes: Count | None
    """Highest use after the first step, which traces and compiles; null when unknown."""
    host_peak_bytes: Count | None
    """Highest resident memory of the process; null when unknown."""
    start_bytes: Count
    """Memory in use when the fit call was reached."""
    steps: Count
    """Steps that ran."""
    samples_per_second: Measured
    """Speed at this batch size, from the median time of a step; null when it was not timed."""
    seconds: Amount
    """Wall time, the start of the process included."""
    cause: str
    """Why it did not complete; empty when it did."""
    log_tail: str
    """The last lines that it printed, when it did not complete."""


class Speed(Part):
    """Speed of the script's own fit at one batch size."""

    batch_size: Size
    """Samples in each step."""
    samples_per_second: Amount
    """From the median time of a step after the first ones; the fastest reading when there are several."""


class Estimate(Part):
    """Parts of the memory that are known without training."""

    weight_bytes: Count
    """Weights of the model."""
    gradient_bytes: Count
    """Gradients of the weights that train."""
    slot_bytes: Count
    """Variables of the script's optimizer."""
    activation_bytes_per_sample: Count = Field(validation_alias="activation_bytes")
    """Outputs of all layers for one sample; 0 when the model does not tell its shapes."""
    sample_bytes: Count
    """The largest sample itself."""


class Accumulation(Part):
    """How to reach an effective batch that does not fit at once."""

    effective_batch: Size
    """Samples for each change of the weights."""
    batch_size: Size
    """Samples in each step."""
    steps: Size
    """`gradient_accumulation_steps` of the optimizer; 1 when the batch fits at once."""
    tried: bool
    """Whether a trial passed with exactly this."""
    sentence: str
    """The same in words."""


class Elsewhere(Part):
    """What would fit in another amount of memory: predicted from the fit, not tried."""

    limit_bytes: Count
    """The other amount of memory."""
    batch_size: Size | None
    """Largest batch size that is predicted to fit; null when not even one sample is."""
    sentence: str
    """The same in words."""


class Precision(Part):
    """The same batch size at the script's own precision and at another."""

    batch_size: Size
    """Samples in each step."""
    precision: str
    """The other dtype policy."""
    peak_bytes: Count | None
    """Peak memory there; null when it did not run."""
    own_peak_bytes: Count
    """Peak memory at the script's own precision, by the fit where that size had no trial of its own."""
    samples_per_second: Measured
    """Speed there; null when it was not timed."""
    own_samples_per_second: Measured
    """Speed at the script's own precision; null when it was not timed."""
    verdicts_same: Count
    """Learning rates that got the same verdict at both."""
    verdicts_compared: Count
    """Learning rates that were probed at both."""
    sentence: str
    """The same in words."""


class Memory(Part):
    """What a search for the batch size found. Amounts are bytes."""

    limit_bytes: Count
    """Memory that a training may take."""
    limit_source: str
    """Where that number comes from, such as `--memory-limit` or a container."""
    limit_kind: MemoryKind
    """`host`: the resident memory of the process, which training on a CPU fills. `device`: the memory of the
    accelerator."""
    others: str
    """Who else uses that memory, with how much; empty when nobody does or it is not known."""
    headroom: Share
    """Part of the limit that shall stay free."""
    largest_that_fits: Size | None
    """Largest batch size that was tried and passed every stage; null when none did."""
    bound: str
    """What ends the search upwards: memory, the samples, `--max-batch-size`, why the batch size is fixed, or that the
    search was stopped."""
    knee: Size | None
    """Smallest timed batch size with 95% of the best speed; null when too few were timed."""
    noise_scale: Measured
    """Gradient noise scale in samples: batches much above it bring little more for each sample; null when it could not
    be measured."""
    recommended: Size | None
    """The batch size to use; null when none can be recommended. It is always one that trained here, in a trial or timed
    within one."""
    reasons: tuple[str, ...]
    """Why that one, a sentence each; the last says what decided."""
    points: tuple[MemoryPoint, ...]
    """Peaks that the fit goes through, by ascending batch size; without a fit, those that were measured."""
    fit: MemoryFit | None
    """Memory against batch size; null when it could not be fitted."""
    trials: tuple[Trial, ...]
    """Every trial, in the order in which they ran."""
    speeds: tuple[Speed, ...]
    """Speed at each batch size that was timed, ascending."""
    accumulation: Accumulation | None
    """How to reach a larger effective batch; null when none was asked for."""
    elsewhere: tuple[Elsewhere, ...]
    """What is predicted to fit in other amounts of memory."""
    precision: Precision | None
    """The same batch size at another precision; null when none was compared."""
    fit_site: str
    """`file:line` of the fit call."""
    model: str
    """Name and class of the model."""
    parameters: Count
    """Numbers in the weights of the model."""
    optimizer: str
    """Class of the script's optimizer."""
    own_batch_size: Size
    """Samples in each step at the fit call."""
    own_precision: str
    """Keras's global dtype policy at the fit call."""
    batch_size_fixed: str
    """Why the batch size could not be varied; empty when it could."""
    samples: Count | None
    """Samples that the script trains on; null when unknown."""
    data: str
    """What kind of data it trains on, such as `arrays` or `tf.data pipeline`."""
    largest_sample: str
    """How the largest samples were found, where samples differ in size; empty when they do not."""
    backend: str
    """`tensorflow`, `jax` or `torch`."""
    device: str
    """`cpu` or `gpu`."""
    xla: bool
    """Whether the train step is compiled by XLA."""
    estimate: Estimate
    """What parts of the memory are known without training."""
    changes: tuple[Change, ...]
    """What trials did differently from the script."""
