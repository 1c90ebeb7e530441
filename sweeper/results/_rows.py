"""The rows of the map, their cells and edges, and how rows of different batch sizes relate."""

from typing import Literal

from pydantic import AliasChoices, AliasPath, Field

from sweeper.probes import OutcomeKind
from sweeper.ranges import CellLabel, EdgeKind
from sweeper.results._base import Amount, Count, Measured, Number, Part, Rate, Share, Size, Times
from sweeper.verdict import Label


class Range(Part):
    """An interval of learning rates, both ends included."""

    low: Rate
    """Lowest rate."""
    high: Rate
    """Highest rate."""


class Chance(Part):
    """A probability with its 90% interval."""

    probability: Share
    """From 0 to 1."""
    low: Share
    """Lower end."""
    high: Share
    """Upper end."""


class RateEstimate(Part):
    """A learning rate with its 90% interval."""

    rate: Rate
    """The rate."""
    low: Rate
    """Lower end."""
    high: Rate
    """Upper end."""


class Edge(Part):
    """A rate at which verdicts change along a row. It lies somewhere between `low` and `high`."""

    kind: EdgeKind
    """`learns`: below it training is stalled. `diverges`: above it training diverges."""
    low: Measured
    """Last rate probed below the change; null when it lies below all of them."""
    high: Measured
    """First rate probed above it; null when it lies above all of them."""
    sentence: str
    """The same in words."""
    place: RateEstimate | None
    """The rate at which half of the probes diverge; null where none did, and for the edge of learning."""


class Cell(Part):
    """One learning rate of a row, over all its seeds."""

    learning_rate: Rate
    """The rate."""
    label: CellLabel | None = Field(validation_alias=AliasChoices("called", "label"))
    """What the map calls it: the verdict of most seeds, with what the row makes of it. `too_slow`: it stalled for a low
    rate. `broken`: it stalled for a high rate. `no_progress`: it stalled, and nothing says that the rate is why.
    `unreliable`: it trained, but another probe there would more probably fail. Null when no probe of the cell has a
    curve."""
    verdict: Label | None = Field(validation_alias=AliasChoices("verdict", "label"))
    """The verdict of most seeds by itself, which is `stalled` for `too_slow`, `broken` and `no_progress`; null when no
    probe of the cell has a curve."""
    agreeing: Count
    """Probes with that verdict."""
    judged: Count
    """Probes with a curve."""
    failed: OutcomeKind | None
    """How the probes ended when none has a curve."""
    score: Measured
    """Median of the smoothed final training loss, over the seeds that all rates of the row have; null when it is not
    finite."""
    score_error: Measured
    """Standard error of `score` from the noise of single batches; null without a score."""
    compared: Measured
    """What it is compared by with cells of other batch sizes: its score, that divided by the batch size, or its last
    validation loss, as `measure` of the [comparison](#comparison) says; null where batch sizes do not compare."""
    diverges: Chance | None
    """How likely a probe at this rate diverges or breaks, from all probes of the row and its neighbours; null when the
    row has no curve."""


class Row(Part):
    """Everything that is said of one optimizer at one batch size."""

    optimizer: str
    """Label of an entry of the optimizer axis."""
    batch_size: Size
    """Samples in each step."""
    trains_well_learning_rate: Range | None = Field(validation_alias="well")
    """Stable rates that make at least 0.7 of the fall of the loss that the best stable one makes in as many steps; null
    when none was found."""
    stable_learning_rate: Range | None = Field(validation_alias="safe")
    """Rates that train in a probe and are not expected to diverge in the long job; null when none was found."""
    safe_learning_rate: Range | None = Field(validation_alias="safe")
    """The same as `stable_learning_rate`, under its older name."""
    reason: str
    """How the stable range was found, or why there is none."""
    fastest_learning_rate: Measured
    """The rate that trains with the lowest loss after a probe, within the stable range or beyond its end; null when
    none trains."""
    fastest_is_stable: bool | None
    """Whether that rate is in the stable range; null without one."""
    recommended_learning_rate: Measured
    """The lowest rate that trains well and whose loss after a probe is almost the lowest of all stable ones, or the
    script's own where that does as well; null without a stable range."""
    job_length: Times
    """How many times as long as a probe the job is that the stable range is for."""
    edges: tuple[Edge, ...]
    """Rates at which verdicts change."""
    noise: Measured
    """Robust standard deviation of the loss over batches without updates; null when it was not measured."""
    cells: tuple[Cell, ...]
    """Its rates, ascending."""


class Unresolved(Part):
    """A row that a boundary search leaves open."""

    optimizer: str
    """Label of its optimizer."""
    batch_size: Size
    """Its batch size."""
    issue: Literal["open", "mixed", "lost"]
    """`open`: the search would have gone on. `mixed`: verdicts alternate or seeds disagree beside an edge. `lost`: its
    probes end without a verdict."""
    what: str
    """What is not known, with its rates."""


class ScaledRate(Part):
    """The safe end at a batch size that was not probed."""

    batch_size: Size
    """Samples in each step."""
    rate: Rate = Field(validation_alias=AliasPath("end", "rate"))
    """The most likely safe end."""
    low: Rate = Field(validation_alias=AliasPath("end", "low"))
    """Lower end of its 90% interval: the rate to use without a probe."""
    high: Rate = Field(validation_alias=AliasPath("end", "high"))
    """Upper end."""


class Scaling(Part):
    """How the safe end of one optimizer moves with the batch size."""

    optimizer: str
    """Label of an entry of the optimizer axis."""
    exponent: Number
    """The safe end goes as the batch size to this power."""
    exponent_error: Amount
    """Its standard error."""
    expected: Number
    """The exponent of the rule of thumb from which the measured rows move it: 1 for SGD, 0.5 for optimizers that scale
    their updates."""
    rows: Size
    """Rows whose safe end was measured."""
    fits: bool
    """Whether the measured ends lie on one line; if not, nothing is said of sizes beyond them."""
    safe_end: tuple[ScaledRate, ...] = Field(validation_alias="at")
    """The stable end at batch sizes that were not probed, ascending."""
