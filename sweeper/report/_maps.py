"""The stability maps as a page shows them, made from the results.

Both the table and the figure of a map are drawn from one `MapView`, so they cannot differ. The rows of a grid share
their rates, one column each. Those of a boundary search have rates of their own, on columns as fine as the search.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sweeper.followup import Purpose
from sweeper.probes import NULL_RATE
from sweeper.ranges import SAME_RATE, CellLabel
from sweeper.report._looks import NOT_RUN, Look, look_of_cell
from sweeper.report._raster import Field, Raster, raster_of
from sweeper.report._scale import log_edges
from sweeper.results import Cell, Probe, Range, Recommendation, Results, Row, Script
from sweeper.space import SCRIPT
from sweeper.text import chance_text, rate_text

MOST_COLUMNS = 240
"""Columns of a map; more would be narrower than two pixels."""
_MOST_LETTERS = 40
"""Columns of a grid that have room for a letter each."""
MOST_IN_TABLES = 1500
"""Cells of all maps up to which these are also shown as tables; larger ones are of no use to anyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """One learning rate at one batch size."""

    key: str
    """Unique in the page."""
    learning_rate: float
    look: Look
    agreement: str
    """How many probes say so, when not all do: `2/3`."""
    range_class: str
    """How the outlines of the two ranges pass it, as classes of the style sheet; empty outside of both."""
    range_note: str
    """Which range it is in, in words; empty outside of both."""
    chance: str
    """How likely a probe there fails, in words that agree with its look; empty where that is not known."""
    recommended: bool
    yours: bool
    """Whether it is the cell nearest to the script's own setting."""
    place: str
    """Its rate and batch size in words."""
    probes: tuple[str, ...]
    """Ids of its probes."""

    @property
    def description(self) -> str:
        """Everything that the cell shows, in words."""
        return f"{self.place}: {self.look.title}{self.notes}"

    @property
    def notes(self) -> str:
        """The end of the description: what it says besides the verdict."""
        said = (
            f"in {self.agreement.replace('/', ' of ')} probes" if self.agreement else "",
            self.chance,
            self.range_note,
            "recommended" if self.recommended else "",
            "nearest to your setting" if self.yours else "",
        )
        return "".join(f", {part}" for part in said if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """What is drawn of a row in one column."""

    look: Look | None
    """None where nothing is drawn: beyond the rates that the row was probed at."""
    probed: bool
    cell: str
    """Key of the cell that it shows; empty without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One batch size."""

    batch_size: int
    cells: tuple[CellView, ...]
    """By ascending rate; those of a grid stand one in each column."""
    fields: tuple[FieldView, ...]
    """One for each column."""
    stable_box: tuple[float, float] | None
    """Ends of the stable range as drawn: those that are named, or the outer borders of the columns of a grid there."""
    well_box: tuple[float, float] | None
    """The same for the part of it that trains well."""
    nulls: tuple[str, ...]
    """Ids of the probes without updates at this batch size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A setting on a map; it need not be one that was probed."""

    learning_rate: float
    row: float
    """Place between the rows, 0 being the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """The map of one optimizer."""

    key: str
    optimizer: str
    title: str
    rates: tuple[float, ...]
    """The rates to name on the axis: of a grid those of its columns, else powers of ten."""
    edges: tuple[float, ...]
    """Borders of the columns, one more than there are columns."""
    columns: tuple[float, ...]
    """The rates in the middle of the columns."""
    raster: Raster | None
    """The columns of a boundary search; None for a grid."""
    rows: tuple[RowView, ...]
    recommended: Spot | None
    yours: Spot | None

    @property
    def fine(self) -> bool:
        """Whether columns are too narrow for a letter each."""
        return self.raster is not None or len(self.columns) > _MOST_LETTERS


def map_views(results: Results) -> tuple[MapView, ...]:
    """A map for each optimizer that has a row, in the order of the optimizer axis."""
    optimizers = list(dict.fromkeys(row.optimizer for row in results.rows))
    ids, raster = _ids(results.probes), _raster(results)
    return tuple(_map_view(results, label, number, ids, raster) for number, label in enumerate(optimizers))


def optimizer_title(results: Results, label: str) -> str:
    """The name of an optimizer in a sentence; the script's own is named by its class, with what is changed about it."""
    job = results.target.job
    name, *settings = label.partition("(")
    if name != SCRIPT:
        return label
    return "".join((f"your {job.optimizer.name}" if job else "your optimizer", *settings))


def stretches(view: MapView, row: RowView) -> tuple[tuple[Look | None, float, float], ...]:
    """Neighbouring columns of a row that look the same, with their outer borders."""
    found = []
    for look, group in groupby(zip(row.fields, pairwise(view.edges), strict=True), key=lambda pair: pair[0].look):
        borders = [border for _, ends in group for border in ends]
        found.append((look, borders[0], borders[-1]))
    return tuple(found)


def _map_view(results: Results, label: str, number: int, ids: "_Ids", raster: Raster | None) -> MapView:
    rows = sorted((row for row in results.rows if row.optimizer == label), key=lambda row: row.batch_size)
    batches = [row.batch_size for row in rows]
    advice = results.recommendation
    recommended = _spot(advice, batches) if advice and advice.optimizer == label else None
    yours = _spot(advice.script, batches) if advice and label == SCRIPT else None
    rates = _rates(results, rows)
    edges, columns = (log_edges(rates), rates) if raster is None else (raster.edges, raster.rates)
    return MapView(
        key=f"map{number}",
        optimizer=label,
        title=optimizer_title(results, label),
        rates=rates if raster is None else raster.decades,
        edges=edges,
        columns=columns,
        raster=raster,
        rows=tuple(
            _row_view(
                row,
                rates if raster is None else [cell.learning_rate for cell in row.cells],
                raster,
                ids,
                key=f"map{number}-{place}",
                edges=edges,
                spots=(_at_row(recommended, place), _at_row(yours, place)),
            )
            for place, row in enumerate(rows)
        ),
        recommended=recommended,
        yours=yours,
    )


def _raster(results: Results) -> Raster | None:
    """The columns of a boundary search, the same for all optimizers, so that their maps compare at a glance."""
    rates = [cell.learning_rate for row in results.rows for cell in row.cells]
    step = results.space.resolution if results.space else None
    if step is None or not rates:
        return None
    ends = math.log10(max(rates) / min(rates))
    return raster_of(rates, step=max(step, ends / MOST_COLUMNS))


def _rates(results: Results, rows: Sequence[Row]) -> tuple[float, ...]:
    axis = () if results.space is None else results.space.learning_rates
    found = (cell.learning_rate for row in rows for cell in row.cells)
    return tuple(sorted({rate for rate in (*axis, *found) if rate > NULL_RATE}))


def _spot(setting: Recommendation | Script, batches: Sequence[int]) -> Spot | None:
    if not setting.learning_rate or setting.batch_size is None:
        return None
    return Spot(learning_rate=setting.learning_rate, row=_place(setting.batch_size, batches))


def _place(batch: int, batches: Sequence[int]) -> float:
    for index, (low, high) in enumerate(pairwise(batches)):
        if low <= batch <= high:
            return index + math.log(batch / low) / math.log(high / low)
    return 0.0 if batch <= batches[0] else len(batches) - 1.0


def _at_row(spot: Spot | None, place: int) -> Spot | None:
    return spot if spot is not None and round(spot.row) == place else None


def _nearest(spot: Spot | None, rates: Sequence[float]) -> float | None:
    if spot is None or not rates:
        return None
    target = math.log(spot.learning_rate)
    return min(rates, key=lambda rate: abs(math.log(rate) - target))


def _row_view(
    row: Row,
    rates: Sequence[float],
    raster: Raster | None,
    ids: "_Ids",
    *,
    key: str,
    edges: Sequence[float],
    spots: tuple[Spot | None, Spot | None],
) -> RowView:
    stable, well = row.stable_learning_rate, row.trains_well_learning_rate
    is_stable, is_well = ([_is_in(rate, ends) for rate in rates] for ends in (stable, well))
    recommended, yours = (_nearest(spot, rates) for spot in spots)
    by_rate = {cell.learning_rate: cell for cell in row.cells}
    mine = ids.of_row.get((row.optimizer, row.batch_size), {})
    cells = tuple(
        CellView(
            key=f"{key}-{place}",
            learning_rate=rate,
            look=look_of_cell(by_rate.get(rate)),
            agreement=_agreement(by_rate.get(rate)),
            range_class=" ".join(filter(None, (_class("stable", is_stable, place), _class("well", is_well, place)))),
            range_note=_range_note(rate, stable, well),
            chance=chance_note(by_rate.get(rate)),
            recommended=rate == recommended,
            yours=rate == yours,
            place=f"{rate_text(rate)} at batch size {row.batch_size}",
            probes=tuple(mine.get(rate, ())),
        )
        for place, rate in enumerate(rates)
    )
    stable_box, well_box = (_box(ends, rates if raster is None else (), edges) for ends in (stable, well))
    return RowView(
        batch_size=row.batch_size,
        stable_box=stable_box,
        well_box=well_box,
        nulls=ids.nulls.get((row.optimizer, row.batch_size)) or ids.nulls.get(("", row.batch_size), ()),
        cells=cells,
        fields=tuple(map(_as_field, cells)) if raster is None else _fields(raster, cells),
    )


def _as_field(cell: CellView) -> FieldView:
    return FieldView(look=cell.look, probed=True, cell=cell.key)


def _fields(raster: Raster, cells: Sequence[CellView]) -> tuple[FieldView, ...]:
    by_rate = {cell.learning_rate: cell for cell in cells}
    drawn = raster.fields({rate: cell.look for rate, cell in by_rate.items()})
    return tuple(
        _as_field(by_rate[field.rate]) if field.probed else FieldView(look=_look_between(field), probed=False, cell="")
        for field in drawn
    )


def _look_between(field: Field) -> Look | None:
    return None if field.look is NOT_RUN and field.edges is None else field.look


def _agreement(cell: Cell | None) -> str:
    if cell is None or cell.agreeing == cell.judged:
        return ""
    return f"{cell.agreeing}/{cell.judged}"


_FAILED = frozenset({CellLabel.DIVERGED, CellLabel.BROKEN})
_EVEN = 0.5


def chance_note(cell: Cell | None) -> str:
    """The chance of failing at the rate of a cell, in words that agree with what the cell did; empty for none."""
    chance = None if cell is None else cell.diverges
    if cell is None or chance is None:
        return ""
    value = chance_text(chance.probability, chance.low, chance.high)
    if cell.label in _FAILED:
        likely = chance.probability >= _EVEN
        return f"chance of failing {value}" if likely else f"though by its neighbours the chance of failing is {value}"
    if cell.label is CellLabel.UNRELIABLE:
        return f"the chance that another probe fails is {value}"
    return f"chance of diverging {value}"


def _is_in(rate: float, ends: Range | None) -> bool:
    return ends is not None and ends.low * (1 - SAME_RATE) <= rate <= ends.high * (1 + SAME_RATE)


def _range_note(rate: float, stable: Range | None, well: Range | None) -> str:
    if not _is_in(rate, stable):
        return ""
    if well is None:
        return "stable"
    if _is_in(rate, well):
        return "trains well"
    return "slower but stable" if rate < well.low else "trains less well but stable"


def _box(ends: Range | None, columns: Sequence[float], edges: Sequence[float]) -> tuple[float, float] | None:
    """Around a range, from the end that is named to the other; a column in which one lies exactly is in it whole."""
    if ends is None:
        return None
    low, high = (
        next((at for at, rate in enumerate(columns) if _same(rate, end)), None) for end in (ends.low, ends.high)
    )
    return ends.low if low is None else edges[low], ends.high if high is None else edges[high + 1]


def _same(rate: float, other: float) -> bool:
    return abs(rate - other) <= SAME_RATE * other


def _class(name: str, inside: Sequence[bool], column: int) -> str:
    if not inside[column]:
        return ""
    first = column == 0 or not inside[column - 1]
    last = column + 1 == len(inside) or not inside[column + 1]
    return name + f" {name}-first" * first + f" {name}-last" * last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ids:
    """The ids of all probes by the place of their cells."""

    of_row: Mapping[tuple[str, int], Mapping[float, Sequence[str]]]
    """Optimizer and batch size -> rate -> ids."""
    nulls: Mapping[tuple[str, int], tuple[str, ...]]
    """Optimizer, empty for any, and batch size -> ids."""


def _ids(probes: Sequence[Probe]) -> _Ids:
    of_row: dict[tuple[str, int], dict[float, list[str]]] = {}
    nulls: dict[tuple[str, int], tuple[str, ...]] = {}
    for probe in (probe for probe in probes if probe.purpose is Purpose.MAP):
        where, rate = (probe.optimizer, probe.batch_size), probe.learning_rate
        if rate == NULL_RATE:
            for key in (where, ("", probe.batch_size)):
                nulls[key] = (*nulls.get(key, ()), probe.id)
        of_row.setdefault(where, {}).setdefault(rate, []).append(probe.id)
    return _Ids(of_row=of_row, nulls=nulls)
