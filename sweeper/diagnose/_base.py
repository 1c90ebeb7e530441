"""What a check is: a pure function of the facts that answers with a finding, nothing, or why it cannot tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.diagnose._facts import Facts
from sweeper.findings import Finding, FindingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A check that cannot be made on these facts."""

    why: str


Answer: TypeAlias = Finding | NotApplicable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that can be wrong."""

    finds: tuple[FindingKind, ...]
    """The first gives it its code."""
    about: str
    """What is looked at, in a few words."""
    look: Callable[[Facts], Answer]

    @property
    def code(self) -> str:
        """That of what it finds first of all."""
        return self.finds[0].code


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A check that could not be made, and why."""

    code: str
    about: str
    why: str
