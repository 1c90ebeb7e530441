"""The results as text for a terminal: map, rows, recommendation, findings, and where the rest is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sweeper.cli._map import FOLLOWS, MapRow, legend_lines, map_lines, raster_rows
from sweeper.cli.parts import finding_parts, plain
from sweeper.ranges import EdgeKind
from sweeper.reporting import NOT_RUN, Look, compared_sentence, headline, look_of_cell, probes_done, scaling_sentence
from sweeper.results import Edge, Range, Results, Row, Unresolved
from sweeper.slices import batch_size_text
from sweeper.text import number_text, plural, rate_text, seconds_text

_UNRESOLVED_LINES = 12
"""Open questions that are listed; the report has all."""
_APART_LINES = 6
"""Cells in which seeds disagree that are listed; the report has all."""
_UNSTABLE = "!"
"""Marks a fastest rate that is not stable."""


def summary(results: Results, directory: Path, *, width: int) -> list[RenderableType]:
    """The parts to print, in order."""
    parts: list[RenderableType] = [part for finding in results.findings for part in (*finding_parts(finding), Text())]
    if results.memory:
        parts += [Text(), *batch_size_text().memory_parts(results.memory)]
    if results.rows:
        parts += [
            Text(),
            *map_parts(results, width=width),
            *agreement_parts(results.rows),
            *rows_parts(results.rows),
        ]
    if not _says_memory_all(results):
        parts += [*headline_parts(results), *sizes_parts(results), *follow_up_parts(results)]
        parts += [*unresolved_parts(results.unresolved), Text()]
    return [*parts, where(results, directory)]


def _says_memory_all(results: Results) -> bool:
    """Whether a run searched for a batch size, found one, and probed nothing."""
    memory = results.memory
    return memory is not None and memory.recommended is not None and not probes_done(results)


def map_parts(results: Results, *, width: int) -> list[Text]:
    """The map with its legend."""
    looks = {
        (row.optimizer, row.batch_size): {cell.learning_rate: look_of_cell(cell) for cell in row.cells}
        for row in results.rows
    }
    resolution = None if results.space is None else results.space.resolution
    if resolution is None:
        rates: Sequence[float] = sorted({rate for row in looks.values() for rate in row})
        rows: Sequence[MapRow] = [_map_row(*key, row) for key, row in looks.items()]
    else:
        rows, rates = raster_rows(looks, resolution=resolution, width=width)
    shown = {look for row in looks.values() for look in row.values()}
    note = [] if resolution is None or not rates else [Text(f" {FOLLOWS}", style="dim")]
    return [*map_lines(rows, rates, width=width), Text(), *legend_lines(shown, width=width), *note]


def agreement_parts(rows: Sequence[Row]) -> list[Text]:
    """In how many cells of several seeds these agree, and where they do not; nothing where no cell has several."""
    several = [(row, cell) for row in rows for cell in row.cells if cell.judged > 1]
    apart = [(row, cell) for row, cell in several if cell.agreeing < cell.judged]
    if not several:
        return []
    head = f"Seeds agree in {len(several) - len(apart):,} of {plural(len(several), 'cell')} with more than one"
    lines = [
        f"  {row.optimizer}, batch size {row.batch_size}, {rate_text(cell.learning_rate)}: "
        f"{look_of_cell(cell).title} in {cell.agreeing} of {cell.judged}"
        for row, cell in apart
    ]
    shown = lines[:_APART_LINES]
    more = [f"  and {len(lines) - len(shown)} more; the report has all"] if len(lines) > len(shown) else []
    return [Text(head + (", not at" if apart else "")), *(Text(plain(line), style="dim") for line in (*shown, *more))]


def rows_parts(rows: Sequence[Row]) -> list[RenderableType]:
    """A table with a line for each optimizer and batch size, and below it what does not fit into its columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("optimizer", overflow="fold")
    table.add_column("batch", justify="right", no_wrap=True)
    for name in ("trains well", "stable"):
        table.add_column(name, no_wrap=True)
    for name in ("recommended", "fastest"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("fails from", no_wrap=True)
    for row in rows:
        table.add_row(*_row_texts(row))
    unstable = any(row.fastest_is_stable is False for row in rows)
    notes = [f" {_UNSTABLE} lowest loss after a probe, but not a stable rate"] if unstable else []
    notes += [
        f" {row.optimizer}, batch size {row.batch_size}: {plain(row.reason)}"
        for row in rows
        if row.stable_learning_rate is None
    ]
    return [table, *(Text(note, style="dim") for note in notes), *([Text()] if notes else [])]


def headline_parts(results: Results) -> list[RenderableType]:
    """The recommendation, or why there is none, and the place of the script's own setting."""
    first = headline(results)
    parts: list[RenderableType] = [Text(plain(first.title), style="bold")]
    advice = results.recommendation
    sentences = [
        first.range and f"{first.range}.",
        first.reason,
        compared_sentence(results),
        "" if advice is None else advice.limit,
        "" if advice is None else advice.script.sentence,
        first.banner,
    ]
    return parts + [Text(plain(sentence)) for sentence in sentences if sentence]


def follow_up_parts(results: Results) -> list[Text]:
    """What followed the map: whether the setting overfits, and what a warm-up or clipping does."""
    said = [] if results.overfit is None else [results.overfit.sentence]
    return [Text(plain(sentence)) for sentence in (*said, *(remedy.sentence for remedy in results.remedies))]


def unresolved_parts(items: Sequence[Unresolved]) -> list[Text]:
    """What a search leaves open, cut where it gets long."""
    lines = [f"{item.optimizer}, batch size {item.batch_size}: {item.what}" for item in items]
    shown = lines[:_UNRESOLVED_LINES]
    more = [f"and {len(lines) - len(shown)} more; the report has all"] if len(lines) > len(shown) else []
    head = [Text("Not settled:")] if lines else []
    return head + [Text(f"  {plain(line)}", style="dim") for line in (*shown, *more)]


def sizes_parts(results: Results) -> list[Text]:
    """The stable end of the recommended optimizer at batch sizes not probed; nothing where it is not known."""
    label = None if results.recommendation is None else results.recommendation.optimizer
    found = next((scaling for scaling in results.scaling if scaling.optimizer == label), None)
    if found is None:
        return []
    ends = ", ".join(f"{one.batch_size}: {rate_text(one.low)}" for one in found.safe_end)
    lines = [f"Stable up to, at other batch sizes (not probed): {ends}"] if ends else []
    lines += [] if found.fits else [scaling_sentence(found)]
    return [Text(line, style="dim") for line in lines]


def where(results: Results, directory: Path) -> Text:
    """How long the run took and where its report is."""
    memory, probes = results.memory, probes_done(results)
    done = [plural(len(memory.trials), "trial")] if memory else []
    done += [plural(probes, "probe")] if probes or not memory else []
    seconds = seconds_text(results.environment.seconds)
    return Text(f"{' and '.join(done)} in {seconds}. Report: {directory / 'report.html'}")


def _map_row(optimizer: str, batch_size: int, looks: Mapping[float, Look]) -> MapRow:
    return MapRow(optimizer=optimizer, batch_size=batch_size, look_at=lambda rate: looks.get(rate, NOT_RUN))


def _row_texts(row: Row) -> tuple[str, ...]:
    well, stable = row.trains_well_learning_rate, row.stable_learning_rate
    mark = f" {_UNSTABLE}" if row.fastest_is_stable is False else ""
    return (
        row.optimizer,
        str(row.batch_size),
        _ends_text(well) if well else "none found",
        _ends_text(stable) if stable else number_text(None),
        _rate_or_dash(row.recommended_learning_rate),
        f"{_rate_or_dash(row.fastest_learning_rate)}{mark}",
        _fails_from(row.edges),
    )


def _ends_text(ends: Range) -> str:
    low, high = rate_text(ends.low), rate_text(ends.high)
    return low if low == high else f"{low}..{high}"


def _rate_or_dash(rate: float | None) -> str:
    return number_text(None) if rate is None else rate_text(rate)


def _fails_from(edges: Sequence[Edge]) -> str:
    """Where training begins to fail: between two rates, or beyond those that were probed."""
    edge = next((edge for edge in edges if edge.kind is EdgeKind.DIVERGES), None)
    low, high = (None, None) if edge is None else (edge.low, edge.high)
    if low is not None and high is not None:
        return f"{rate_text(low)}..{rate_text(high)}"
    if low is not None:
        return f"above {rate_text(low)}"
    return number_text(None) if high is None else f"below {rate_text(high)}"
