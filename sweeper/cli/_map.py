"""The stability map as lines of text: one row for each optimizer and batch size, one column for each learning rate."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from sweeper.report._looks import LOOKS, Look
from sweeper.text import rate_text

_WIDEST_CELL = 5
_WIDEST_LABEL = 28
"""Longer labels of optimizers are cut."""
_GAP = 2
_LEGEND_GAP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """One row of the map."""

    optimizer: str
    batch_size: int
    look_at: Callable[[float], Look]
    """The look of the cell at a learning rate."""


def map_lines(rows: Sequence[MapRow], rates: Sequence[float], *, width: int) -> tuple[Text, ...]:
    """The map, its head first, in lines of at most `width` characters where that leaves each cell its letter."""
    labels = _labels(rows)
    left = max((len(label) for label in labels), default=0) + _GAP
    cell = max(1, min(_WIDEST_CELL, (width - left) // max(1, len(rates))))
    return (
        _head(rates, left=left, cell=cell),
        *(_row(label, row, rates, left=left, cell=cell) for label, row in zip(labels, rows, strict=True)),
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
    for index in _labelled([rate_text(rate) for rate in rates], cell=cell):
        line = f"{line:<{left + index * cell + (cell - 1) // 2}}{rate_text(rates[index])}"
    return Text(line, style="bold", no_wrap=True, overflow="crop")


def _labelled(labels: Sequence[str], *, cell: int) -> range:
    """Which columns get their label: every n-th, as many as fit, those with the shortest labels first."""
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
        look = row.look_at(rate)
        line.append(" " * before + look.glyph + " " * after, style_of(look))
    return line
