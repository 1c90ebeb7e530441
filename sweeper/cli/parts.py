"""Parts of a text for the terminal that several verbs print."""

from rich.console import RenderableType
from rich.text import Text

from sweeper import findings, results
from sweeper.findings import Severity

_EVIDENCE_LINES = 25
"""Last lines of a finding's evidence that are shown; the report has all."""
_SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold"}


def finding_parts(finding: results.Finding | findings.Finding) -> list[RenderableType]:
    """A finding: its title, where, what was seen, and what to do."""
    severity = finding.severity
    title = Text.assemble((f"{finding.code} {severity}: ", _SEVERITY_STYLES[severity]), plain(finding.title))
    if finding.location:
        title.append(f" ({plain(finding.location)})", "dim")
    parts: list[RenderableType] = [title]
    if finding.evidence:
        lines = plain(finding.evidence).rstrip().splitlines()[-_EVIDENCE_LINES:]
        parts.append(Text("\n".join(f"  {line}" for line in lines), style="dim"))
    if finding.remedy:
        parts.append(Text(f"  {plain(finding.remedy)}"))
    return parts


def plain(text: str) -> str:
    """Text from a script without control characters, which could move the cursor or change colours."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
