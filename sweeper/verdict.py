"""How a curve looks, and what was measured to say so."""

from dataclasses import dataclass
from enum import StrEnum

from sweeper.probes import Outcome

BROKEN = "broken"
"""Code of the evidence that a rate broke the model although its loss did not end high."""
DATA_FAULT = "non_finite_without_update"
"""Code of the evidence that the data or the model are at fault, not the rate."""


class Label(StrEnum):
    """The five things that can be said of a curve."""

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
    """What is said of one curve."""

    label: Label
    evidence: tuple[Evidence, ...]
    """The deciding measurement first; further ones (a note such as "unstable") behind it. Never empty."""

    @property
    def is_failure(self) -> bool:
        """Whether the rate made training fail: it diverged, or broke the model."""
        return self.label is Label.DIVERGED or self.evidence[0].code == BROKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An outcome with what is said of its curve."""

    outcome: Outcome
    verdict: Verdict | None
    """None when the outcome has no curve."""
