"""Figures for plotly.js, as plain dicts without the colours of the page's theme, which the script of the page adds.

The map figure is drawn from a `MapView`. The curves are drawn in the browser when a cell is chosen: `curve_figure`
has the layout and one pattern for each kind of line.
"""

from typing import Any, Final

import plotly.graph_objects as go

from sweeper.report._looks import LOOKS, NOT_RUN
from sweeper.report._maps import CellView, MapView, RowView, Spot
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
    return go.Heatmap(
        x=list(view.edges),
        y=list(range(len(view.rows))),
        z=[[_CODES[cell.look.name] for cell in row.cells] for row in view.rows],
        customdata=[[[cell.key, cell.description] for cell in row.cells] for row in view.rows],
        hovertemplate="%{customdata[1]}<extra></extra>",
        colorscale=_colour_steps(),
        zmin=-0.5,
        zmax=len(LOOKS) - 0.5,
        showscale=False,
        xgap=3,
        ygap=3,
    )


def _colour_steps() -> list[list[float | str]]:
    width = 1 / len(LOOKS)
    colours = [f"{look.colour}{_FAINT}" if look is NOT_RUN else look.colour for look in LOOKS]
    return [[edge * width, colour] for code, colour in enumerate(colours) for edge in (code, code + 1)]


def _letters(view: MapView) -> go.Scatter:
    cells = [(place, cell) for place, row in enumerate(view.rows) for cell in row.cells]
    return go.Scatter(
        mode="text",
        x=[cell.learning_rate for _, cell in cells],
        y=[place for place, _ in cells],
        text=[_letter(cell) for _, cell in cells],
        textfont={"size": 15, "color": [_ink(cell) for _, cell in cells]},
        hoverinfo="skip",
        showlegend=False,
    )


def _letter(cell: CellView) -> str:
    small = f"<br><span style='font-size:10px'>{cell.agreement}</span>" if cell.agreement else ""
    return f"<b>{cell.look.glyph}</b>{small}"


def _ink(cell: CellView) -> str:
    return cell.look.colour if cell.look is NOT_RUN else cell.look.ink


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
    if row.safe_box is None:
        return []
    low, high = row.safe_box
    ends = {"x0": low, "x1": high, "y0": place - 0.5, "y1": place + 0.5}
    return [go.layout.Shape(type="rect", name="safe", line={"width": 2.5}, **ends)]


def _map_layout(view: MapView) -> dict[str, Any]:
    batches = [str(row.batch_size) for row in view.rows]
    title = "batch size" if len(batches) > 1 else ""
    return {
        "template": None,
        "height": ROW_PIXELS * len(view.rows) + _AXES_PIXELS,
        "margin": {"l": 64, "r": 8, "t": 8, "b": 52},
        "dragmode": False,
        "xaxis": {
            "type": "log",
            "title": {"text": "learning rate"},
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
