"""A plan as text and as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sweeper.cli._plain_view import describe_job, describe_search
from sweeper.job import NOTEBOOK
from sweeper.probes import Probe
from sweeper.settings import format_rate
from sweeper.text import capital, plural, seconds_text

if TYPE_CHECKING:
    from sweeper.sweep import Plan


def plan_parts(plan: "Plan") -> list[RenderableType]:
    """The job, the probes in groups that differ only in the rate, and the estimate; of a search its first probes."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("optimizer", overflow="fold")
    table.add_column("batch", justify="right")
    table.add_column("steps", justify="right")
    table.add_column("seeds")
    table.add_column("learning rates", overflow="fold")
    for (optimizer, batch_size, steps, rates), seeds in _groups(plan.probes).items():
        table.add_row(optimizer, str(batch_size), str(steps), " ".join(map(str, seeds)), _rates_text(rates))
    before = [Text(f"{change.what}: {change.detail}") for change in plan.job.changes if change.what == NOTEBOOK]
    head = [Text(describe_job(plan.job)), *before]
    after = [Text(f"After the map: {text}") for text in plan.follow_ups]
    estimate = "no estimate" if plan.seconds is None else f"about {seconds_text(plan.seconds)}"
    if plan.space.resolution is None:
        total = Text(f"{plural(len(plan.probes), 'probe')}, {estimate}")
        return [*head, Text(), table, *after, total]
    search = Text(describe_search(plan.space, plan.planned))
    total = Text(f"These come first; which follow depends on them. {capital(estimate)} in all")
    return [*head, search, Text(), table, *after, total]


def plan_document(plan: "Plan") -> dict[str, Any]:
    """The plan as plain JSON values."""
    return {
        "fit_site": plan.job.fit_site,
        "seconds": plan.seconds,
        "planned": plan.planned,
        "follow_ups": list(plan.follow_ups),
        "probes": [{"id": probe.id, **asdict(probe)} for probe in plan.probes],
    }


def _groups(probes: tuple[Probe, ...]) -> dict[tuple[str, int, int, tuple[float, ...]], list[int]]:
    """The seeds of each group of probes that share optimizer, batch size, steps and all rates."""
    rates: dict[tuple[str, int, int, int], list[float]] = {}
    for probe in probes:
        rates.setdefault((probe.optimizer, probe.batch_size, probe.steps, probe.seed), []).append(probe.learning_rate)
    groups: dict[tuple[str, int, int, tuple[float, ...]], list[int]] = {}
    for (optimizer, batch_size, steps, seed), found in rates.items():
        groups.setdefault((optimizer, batch_size, steps, tuple(sorted(found))), []).append(seed)
    return groups


def _rates_text(rates: tuple[float, ...]) -> str:
    """Rates; 0 is the null probe, which only measures noise."""
    return " ".join("0 (noise)" if rate == 0 else format_rate(rate) for rate in rates)
