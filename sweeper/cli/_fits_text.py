"""Fit calls as text and as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from sweeper.cli.parts import finding_parts, plain
from sweeper.protocol import FitSite
from sweeper.text import plural

if TYPE_CHECKING:
    from sweeper.sweep import FitsReport


def fits_parts(report: "FitsReport") -> list[RenderableType]:
    """One line for each fit call, then findings."""
    parts: list[RenderableType] = [_table(report.sites)] if report.sites else []
    return parts + [part for finding in report.findings for part in finding_parts(finding)]


def fits_document(report: "FitsReport") -> dict[str, Any]:
    """The fit calls of a script and the findings about them, as plain JSON values."""
    return {
        "fits": [asdict(site) for site in report.sites],
        "findings": [asdict(finding) for finding in report.findings],
    }


def _table(sites: tuple[FitSite, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("fit", justify="right")
    table.add_column("place", no_wrap=True)
    table.add_column("what it trains")
    table.add_column("calls", justify="right")
    for site in sites:
        table.add_row(str(site.number), plain(site.place), plain(_description(site)), str(site.calls))
    return table


def _description(site: FitSite) -> str:
    parameters = f", {plural(site.parameters, 'parameter')}" if site.parameters is not None else ""
    batch_size = f", batch size {site.batch_size}" if site.batch_size is not None else ""
    return f"{site.model}{parameters}\nloss {site.loss}, {site.optimizer}{batch_size}\n{site.data}"
