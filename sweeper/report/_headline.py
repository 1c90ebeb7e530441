"""What a report says first: the recommendation in one line, and how far the run came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sweeper.probe import NULL_RATE, OutcomeKind
from sweeper.report._maps import MapView, RowView, optimizer_title
from sweeper.report._scale import LogScale
from sweeper.run import RunState
from sweeper.text import plural, rate_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The first lines of a report."""

    title: str
    range: str
    """The safe range in words; empty without one."""
    reason: str
    banner: str
    """What to know about the run before believing the rest; empty for a complete run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One row of a map as a line of coloured stretches. Places are in percent of its width."""

    title: str
    stretches: tuple[tuple[str, str, str, float], ...]
    """Name, letter and description of the look, and the width."""
    ticks: tuple[tuple[str, float], ...]
    safe: tuple[float, float] | None
    """Left end and width."""
    recommended: float | None
    yours: float | None


def headline(results: Mapping[str, Any]) -> Headline:
    """The first lines of the report of `results`."""
    advice = results["recommendation"]
    if results["target"]["job"] is None or advice is None:
        return Headline(title="Nothing could be trained", range="", reason=_why_nothing(results), banner="")
    banner = _banner(results)
    if advice["optimizer"] is None:
        return Headline(title="No safe setting was found", range="", reason=advice["reason"], banner=banner)
    name = optimizer_title(results, advice["optimizer"])
    setting = f"Use {name} at {rate_text(advice['learning_rate'])}, batch size {advice['batch_size']}"
    safe = _safe_text(advice["safe_learning_rate"])
    return Headline(title=setting, range=safe, reason=advice["reason"], banner=banner)


def _safe_text(ends: Mapping[str, float] | None) -> str:
    if ends is None:
        return ""
    if ends["low"] == ends["high"]:
        return f"The only safe rate that was probed is {rate_text(ends['low'])}"
    return f"Safe from {rate_text(ends['low'])} to {rate_text(ends['high'])}"


def probes_done(results: Mapping[str, Any]) -> int:
    """The probes of the plan that ended."""
    ended = (probe for probe in results["probes"] if probe["outcome"] != OutcomeKind.CANCELLED)
    return sum(probe["learning_rate"] != NULL_RATE for probe in ended)


def _why_nothing(results: Mapping[str, Any]) -> str:
    first = next(iter(results["findings"]), None)
    return first["title"] if first else "No probe has a curve."


def _banner(results: Mapping[str, Any]) -> str:
    environment = results["environment"]
    how_far = f"{probes_done(results):,} of {plural(environment['planned'], 'planned probe')} ended"
    match RunState(environment["state"]):
        case RunState.COMPLETE:
            return ""
        case RunState.INCOMPLETE:
            return f"This run is incomplete: {how_far}. `sweeper resume` goes on where it stopped."
        case RunState.INTERRUPTED:
            return f"This run was interrupted: {how_far}. `sweeper resume` goes on where it stopped."
        case RunState.FAILED:
            return f"This run failed: {how_far}, and none of them trained."


def strip(results: Mapping[str, Any], maps: Sequence[MapView]) -> Strip | None:
    """The row of the recommended setting, else of the script's own; None when neither is on a map."""
    advice = results["recommendation"]
    if advice is None:
        return None
    for view in maps:
        spot = view.recommended if advice["optimizer"] is not None else view.yours
        if spot is not None:
            return _strip_of(view, view.rows[round(spot.row)])
    return None


def _strip_of(view: MapView, row: RowView) -> Strip:
    line = LogScale(low=view.edges[0], high=view.edges[-1])
    pairs = zip(row.cells, pairwise(view.edges), strict=True)
    return Strip(
        title=f"{view.title}, batch size {row.batch_size}",
        stretches=tuple((cell.look.name, cell.look.glyph, cell.description, line.width(*ends)) for cell, ends in pairs),
        ticks=tuple((rate_text(rate), line.percent(rate)) for rate in view.rates),
        safe=None if row.safe_box is None else (line.percent(row.safe_box[0]), line.width(*row.safe_box)),
        recommended=None if view.recommended is None else line.percent(view.recommended.learning_rate),
        yours=None if view.yours is None else line.percent(view.yours.learning_rate),
    )
