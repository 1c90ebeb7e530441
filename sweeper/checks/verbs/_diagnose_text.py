"""A diagnosis as text and as JSON."""

from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from sweeper.cli.parts import finding_parts
from sweeper.protocol import Diagnosed
from sweeper.text import plural, seconds_text


def diagnosis_parts(report: Diagnosed) -> list[RenderableType]:
    """The findings, the likeliest cause first, and what was looked at."""
    parts: list[RenderableType] = []
    for finding in report.findings:
        parts += [*finding_parts(finding), Text()]
    return [*parts, Text(_end(report), style="" if report.findings else "bold green")]


def _end(report: Diagnosed) -> str:
    where = f" at {report.fit_site}, looked at in {seconds_text(report.seconds)}" if report.fit_site else ""
    skipped = f"; {plural(len(report.skipped), 'check')} did not apply (--json says why)" if report.skipped else ""
    if not report.findings:
        return f"Nothing wrong was found{where}{skipped}."
    return f"{plural(len(report.findings), 'finding')}{where}{skipped}. docs/findings.md explains each code."


def diagnosis_document(report: Diagnosed) -> dict[str, Any]:
    """A diagnosis as plain JSON values."""
    return {
        "findings": [asdict(finding) for finding in report.findings],
        "fit_site": report.fit_site or None,
        "seconds": round(report.seconds, 3),
        "skipped": [asdict(skipped) for skipped in report.skipped],
    }
