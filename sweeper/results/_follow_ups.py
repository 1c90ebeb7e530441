"""What the probes after a complete map showed."""

from typing import Literal

from pydantic import Field

from sweeper.followup import OverfitAnswer, Purpose
from sweeper.results._base import Measured, Part
from sweeper.results._rows import Row
from sweeper.verdict import Label


class Overfit(Part):
    """Whether the recommended setting overfits, from one long training at it."""

    answer: OverfitAnswer
    """`yes`: the validation loss rises while the training loss falls on. `no`: it does not, within the passes that were
    made. `unknown`: it could not be judged."""
    sentence: str
    """The answer with its numbers and what to do, or why it is not known."""
    optimizer: str | None
    """Label of an entry of the optimizer axis; null when nothing was to be trained."""
    learning_rate: Measured
    """The recommended rate; null when nothing was to be trained."""
    batch_size: int | None
    """Samples in each step; null when nothing was to be trained."""
    probe: str | None
    """Id of the probe; null before it has ended."""
    verdict: Label | None
    """How its curve looks; null without a curve."""
    steps: int | None
    """Updates that were planned; null when nothing was to be trained."""
    passes: Measured
    """Passes over the training samples that these make."""
    best_step: int | None
    """Step after which the validation loss was lowest; null when it was not measured."""
    best_pass: Measured
    """The same in passes over the training samples."""


class Remedy(Part):
    """What a warm-up or clipping does to the recommended row, or to the script's own where no rate is safe."""

    kind: Literal[Purpose.WARMUP, Purpose.CLIPNORM] = Field(validation_alias="purpose")
    """`warmup`: the rate rises over the first steps. `clipnorm`: gradients are clipped to a global norm."""
    value: Measured
    """Steps of the warm-up, or the norm; null when it was left out."""
    optimizer: str | None
    """Label of the row without it; null when it was left out."""
    label: str | None
    """Label of the row with it, as its probes have it."""
    batch_size: int | None
    """Samples in each step; null when it was left out."""
    edge_before: Measured
    """Lowest rate that fails without it; null when none did."""
    edge_after: Measured
    """Lowest rate that fails with it; null when none did."""
    gain: Measured
    """How many times higher that rate is; null when one of the two is not known."""
    safe_before: Measured
    """End of the stable range without it; null when no rate is stable."""
    safe_after: Measured
    """End of the stable range with it; null when no rate is stable."""
    loss_before: Measured
    """Lowest final loss of a stable rate without it; null when no rate is stable."""
    loss_after: Measured
    """Lowest final loss of a stable rate with it; null when no rate is stable."""
    clipped: Measured
    """Part of the updates that are clipped at the rate to start with; null without clipping."""
    helps: bool | None
    """Whether it lowers the loss, or makes the script's own rate safe, or any where none was; null when that is not
    known."""
    sentence: str
    """The same in words, or why it is not known."""
    row: Row | None
    """The row with it; null when it is not known. It is not one of `rows`."""
