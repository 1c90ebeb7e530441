"""The stability maps as a page shows them, made from the results document.

Both the table and the figure of a map are drawn from one `MapView`, so they cannot differ.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sweeper.probe import NULL_RATE
from sweeper.report._looks import Look, look_of_cell
from sweeper.report._scale import log_edges
from sweeper.space import SCRIPT
from sweeper.text import rate_text

_SAME_RATE = 1e-4
"""Rates are kept with six digits; closer ones than this share are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """One learning rate at one batch size."""

    key: str
    """Unique in the page."""
    learning_rate: float
    look: Look
    agreement: str
    """How many probes say so, when not all do: `2/3`."""
    safe_class: str
    """How the outline of the safe range passes it, as classes of the style sheet; empty outside."""
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
        said = (
            f"{self.place}: {self.look.title}",
            f"in {self.agreement.replace('/', ' of ')} probes" if self.agreement else "",
            "in the safe range" if self.safe_class else "",
            "recommended" if self.recommended else "",
            "nearest to your setting" if self.yours else "",
        )
        return ", ".join(part for part in said if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One batch size."""

    batch_size: int
    cells: tuple[CellView, ...]
    safe_box: tuple[float, float] | None
    """Outer borders of the cells in the safe range."""
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
    edges: tuple[float, ...]
    """Borders of the cells, one more than there are rates."""
    rows: tuple[RowView, ...]
    recommended: Spot | None
    yours: Spot | None


def map_views(results: Mapping[str, Any]) -> tuple[MapView, ...]:
    """A map for each optimizer that has a row, in the order of the optimizer axis."""
    optimizers = list(dict.fromkeys(row["optimizer"] for row in results["rows"]))
    return tuple(_map_view(results, label, number) for number, label in enumerate(optimizers))


def optimizer_title(results: Mapping[str, Any], label: str) -> str:
    """The name of an optimizer in a sentence; the script's own is named by its class."""
    job = results["target"]["job"]
    if label != SCRIPT:
        return label
    return f"your {job['optimizer']['name']}" if job else "your optimizer"


def _map_view(results: Mapping[str, Any], label: str, number: int) -> MapView:
    rows = sorted((row for row in results["rows"] if row["optimizer"] == label), key=lambda row: row["batch_size"])
    rates = _rates(results, rows)
    batches = [row["batch_size"] for row in rows]
    advice = results["recommendation"]
    recommended = _spot(advice, batches) if advice and advice["optimizer"] == label else None
    yours = _spot(advice["script"], batches) if advice and label == SCRIPT else None
    return MapView(
        key=f"map{number}",
        optimizer=label,
        title=optimizer_title(results, label),
        rates=rates,
        edges=log_edges(rates),
        rows=tuple(
            _row_view(
                results,
                row,
                rates,
                key=f"map{number}-{place}",
                recommended=_nearest(recommended, rates, place),
                yours=_nearest(yours, rates, place),
            )
            for place, row in enumerate(rows)
        ),
        recommended=recommended,
        yours=yours,
    )


def _rates(results: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    axis = () if results["space"] is None else results["space"]["learning_rates"]
    found = (cell["learning_rate"] for row in rows for cell in row["cells"])
    return tuple(sorted({rate for rate in (*axis, *found) if rate > NULL_RATE}))


def _spot(setting: Mapping[str, Any], batches: Sequence[int]) -> Spot | None:
    if not setting["learning_rate"]:
        return None
    return Spot(learning_rate=setting["learning_rate"], row=_place(setting["batch_size"], batches))


def _place(batch: int, batches: Sequence[int]) -> float:
    for index, (low, high) in enumerate(pairwise(batches)):
        if low <= batch <= high:
            return index + math.log(batch / low) / math.log(high / low)
    return 0.0 if batch <= batches[0] else len(batches) - 1.0


def _nearest(spot: Spot | None, rates: Sequence[float], place: int) -> float | None:
    if spot is None or round(spot.row) != place:
        return None
    target = math.log(spot.learning_rate)
    return min(rates, key=lambda rate: abs(math.log(rate) - target))


def _row_view(
    results: Mapping[str, Any],
    row: Mapping[str, Any],
    rates: Sequence[float],
    *,
    key: str,
    recommended: float | None,
    yours: float | None,
) -> RowView:
    safe = [_is_safe(rate, row["safe_learning_rate"]) for rate in rates]
    by_rate = {cell["learning_rate"]: cell for cell in row["cells"]}
    ids = _ids_by_rate(results, row)
    return RowView(
        batch_size=row["batch_size"],
        safe_box=_safe_box(row["safe_learning_rate"], safe, log_edges(rates)),
        nulls=_nulls(results, row),
        cells=tuple(
            CellView(
                key=f"{key}-{column}",
                learning_rate=rate,
                look=look_of_cell(by_rate.get(rate)),
                agreement=_agreement(by_rate.get(rate)),
                safe_class=_safe_class(safe, column),
                recommended=rate == recommended,
                yours=rate == yours,
                place=f"{rate_text(rate)} at batch size {row['batch_size']}",
                probes=tuple(ids.get(rate, ())),
            )
            for column, rate in enumerate(rates)
        ),
    )


def _agreement(cell: Mapping[str, Any] | None) -> str:
    if cell is None or cell["agreeing"] == cell["judged"]:
        return ""
    return f"{cell['agreeing']}/{cell['judged']}"


def _is_safe(rate: float, ends: Mapping[str, float] | None) -> bool:
    return ends is not None and ends["low"] * (1 - _SAME_RATE) <= rate <= ends["high"] * (1 + _SAME_RATE)


def _safe_box(
    ends: Mapping[str, float] | None, safe: Sequence[bool], edges: Sequence[float]
) -> tuple[float, float] | None:
    columns = [column for column, inside in enumerate(safe) if inside]
    if columns:
        return edges[columns[0]], edges[columns[-1] + 1]
    return None if ends is None else (ends["low"], ends["high"])


def _safe_class(safe: Sequence[bool], column: int) -> str:
    if not safe[column]:
        return ""
    first = column == 0 or not safe[column - 1]
    last = column + 1 == len(safe) or not safe[column + 1]
    return "safe" + " safe-first" * first + " safe-last" * last


def _ids_by_rate(results: Mapping[str, Any], row: Mapping[str, Any]) -> dict[float, list[str]]:
    ids: dict[float, list[str]] = {}
    for probe in results["probes"]:
        if probe["optimizer"] == row["optimizer"] and probe["batch_size"] == row["batch_size"]:
            ids.setdefault(probe["learning_rate"], []).append(probe["id"])
    return ids


def _nulls(results: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, ...]:
    found = [p for p in results["probes"] if p["learning_rate"] == NULL_RATE and p["batch_size"] == row["batch_size"]]
    own = [probe for probe in found if probe["optimizer"] == row["optimizer"]]
    return tuple(probe["id"] for probe in own or found)
