"""Something wrong with the script, the data, the model or the set-up, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


FAIL_ON_NEVER = "never"
"""Stands for a severity that no finding reaches."""


def fails(findings: "Iterable[Finding]", level: str) -> bool:
    """Whether there is a finding of this severity or a worse one."""
    return level != FAIL_ON_NEVER and any(finding.severity.rank <= Severity(level).rank for finding in findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the person should know before the long job."""

    code: str
    """Stable, such as `SW001`; docs/findings.md has a section for each."""
    severity: Severity
    title: str
    """One line."""
    evidence: str
    """What was seen, with numbers; may have several lines, such as a traceback."""
    location: str = ""
    """`file:line` in the person's own code, where it is known."""
    remedy: str = ""
    """The next step, in one or two sentences."""
