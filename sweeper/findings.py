"""Something wrong with the script, the data, the model or the set-up, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


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
