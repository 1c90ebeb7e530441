"""Figures for plotly.js, as plain dicts without the colours of the page's theme, which the script of the page adds.

The map figure is drawn from a `MapView`. The curves are drawn in the browser when a cell is chosen: `curve_figure`
has the layout and one pattern for each kind of line.
"""

import math
from typing import Any, Final

import plotly.graph_objects as go

from sweeper.reporting._looks import LOOKS, NOT_RUN, Look
from sweeper.reporting._map_rows import CellView, FieldView, RowView
from sweeper.reporting._maps import MapView, Spot, stretches
from sweeper.text import rate_text

CONFIG: Final = {
    "displayModeBar": False,
    "displaylogo": False,
    "responsive": True,
    # plotly 7 shows a button that uploads the figure unless both of these are set.
    "showSendToCloud": False,
    "plotlyServerURL": "",
}
"""Settings of every figure."""

ROW_PIXELS: Final = 52
_AXES_PIXELS = 64
_BORDER = 0.05
"""Part of a row around all rows, for the outline of a safe range."""
_MARK_OFFSET = 0.37
"""Marks lie this far from the middle of a row, so that they do not hide its letters."""

_CODES = {look.name: code for code, look in enumerate(LOOKS)}
_FAINT = "40"
"""Opacity of a cell that did not run, as the last two digits of a colour: it must recede on a light and a dark page."""
_BETWEEN = "5c"
"""Opacity of a column that was not probed itself, but lies between two that say the same."""
_TALL_ROWS = 8
"""Rows up to which each is `ROW_PIXELS` high; more share as much height, down to `_LOWEST_ROW`."""
_LOWEST_ROW = 20


def map_figure(view: MapView) -> dict[str, Any]:
    """Data and layout of the map of one optimizer."""
    figure = go.Figure(layout=_map_layout(view))
    figure.add_trace(_colours(view))
    figure.add_trace(_letters(view))
    for spot, offset, symbol in (
        (view.recommended, -_MARK_OFFSET, "star"),
        (view.yours, _MARK_OFFSET, "diamond"),
    ):
        if spot is not None:
            figure.add_trace(_mark(spot, offset, symbol))
    for place, row in enumerate(view.rows):
        for box in _outline(row, place):
            figure.add_shape(box)
    return plain_figure(figure)


def _colours(view: MapView) -> go.Heatmap:
    gap = 0 if view.fine else 3
    return go.Heatmap(
        x=list(view.edges),
        y=list(range(len(view.rows))),
        z=[[_code(field) for field in row.fields] for row in view.rows],
        # The script of the page says in words what is there: a large map has thousands of cells.
        customdata=[[[field.cell] if field.cell else 0 for field in row.fields] for row in view.rows],
        hovertemplate="%{customdata[1]}<extra></extra>",
        hoverongaps=False,
        colorscale=_colour_steps(),
        zmin=-0.5,
        zmax=2 * len(LOOKS) - 0.5,
        showscale=False,
        xgap=gap,
        ygap=3,
    )


def _code(field: FieldView) -> int | None:
    if field.look is None:
        return None
    return _CODES[field.look.name] + (0 if field.probed else len(LOOKS))


def _colour_steps() -> list[list[float | str]]:
    width = 1 / (2 * len(LOOKS))
    probed = [f"{look.colour}{_FAINT}" if look is NOT_RUN else look.colour for look in LOOKS]
    between = [f"{look.colour}{_FAINT if look is NOT_RUN else _BETWEEN}" for look in LOOKS]
    return [[edge * width, colour] for code, colour in enumerate(probed + between) for edge in (code, code + 1)]


def _letters(view: MapView) -> go.Scatter:
    letters = [(place, *letter) for place, row in enumerate(view.rows) for letter in _letters_of(view, row)]
    return go.Scatter(
        mode="text",
        x=[rate for _, rate, _, _ in letters],
        y=[place for place, _, _, _ in letters],
        text=[text for _, _, text, _ in letters],
        textfont={"size": 15, "color": [ink for _, _, _, ink in letters]},
        # A letter of a stretch may lie on a faint colour: the script of the page gives it that of the page's text.
        meta="ink" if view.fine else None,
        hoverinfo="skip",
        showlegend=False,
    )


