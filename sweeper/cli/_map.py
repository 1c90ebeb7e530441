"""The stability map as lines of text: one row for each optimizer and batch size, one column for each learning rate."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.style import Style
from rich.text import Text

from sweeper.reporting import LOOKS, NOT_RUN, Look, Raster, raster_of
from sweeper.text import rate_text

_WIDEST_CELL = 5
_WIDEST_LABEL = 28
"""Longer labels of optimizers are cut."""
_GAP = 2
_LEGEND_GAP = 3
_STEPS = (0.1, 0.2, 1 / 3, 0.5, 1.0, 2.0)
"""Widths of a column in decades; all but the last have a column at each power of ten."""
_SAME_STEP = 1 - 1e-9
"""A resolution of 0.1 that was worked out is a column of 0.1."""
FOLLOWS = "small letters: not probed, between two that agree"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """One row of the map."""

    optimizer: str
    batch_size: int
    look_at: Callable[[float], Look]
    """The look of the cell at a learning rate."""
    follows_at: Callable[[float], bool] = lambda _: False
    """Whether the look was not probed there, but is that of both neighbours."""


def map_lines(rows: Sequence[MapRow], rates: Sequence[float], *, width: int) -> tuple[Text, ...]:
    """The map, its head first, in lines of at most `width` characters where that leaves each cell its letter."""
    labels = _labels(rows)
    left = max((len(label) for label in labels), default=0) + _GAP
    cell = max(1, min(_WIDEST_CELL, (width - left) // max(1, len(rates))))
    return (
        _head(rates, left=left, cell=cell),
        *(_row(label, row, rates, left=left, cell=cell) for label, row in zip(labels, rows, strict=True)),
    )


def raster_rows(
    looks: Mapping[tuple[str, int], Mapping[float, Look]], *, resolution: float, width: int
) -> tuple[tuple[MapRow, ...], tuple[float, ...]]:
    """Rows whose rates differ, on columns that they share and that fit the width; and the rates of the columns.

    Args:
        looks: Optimizer and batch size of each row, with the looks of its probed rates.
        resolution: Decades between the rates of the search; columns are at least as wide.
        width: Characters of a line.
    """
    rates = [rate for row in looks.values() for rate in row]
    if not rates:
        return tuple(_empty_row(key) for key in looks), ()
    room = width - _GAP - max(map(len, _labels([_empty_row(key) for key in looks])))
    steps = [step for step in _STEPS if step >= resolution * _SAME_STEP] or [resolution]
    rasters = [raster_of(rates, step=step) for step in steps]
    raster = next((one for one in rasters if len(one.rates) <= room), rasters[-1])
    return tuple(_raster_row(key, row, raster) for key, row in looks.items()), raster.rates


def _empty_row(key: tuple[str, int]) -> MapRow:
    return MapRow(optimizer=key[0], batch_size=key[1], look_at=lambda _: NOT_RUN)


def _raster_row(key: tuple[str, int], looks: Mapping[float, Look], raster: Raster) -> MapRow:
    fields = dict(zip(raster.rates, raster.fields(looks), strict=True))
    return MapRow(
        optimizer=key[0],
        batch_size=key[1],
        look_at=lambda rate: fields[rate].look,
        follows_at=lambda rate: not fields[rate].probed and fields[rate].look is not NOT_RUN,
    )


def legend_lines(looks: Iterable[Look], *, width: int) -> tuple[Text, ...]:
    """What the letters among `looks` mean, in as many lines as needed."""
    present = {look.name for look in looks}
    entries = [
        Text.assemble((f" {look.glyph} ", style_of(look)), f" {look.title}") for look in LOOKS if look.name in present
    ]
    lines: list[Text] = []
    for entry in entries:
        if lines and len(lines[-1]) + _LEGEND_GAP + len(entry) <= width:
            lines[-1].append(" " * _LEGEND_GAP).append_text(entry)
        else:
            lines.append(entry)
    return tuple(lines)


def style_of(look: Look) -> Style:
    """The colours of a cell."""
    return Style(color=look.ink, bgcolor=look.colour)


def _labels(rows: Sequence[MapRow]) -> list[str]:
    """Optimizer and batch size of each row in two columns, an optimizer only where it changes."""
    names = [_cut(row.optimizer) for row in rows]
    shown = ["" if i and name == names[i - 1] else name for i, name in enumerate(names)]
    sizes = [f"{row.batch_size}" for row in rows]
    name_width = max(map(len, [*shown, "optimizer"]))
    size_width = max(map(len, [*sizes, "batch"]))
    return [f"{name:<{name_width}}  {size:>{size_width}}" for name, size in zip(shown, sizes, strict=True)]


def _cut(name: str) -> str:
    return name if len(name) <= _WIDEST_LABEL else name[: _WIDEST_LABEL - 1] + "…"


def _head(rates: Sequence[float], *, left: int, cell: int) -> Text:
    """Names of the columns, and the rates that fit, each starting above its letter."""
    names = f"optimizer{'batch':>{left - _GAP - len('optimizer')}}"
    line = f"{names:<{left}}"
    for index in _labelled(rates, cell=cell):
        line = f"{line:<{left + index * cell + (cell - 1) // 2}}{rate_text(rates[index])}"
    return Text(line, style="bold", no_wrap=True, overflow="crop")


def _labelled(rates: Sequence[float], *, cell: int) -> Sequence[int]:
    """Which columns get their label: all, else powers of ten, else every n-th, as many as fit, the shortest first."""
    labels = [rate_text(rate) for rate in rates]
    powers = [index for index, rate in enumerate(rates) if math.log10(rate).is_integer()]
    apart = [(high - low) * cell for low, high in pairwise(powers)]
    fits = all(len(labels[index]) < room for index, room in zip(powers, apart, strict=False))
    if apart and fits and any(len(label) >= cell for label in labels):
        return powers
    for stride in range(1, len(labels)):
        choices = [range(start, len(labels), stride) for start in range(stride)]
        fitting = [choice for choice in choices if all(len(labels[i]) < stride * cell for i in choice)]
        if fitting:
            return min(fitting, key=lambda choice: max(len(labels[i]) for i in choice))
    return range(min(1, len(labels)))


def _row(label: str, row: MapRow, rates: Sequence[float], *, left: int, cell: int) -> Text:
    line = Text(f"{label:<{left}}", no_wrap=True, overflow="crop")
    before, after = (cell - 1) // 2, cell // 2
    for rate in rates:
        look, follows = row.look_at(rate), row.follows_at(rate)
        glyph = look.glyph.lower() if follows else look.glyph
        line.append(" " * before + glyph + " " * after, Style(color=look.colour) if follows else style_of(look))
    return line
