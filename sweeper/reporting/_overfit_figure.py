"""The figure of the long training for plotly.js: training and validation loss by epoch, and where the latter is lowest.

As in the other figures, `meta` of a trace and `name` of a shape or an annotation say which colour they get.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import plotly.graph_objects as go

from sweeper.reporting._curves import PageCurve
from sweeper.reporting.figures import plain_figure
from sweeper.results import Overfit

PIXELS: Final = 320
_LATE = 0.6
"""Part of the axis beyond which a name is written to the left of its line."""
_BELOW = 10.0
"""How far below the lowest validation loss a logarithmic axis goes: a rise of it is to be seen."""
_AIR_BELOW, _AIR_ABOVE = 0.85, 1.2


def overfit_figure(overfit: Overfit | None, curves: Mapping[str, PageCurve]) -> dict[str, Any] | None:
    """Data and layout; None without a long training."""
    curve = None if overfit is None or overfit.probe is None else curves.get(overfit.probe)
    if overfit is None or curve is None or not overfit.steps or not overfit.passes:
        return None
    each = overfit.steps / overfit.passes
    figure = go.Figure(layout=_layout(_axis(curve)))
    train = {"x": [step / each for step in curve.steps], "y": list(curve.train_loss)}
    figure.add_trace(go.Scatter(mode="lines", name="training", meta="train", line={"width": 1.2}, opacity=0.7, **train))
    if curve.val_steps:
        val = {"x": [step / each for step in curve.val_steps], "y": list(curve.val_loss)}
        line, marker = {"width": 2}, {"size": 6}
        figure.add_trace(
            go.Scatter(mode="lines+markers", name="validation", meta="validation", line=line, marker=marker, **val)
        )
    if overfit.best_pass is not None:
        _mark_lowest(figure, overfit.best_pass, late=overfit.best_pass > _LATE * overfit.passes)
    return plain_figure(figure)


def _mark_lowest(figure: go.Figure, place: float, *, late: bool) -> None:
    upright = {"type": "line", "x0": place, "x1": place, "yref": "paper", "y0": 0, "y1": 1}
    figure.add_shape(name="quiet", line={"width": 1, "dash": "dot"}, layer="between", **upright)
    figure.add_annotation(
        text="validation loss lowest",
        name="quiet",
        x=place,
        xanchor="right" if late else "left",
        xshift=-5 if late else 5,
        yref="paper",
        y=1,
        yanchor="top",
        showarrow=False,
        font={"size": 12},
    )


def _axis(curve: PageCurve) -> dict[str, Any]:
    """A logarithmic axis where losses allow it. It ends below the validation loss: training may go much lower."""
    val, losses = ([loss for loss in some if loss is not None] for some in (curve.val_loss, _losses(curve)))
    if not losses or min(losses) <= 0:
        return {"type": "linear"}
    low = max(min(losses), min(val, default=0.0) / _BELOW)
    return {"type": "log", "range": [math.log10(low * _AIR_BELOW), math.log10(max(losses) * _AIR_ABOVE)]}


def _losses(curve: PageCurve) -> tuple[float | None, ...]:
    return (*curve.train_loss, *curve.val_loss)


def _layout(axis: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "height": PIXELS,
        "margin": {"l": 62, "r": 14, "t": 30, "b": 46},
        "dragmode": False,
        "hovermode": "x unified",
        "xaxis": {"title": {"text": "epoch"}, "rangemode": "tozero", "zeroline": False, "fixedrange": True},
        "yaxis": {"title": {"text": "loss"}, "zeroline": False, "exponentformat": "e", "fixedrange": True, **axis},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
    }
