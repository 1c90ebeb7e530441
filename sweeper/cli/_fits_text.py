"""Fit calls as text and as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from sweeper.cli._summary import finding_parts, plain
from sweeper.protocol import FitSite
from sweeper.report._text import number_text

if TYPE_CHECKING:
    from sweeper.sweep import FitsReport


def fits_parts(report: "FitsReport") -> list[RenderableType]:
    """One line for each fit call, then findings."""
    parts: list[RenderableType] = [_table(report.sites)] if report.sites else []
    return parts + [part for finding in report.findings for part in finding_parts(asdict(finding))]


def fits_document(report: "FitsReport") -> dict[str, Any]:
    """The same as plain JSON values."""
    return {
        "fits": [asdict(site) for site in report.sites],
        "findings": [asdict(finding) for finding in report.findings],
    }


def _table(sites: tuple[FitSite, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("fit", justify="right")
    table.add_column("place", overflow="fold")
    table.add_column("model", overflow="fold")
    table.add_column("parameters", justify="right")
    table.add_column("loss", overflow="fold")
    table.add_column("optimizer", overflow="fold")
    table.add_column("batch", justify="right")
    table.add_column("data", overflow="fold")
    table.add_column("calls", justify="right")
    for site in sites:
        table.add_row(
            str(site.number),
            plain(site.place),
            plain(site.model),
            number_text(site.parameters),
            plain(site.loss),
            plain(site.optimizer),
            number_text(site.batch_size),
            plain(site.data),
            str(site.calls),
        )
    return table
