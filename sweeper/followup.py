"""Follow-ups: probes after a complete map, around what it recommends, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from sweeper.ranges import Row
from sweeper.space import Space
from sweeper.verdict import Label


class Purpose(StrEnum):
    """What a probe is for."""

    MAP = "map"
    OVERFIT = "overfit"
    """A long training at the recommended setting, to see whether it overfits."""
    WARMUP = "warmup"
    """The recommended row again, with a rate that rises from zero first."""
    CLIPNORM = "clipnorm"
    """The recommended row again, with gradients clipped to a global norm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Probes to run after a complete map."""

    purpose: Purpose
    space: Space
    """Their axes."""
    optimizer: str
    """Label of the row of the map that they start from."""
    value: float | None = None
    """Updates of the warm-up, or the norm; None for other purposes."""

    @property
    def batch_size(self) -> int:
        """The batch size of all its probes."""
        return self.space.batch_sizes[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFollowUp:
    """A follow-up that was asked for and cannot be made, and why."""

    purpose: Purpose
    why: str
    """The end of a sentence, without a full stop."""


FollowUpPlan: TypeAlias = FollowUp | SkippedFollowUp
"""A follow-up that was asked for, or why it cannot be made."""


class OverfitAnswer(StrEnum):
    """Whether the recommended setting overfits."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverfitReport:
    """Whether the recommended setting overfits, by one long training."""

    answer: OverfitAnswer
    sentence: str
    """The answer with its numbers and what to do, or why it is not known."""
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    probe: str | None = None
    """Id of the probe; None when none was made."""
    verdict: Label | None = None
    steps: int | None = None
    """Updates that the probe was to make."""
    passes: float | None = None
    """Passes over the training samples in these."""
    best_step: int | None = None
    """Where the validation loss was lowest."""
    best_pass: float | None = None
    """Passes over the training samples up to `best_step`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What a warm-up or clipping does to the recommended row."""

    purpose: Purpose
    sentence: str
    """What it changes and whether it helps, or why that is not known."""
    value: float | None = None
    """Updates of the warm-up, or the norm."""
    optimizer: str | None = None
    """Label of the row without the remedy."""
    label: str | None = None
    """Label of the row with the remedy."""
    batch_size: int | None = None
    edge_before: float | None = None
    """Lowest rate that fails without the remedy; None when none did."""
    edge_after: float | None = None
    """Lowest rate that fails with the remedy; None when none did."""
    safe_before: float | None = None
    """End of the stable range without the remedy; None when no rate is stable."""
    safe_after: float | None = None
    """End of the stable range with the remedy; None when no rate is stable."""
    loss_before: float | None = None
    """Lowest final loss of a stable rate without the remedy; None when no rate is stable."""
    loss_after: float | None = None
    """Lowest final loss of a stable rate with the remedy; None when no rate is stable."""
    clipped: float | None = None
    """Share of the updates that are clipped at the recommended rate with the remedy; None without clipping."""
    helps: bool | None = None
    """Whether it lowers the loss, makes the script's own rate stable, or any where none was; None when that is not
    known."""
    row: Row | None = None
    """The row with the remedy."""

    @property
    def gain(self) -> float | None:
        """How many times higher the lowest failing rate is with the remedy; None when one of the two is not known."""
        if self.edge_before is None or self.edge_after is None:
            return None
        return self.edge_after / self.edge_before


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpsRead:
    """The results of all follow-ups of a run."""

    overfit: OverfitReport | None = None
    """None when no overfit training was asked for."""
    remedies: tuple[Remedy, ...] = ()
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    """The purpose of each finished probe, by its id; probes that are no longer planned are left out."""

    @property
    def asked(self) -> bool:
        """Whether any follow-up was asked for."""
        return self.overfit is not None or bool(self.remedies)
