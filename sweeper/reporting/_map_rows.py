"""The rows of a stability map as a page shows them: what each cell says, and where the ranges lie."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeper.followup import Purpose
from sweeper.probes import NULL_RATE
from sweeper.ranges import SAME_RATE, CellLabel, SafeRange
from sweeper.reporting._looks import NOT_RUN, Look, look_of_cell
from sweeper.reporting._raster import Field, Raster
from sweeper.results import Cell, Probe, Range, Row
from sweeper.text import chance_text, rate_text


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
class ProbeIds:
    """The ids of all probes by the place of their cells."""

    of_row: Mapping[tuple[str, int], Mapping[float, Sequence[str]]]
    """Optimizer and batch size -> rate -> ids."""
    nulls: Mapping[tuple[str, int], tuple[str, ...]]
    """Optimizer, empty for any, and batch size -> ids."""


def probe_ids(probes: Sequence[Probe]) -> ProbeIds:
    """The ids of the probes of the map."""
    of_row: dict[tuple[str, int], dict[float, list[str]]] = {}
    nulls: dict[tuple[str, int], tuple[str, ...]] = {}
    for probe in (probe for probe in probes if probe.purpose is Purpose.MAP):
        where, rate = (probe.optimizer, probe.batch_size), probe.learning_rate
        if rate == NULL_RATE:
            for key in (where, ("", probe.batch_size)):
                nulls[key] = (*nulls.get(key, ()), probe.id)
        of_row.setdefault(where, {}).setdefault(rate, []).append(probe.id)
    return ProbeIds(of_row=of_row, nulls=nulls)


def row_view(
    row: Row,
    rates: Sequence[float],
    raster: Raster | None,
    ids: ProbeIds,
    *,
    key: str,
    edges: Sequence[float],
    marked: tuple[float | None, float | None],
) -> RowView:
    """The view of a row.

    Args:
        row: The row in the results.
        rates: The rates to show: of a grid those of all its columns, else those that were probed.
        raster: The columns of a boundary search; None for a grid.
        ids: The ids of all probes.
        key: Begins the keys of its cells.
        edges: Borders of the columns.
        marked: The recommended rate and the script's own, where they belong to this row.
    """
    stable, well = row.stable_learning_rate, row.trains_well_learning_rate
    is_stable, is_well = ([_is_in(rate, ends) for rate in rates] for ends in (stable, well))
    recommended, yours = (_nearest(rate, rates) for rate in marked)
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


def _nearest(target: float | None, rates: Sequence[float]) -> float | None:
    if target is None or not rates:
        return None
    return min(rates, key=lambda rate: abs(math.log(rate) - math.log(target)))


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
    return ends is not None and SafeRange(low=ends.low, high=ends.high).holds(rate)


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
