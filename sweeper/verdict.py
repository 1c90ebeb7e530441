"""Verdicts: how a curve looks, with the evidence for it."""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.probes import Outcome

BROKEN = "broken"
"""Code of the evidence that a rate broke the model, though its loss did not end high."""
DATA_FAULT = "non_finite_without_update"
"""Code of the evidence that the data or the model are at fault, not the rate."""


class Label(StrEnum):
    """The five verdicts on a curve."""

    DIVERGED = "diverged"
    STALLED = "stalled"
    OVERFIT = "overfit"
    HEALTHY = "healthy"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One measurement that a verdict rests on."""

    code: str
    """Stable name of the rule, such as `non_finite_loss`."""
    measured: float
    """What was measured; may be NaN or infinite."""
    threshold: float
    """What it was compared with, in the same unit."""
    step: int | None
    """The step at which it was seen, where there is one."""
    sentence: str
    """The measurement in words, with its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one curve."""

    label: Label
    evidence: tuple[Evidence, ...]
    """The deciding measurement first, then notes such as "unstable". Never empty."""

    @property
    def is_failure(self) -> bool:
        """Whether the rate made training fail: it diverged, or broke the model."""
        return self.label is Label.DIVERGED or self.evidence[0].code == BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The outcome of a probe with the verdict on its curve."""

    outcome: Outcome
    verdict: Verdict | None
    """None when the outcome has no curve."""
