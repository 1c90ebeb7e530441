"""The stability maps as a page shows them, made from the results.

Both the table and the figure of a map are drawn from one `MapView`, so they cannot differ. The rows of a grid share
their rates, one column each. Those of a boundary search have rates of their own, on columns as fine as the search.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sweeper.probes import NULL_RATE
from sweeper.reporting._looks import Look
from sweeper.reporting._map_rows import ProbeIds, RowView, probe_ids, row_view
from sweeper.reporting._raster import Raster, raster_of
from sweeper.reporting._scale import log_edges
from sweeper.results import Recommendation, Results, Row, Script
from sweeper.space import SCRIPT

MOST_COLUMNS = 240
"""Columns of a map; more would be narrower than two pixels."""
_MOST_LETTERS = 40
"""Columns of a grid that have room for a letter each."""
MOST_IN_TABLES = 1500
"""Cells of all maps up to which these are also shown as tables; larger ones are of no use to anyone."""


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
    ids, raster = probe_ids(results.probes), _raster(results)
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


def _map_view(results: Results, label: str, number: int, ids: ProbeIds, raster: Raster | None) -> MapView:
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
            row_view(
                row,
                rates if raster is None else [cell.learning_rate for cell in row.cells],
                raster,
                ids,
                key=f"map{number}-{place}",
                edges=edges,
                marked=(_rate_at(recommended, place), _rate_at(yours, place)),
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


def _rate_at(spot: Spot | None, place: int) -> float | None:
    """The rate of a spot, where it belongs to the row at a place."""
    return spot.learning_rate if spot is not None and round(spot.row) == place else None
