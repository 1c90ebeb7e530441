"""What a report says first: the recommendation in one line, and how far the run came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sweeper.findings import Severity
from sweeper.job import COMMAND
from sweeper.probes import NULL_RATE, OutcomeKind
from sweeper.reporting._looks import NOT_RUN
from sweeper.reporting._map_rows import RowView
from sweeper.reporting._maps import MapView, optimizer_title, stretches
from sweeper.reporting._scale import LogScale
from sweeper.results import Recommendation, Results, Row
from sweeper.run import RunState
from sweeper.slices import batch_size_section
from sweeper.text import capital, plural, ranges_text, rate_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The first lines of a report."""

    title: str
    range: str
    """Where training goes well, and where it is only stable, in words; empty without a stable rate."""
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
    stable: tuple[float, float] | None
    """Left end and width of the stable range."""
    well: tuple[float, float] | None
    """The same of what trains well."""
    recommended: float | None
    yours: float | None


def headline(results: Results) -> Headline:
    """The first lines of the report of `results`."""
    advice = results.recommendation
    if results.memory is not None and not probes_done(results):
        return batch_size_section().batch_size_headline(results, results.memory)
    if results.target.job is None or advice is None:
        return Headline(title="Nothing could be trained", range="", reason=why_nothing(results), banner="")
    title = "No stable setting was found"
    if advice.setting is not None:
        label, rate, batch_size = advice.setting
        job = results.target.job
        # A command that keeps its batch size to itself has only a number that stands for it.
        size = "" if job.model == COMMAND and job.batch_size_fixed else f", batch size {batch_size}"
        title = f"Use {optimizer_title(results, label)} at {rate_text(rate)}{size}"
    return Headline(title=title, range=capital(ranges_of(advice)), reason=advice.reason, banner=_banner(results))


def ranges_of(row: Row | Recommendation, *, rate: Callable[[float], str] = rate_text) -> str:
    """The two ranges of a row, or of the recommendation, as the end of a sentence; empty without a stable rate."""
    stable, well = row.stable_learning_rate, row.trains_well_learning_rate
    if stable is None:
        return ""
    ends = None if well is None else (well.low, well.high)
    return ranges_text((stable.low, stable.high), ends, rate=rate)


def probes_done(results: Results) -> int:
    """The probes of the plan that ended."""
    ended = (probe for probe in results.probes if probe.outcome is not OutcomeKind.CANCELLED)
    return sum(probe.learning_rate != NULL_RATE for probe in ended)


def why_nothing(results: Results) -> str:
    """Why no probe trained, in a few words."""
    findings = sorted(results.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    return findings[0].title if findings else "No probe has a curve."


def _banner(results: Results) -> str:
    environment = results.environment
    about = "about " if results.space is not None and results.space.resolution else ""
    how_far = f"{probes_done(results):,} of {about}{plural(environment.planned, 'planned probe')} ended"
    match environment.state:
        case RunState.COMPLETE:
            return ""
        case RunState.INCOMPLETE:
            why = environment.limit and f" ({environment.limit})"
            return f"This run is incomplete: {how_far}{why}. `sweeper resume` goes on where it stopped."
        case RunState.INTERRUPTED:
            return f"This run was interrupted: {how_far}. `sweeper resume` goes on where it stopped."
        case RunState.FAILED:
            return f"This run failed: {how_far}, and none of them trained."


def strip(results: Results, maps: Sequence[MapView]) -> Strip | None:
    """The row of the recommended setting, else of the script's own; None when neither is on a map."""
    advice = results.recommendation
    if advice is None:
        return None
    for view in maps:
        spot = view.recommended if advice.optimizer is not None else view.yours
        if spot is not None:
            return _strip_of(view, view.rows[round(spot.row)])
    return None


def _strip_of(view: MapView, row: RowView) -> Strip:
    line = LogScale(low=view.edges[0], high=view.edges[-1])
    return Strip(
        title=f"{view.title}, batch size {row.batch_size}",
        stretches=tuple((*shown, line.width(*ends)) for shown, ends in _shown_in_strip(view, row)),
        ticks=tuple((rate_text(rate), line.percent(rate)) for rate in view.rates),
        stable=_on_line(row.stable_box, line),
        well=_on_line(row.well_box, line),
        recommended=None if view.recommended is None else line.percent(view.recommended.learning_rate),
        yours=None if view.yours is None else line.percent(view.yours.learning_rate),
    )


def _on_line(box: tuple[float, float] | None, line: LogScale) -> tuple[float, float] | None:
    return None if box is None else (line.percent(box[0]), line.width(*box))


def _shown_in_strip(view: MapView, row: RowView) -> list[tuple[tuple[str, str, str], tuple[float, float]]]:
    """Name, letter and description of each part of the strip, and its borders: cells of a grid, else stretches."""
    if view.raster is None:
        cells = zip(row.cells, pairwise(view.edges), strict=True)
        return [((cell.look.name, cell.look.glyph, cell.description), ends) for cell, ends in cells]
    found = []
    for look, low, high in stretches(view, row):
        shown = look or NOT_RUN
        words = f"{shown.title} from {rate_text(low)} to {rate_text(high)}"
        found.append(((shown.name, "" if shown is NOT_RUN else shown.glyph, words), (low, high)))
    return found