def _letters_of(view: MapView, row: RowView) -> list[tuple[float, str, str]]:
    """Place, text and colour of the letters of a row: one in each cell of a grid, else one for each stretch."""
    if not view.fine:
        return [(cell.learning_rate, _letter(cell), _ink(cell.look)) for cell in row.cells]
    return [
        (math.sqrt(low * high), f"<b>{look.glyph}</b>", look.ink)
        for look, low, high in stretches(view, row)
        if look is not None and look is not NOT_RUN
    ]


def _letter(cell: CellView) -> str:
    small = f"<br><span style='font-size:10px'>{cell.agreement}</span>" if cell.agreement else ""
    return f"<b>{cell.look.glyph}</b>{small}"


def _ink(look: Look) -> str:
    return look.colour if look is NOT_RUN else look.ink


def _mark(spot: Spot, offset: float, symbol: str) -> go.Scatter:
    between_rows = 2 * abs(spot.row - round(spot.row))
    return go.Scatter(
        mode="markers",
        x=[spot.learning_rate],
        y=[spot.row + offset * (1 - between_rows)],
        marker={"symbol": symbol, "size": 11, "line": {"width": 1.2}},
        hoverinfo="skip",
        showlegend=False,
    )


def _outline(row: RowView, place: int) -> list[go.layout.Shape]:
    """Around what trains well, and with a fine dotted line around what is stable besides."""
    boxes = (("stable", row.stable_box, {"width": 1.6, "dash": "dot"}), ("well", row.well_box, {"width": 2.6}))
    upright = {"type": "rect", "y0": place - 0.5, "y1": place + 0.5}
    return [go.layout.Shape(name=name, x0=box[0], x1=box[1], line=line, **upright) for name, box, line in boxes if box]


def _map_layout(view: MapView) -> dict[str, Any]:
    batches = [str(row.batch_size) for row in view.rows]
    title = "batch size" if len(batches) > 1 else ""
    return {
        "template": None,
        "height": _row_pixels(len(view.rows)) * len(view.rows) + _AXES_PIXELS,
        "margin": {"l": 64, "r": 8, "t": 8, "b": 52},
        "dragmode": False,
        "xaxis": {
            "type": "log",
            "title": {"text": "learning rate"},
            "range": [math.log10(view.edges[0]), math.log10(view.edges[-1])],
            "tickvals": list(view.rates),
            "ticktext": [rate_text(rate) for rate in view.rates],
            "showgrid": False,
            "ticks": "",
            "fixedrange": True,
        },
        "yaxis": {
            "title": {"text": title},
            "tickvals": list(range(len(batches))),
            "ticktext": batches if title else [f"batch {batches[0]}"],
            "range": [len(batches) - 0.5 + _BORDER, -0.5 - _BORDER],
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
            "fixedrange": True,
        },
    }


def _row_pixels(rows: int) -> int:
    return ROW_PIXELS if rows <= _TALL_ROWS else max(_LOWEST_ROW, ROW_PIXELS * _TALL_ROWS // rows)


def curve_figure() -> dict[str, Any]:
    """The layout of the chart of curves, and a pattern for each kind of line in it."""
    lines = {
        "null": go.Scatter(mode="lines", line={"width": 1}, opacity=0.45),
        "train": go.Scatter(mode="lines", line={"width": 1.5}, opacity=0.85),
        "validation": go.Scatter(mode="lines+markers", line={"width": 2}, marker={"size": 6}),
        "nonfinite": go.Scatter(
            mode="markers",
            marker={"symbol": "triangle-up", "size": 13},
            cliponaxis=False,
            showlegend=False,
        ),
    }
    layout = {
        "template": None,
        "height": 330,
        "margin": {"l": 62, "r": 14, "t": 14, "b": 46},
        "xaxis": {"title": {"text": "step"}, "rangemode": "tozero", "zeroline": False},
        "yaxis": {"title": {"text": "loss"}, "zeroline": False, "exponentformat": "e"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "x unified",
    }
    return {
        "lines": {name: line.to_plotly_json() for name, line in lines.items()},
        **plain_figure(go.Figure(layout=layout)),
    }


def plain_figure(figure: go.Figure) -> dict[str, Any]:
    """Data and layout without plotly's template, which the script of the page replaces."""
    whole = figure.to_plotly_json()
    whole["layout"].pop("template", None)
    return {"data": whole["data"], "layout": whole["layout"]}
