"""The setting to start with."""

from pydantic import Field

from sweeper.growth import Growth
from sweeper.recommendation import Measure, Standing
from sweeper.results._base import Measured, Part, Rate, Size
from sweeper.results._rows import Chance, Range


class SizeReached(Part):
    """What the best recommended rate of one batch size reached in its probe."""

    batch_size: Size
    """Samples in each step."""
    optimizer: str
    """Label of an entry of the optimizer axis."""
    learning_rate: Rate
    """The probed rate that stands for the recommended one."""
    loss: Measured
    """What it is compared by; null where batch sizes do not compare."""
    steps: Size
    """Updates of the probe."""
    samples: Size
    """Samples that they used: the steps times the batch size."""


class Comparison(Part):
    """How the batch sizes of a map compare, and which did best."""

    measure: Measure
    """By what they compare: the training loss, that divided by the batch size where it is a sum over the batch, the
    validation loss, or nothing where each depends on the batch size in another way."""
    growth: Growth
    """What the training loss of the same weights does as batches get larger, as probes without updates show:
    `proportional` for a sum over the batch."""
    sizes: tuple[SizeReached, ...]
    """What the best recommended rate of each batch size reached, the lowest first; by batch size where they do not
    compare."""
    sentence: str
    """The same in words."""


class Script(Part):
    """The script's own setting, placed on the map."""

    optimizer: str
    """Class of its optimizer."""
    learning_rate: Measured
    """Its rate, or the peak of its schedule or of a callback that sets it; null when unknown."""
    batch_size: Size
    """Samples in each step."""
    standing: Standing
    """Where it lies. `safe`: it is stable. `near_edge`: it trains or may train, but above the stable range. `too_low`:
    it stalls for being low. `too_high`: it is at or above the lowest rate that fails."""
    trains_well: bool | None
    """Whether it is among the rates that train well; null where it or they are not known."""
    sentence: str
    """The same in words."""


class Recommendation(Part):
    """The setting to start the long job with, or why there is none."""

    optimizer: str | None
    """Label of an entry of the optimizer axis; null when no setting is stable."""
    learning_rate: Measured
    """The rate, which is the recommended one of its row; null when no setting is stable."""
    batch_size: int | None
    """Samples in each step; null when no setting is stable."""
    trains_well_learning_rate: Range | None = Field(validation_alias="well")
    """Stable rates of its row that make at least 0.7 of the fall of the loss that the best stable one makes in as many
    steps; null when none was found."""
    stable_learning_rate: Range | None = Field(validation_alias="safe")
    """Rates of its row that train in a probe and are not expected to diverge in the long job; null when none was
    found."""
    safe_learning_rate: Range | None = Field(validation_alias="safe")
    """The same as `stable_learning_rate`, under its older name."""
    fastest_learning_rate: Measured
    """That of the recommended row, within the stable range or beyond its end."""
    fastest_is_stable: bool | None
    """Whether that rate is in the stable range; null without one."""
    diverges: Chance | None
    """How likely a probe at the recommended setting diverges, at most."""
    reason: str
    """Why this one, or why none."""
    limit: str
    """What keeps the fastest rate out of the stable range and what may help; empty when it lies within."""
    comparison: Comparison | None
    """How the batch sizes of the map compare; null with fewer than two that have a stable range."""
    script: Script
    """The script's own setting, placed on the map."""

    @property
    def setting(self) -> tuple[str, float, int] | None:
        """Optimizer, learning rate and batch size to start with; None when no setting is stable."""
        if self.optimizer is None or self.learning_rate is None or self.batch_size is None:
            return None
        return self.optimizer, self.learning_rate, self.batch_size
