"""The axes of a run, and each of its probes."""

from typing import Annotated, TypeAlias

from pydantic import WithJsonSchema

from sweeper.curve import StopReason
from sweeper.followup import Purpose
from sweeper.probes import OutcomeKind
from sweeper.ranges import CellLabel
from sweeper.results._base import Amount, Count, Measured, Options, Part, Rate, Size
from sweeper.verdict import Label

_OF_CURVES = [label.value for label in CellLabel if label is not CellLabel.UNRELIABLE]
CurveLabel: TypeAlias = Annotated[CellLabel, WithJsonSchema({"enum": _OF_CURVES})]
"""What the map calls a curve; only cells of several probes are unreliable."""


class Optimizer(Part):
    """One entry of the optimizer axis."""

    label: str
    """Its name in probes and rows; `script` is the script's own."""
    name: str
    """`script`, or the name of a Keras optimizer."""
    options: Options
    """Its settings other than the rate; of `script` those that replace the script's."""
    warmup_steps: Count
    """Steps over which the rate of a probe rises to the one that it is named by; 0 without a warm-up."""


class Space(Part):
    """The axes of the map and the length of its probes."""

    optimizers: tuple[Optimizer, ...]
    """The optimizer axis."""
    learning_rates: tuple[Rate, ...]
    """Ascending: the rates of a grid, or the two ends between which a boundary search began. Each row has its own rates
    in its cells."""
    resolution: Measured
    """Decades of the learning rate to which edges were searched; null for a grid."""
    batch_sizes: tuple[Size, ...]
    """The batch size axis, ascending."""
    seeds: tuple[int, ...]
    """Seeds of each cell."""
    steps: tuple[Size, ...]
    """Updates of a probe, one number for each batch size."""


class Evidence(Part):
    """One measurement that a verdict rests on."""

    code: str
    """Stable name of the rule."""
    measured: Measured
    """What was measured; null when it was not finite."""
    threshold: Measured
    """What it was compared with, in the same unit; null when it was not finite."""
    step: int | None
    """The step at which it was seen, where there is one."""
    sentence: str
    """The same in words, with its numbers."""


class Probe(Part):
    """One short training."""

    id: str
    """Unique in the run; also the name of its file."""
    purpose: Purpose | None
    """What it is for: the map, or what follows it; null when nothing asks for it any more, after a change of
    sweeper."""
    optimizer: str
    """Label of an entry of the optimizer axis."""
    learning_rate: Amount
    """Constant rate; 0 is a probe without updates, which measures the noise of the loss."""
    batch_size: Size
    """Samples in each step."""
    seed: int
    """Fixes the order of the samples, every random number and, other than 0, the initial weights."""
    steps: Size
    """Updates that were planned."""
    outcome: OutcomeKind
    """How its process ended; it says nothing about how the curve looks."""
    cause: str
    """Why it did not complete; empty when it did."""
    log_tail: str
    """The last lines that its worker printed, when it did not complete."""
    label: CurveLabel | None
    """What the map calls its curve: the verdict, with the three kinds of `stalled` told apart as in cells; null where
    `verdict` is."""
    verdict: Label | None
    """How its curve looks; null without a curve, and for a probe without updates."""
    evidence: tuple[Evidence, ...]
    """What the verdict rests on, the deciding measurement first."""
    final_loss: Measured
    """Training loss at its end: the median of the last tenth of its steps, which verdicts and scores use; null when one
    of them was not finite or there is none."""
    last_loss: Measured
    """Training loss of its last batch alone; null when it was not finite or there is none."""
    steps_run: Count
    """Steps that ran."""
    stopped_early: StopReason | None
    """Why it ended before its last step, if nothing more could be learned."""
    first_nonfinite_loss: int | None
    """First step whose loss was NaN or infinite."""
    first_nonfinite_weight: int | None
    """First step after which a weight was NaN or infinite."""
    seconds: Amount
    """Wall time in its worker."""
    samples_per_second: Measured
    """Median speed after the first steps; null when too few ran."""
    peak_memory_bytes: int | None
    """Peak of the device's allocator where there is one, else of the worker process."""
    curve: str | None
    """File in the run directory with every loss of the probe; null without a curve."""
