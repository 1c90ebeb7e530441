"""The memory figure for plotly.js: peak memory against batch size, and below it the speed.

Like the other figures it has no colours of the theme. `meta` of a trace, and `name` of a shape or an annotation, say
which colour of the style sheet the script of the page gives to it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from sweeper.batch_size.report._traces import memory_traces, speed_traces
from sweeper.probes import OutcomeKind
from sweeper.reporting.figures import plain_figure
from sweeper.results import Memory
from sweeper.text import bytes_text, number_text

MEMORY_PIXELS: Final = 300
"""Height of the upper panel."""
SPEED_PIXELS: Final = 130
"""Height of the lower one, which is left out when no size was timed."""
_GAP_PIXELS = 22
_TOP_PIXELS = 14
_MARK_PIXELS = 19
_BOTTOM_PIXELS = 46
_LONE_FACTOR = 2.0
"""The axis of batch sizes goes on by this factor beyond a lone size; else by the root of it."""
_FAR_LIMIT = 4.0
"""A limit this many times above all peaks is left out of the figure, for it would press them to the ground."""
_AIR = 1.08
_TICKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    """Where the axes end."""

    low: float
    high: float
    """Batch sizes."""
    memory: float
    speed: float | None
    """Upper ends; None when no size was timed."""

    @property
    def pixels(self) -> int:
        """The height of both panels together."""
        return MEMORY_PIXELS if self.speed is None else MEMORY_PIXELS + _GAP_PIXELS + SPEED_PIXELS


def memory_figure(memory: Memory) -> dict[str, Any] | None:
    """Data and layout; None when there was no trial."""
    if not memory.trials:
        return None
    axes, marks = _axes(memory), _marks(memory)
    figure = go.Figure(layout=_layout(axes, rows=len(marks)))
    for trace in (*memory_traces(memory, low=axes.low, high=axes.high), *speed_traces(memory)):
        figure.add_trace(trace)
    _draw_limits(figure, memory, axes)
    _draw_marks(figure, marks, axes, best=memory.recommended)
    return plain_figure(figure)


def _axes(memory: Memory) -> _Axes:
    sizes = [trial.batch_size for trial in memory.trials] + [speed.batch_size for speed in memory.speeds]
    sizes += [*(point.batch_size for point in memory.points), memory.own_batch_size]
    low, high = min(sizes), max(sizes)
    factor = _LONE_FACTOR if low == high else math.sqrt(_LONE_FACTOR)
    rates = [speed.samples_per_second for speed in memory.speeds]
    return _Axes(
        low=low / factor,
        high=high * factor,
        memory=_AIR * _highest(memory),
        speed=_AIR * (max(rates) or 1.0) if rates else None,
    )


def _highest(memory: Memory) -> int:
    """The most memory that the figure has to show."""
    limit = memory.limit_bytes
    peak = max(trial.peak_bytes or 0 for trial in memory.trials)
    failed = any(trial.outcome is OutcomeKind.OOM for trial in memory.trials)
    return peak if 0 < peak * _FAR_LIMIT < limit and not failed else max(peak, limit, 1)


def _draw_limits(figure: go.Figure, memory: Memory, axes: _Axes) -> None:
    limit, headroom = memory.limit_bytes, memory.headroom
    text = {"showarrow": False, "xref": "paper", "x": 0, "xanchor": "left", "xshift": 6, "font": {"size": 12}}
    if limit > axes.memory:
        words = f"limit {bytes_text(limit)}, far above ↑"
        figure.add_annotation(text=words, name="bad", yref="paper", y=1, yanchor="top", **text)
        return
    across = {"type": "line", "layer": "between", "x0": axes.low, "x1": axes.high}
    figure.add_shape(name="bad", y0=limit, y1=limit, line={"width": 2}, **across)
    figure.add_annotation(text=f"limit {bytes_text(limit)}", name="bad", y=limit, yanchor="bottom", yshift=4, **text)
    if headroom:
        used = limit * (1 - headroom)
        words = f"{headroom:.0%} headroom"
        figure.add_shape(name="warn", y0=used, y1=used, line={"width": 1.5, "dash": "dash"}, **across)
        figure.add_annotation(text=words, name="warn", y=used, yanchor="top", **text)


def _marks(memory: Memory) -> dict[int, str]:
    """The sizes that have a name, ascending, with their names."""
    best, largest, own = memory.recommended, memory.largest_that_fits, memory.own_batch_size
    fits = "largest that fits" if largest not in {best, own} else "largest"
    named = (("★ recommended", best), (fits, None if best == largest == own else largest), ("◆ yours", own))
    names: dict[int, list[str]] = {}
    for name, size in named:
        if size is not None:
            names.setdefault(size, []).append(name)
    return {size: f"{', '.join(names[size])}: {size:,}" for size in sorted(names)}


def _draw_marks(figure: go.Figure, marks: Mapping[int, str], axes: _Axes, *, best: int | None) -> None:
    """A line through both panels for each size that has a name, and the names above them, each in a row of its own.

    Names in the left half reach to the right of their lines and the others to the left. The outer ones are higher, so
    that no line to a higher name passes through a lower one.
    """
    middle = math.sqrt(axes.low * axes.high)
    left = [size for size in marks if size <= middle]
    for row, size in enumerate([*(size for size in marks if size > middle), *reversed(left)]):
        anchor = "center" if len(marks) == 1 else "left" if size <= middle else "right"
        height = 1 + (row + 0.5) * _MARK_PIXELS / axes.pixels
        _draw_line(figure, size, axes, height=height, best=size == best)
        figure.add_annotation(
            text=f"<b>{marks[size]}</b>" if size == best else marks[size],
            name="good" if size == best else "quiet",
            x=math.log10(size),
            xanchor=anchor,
            yref="paper",
            y=height,
            yanchor="middle",
            showarrow=False,
            font={"size": 12.5},
        )


def _draw_line(figure: go.Figure, size: int, axes: _Axes, *, height: float, best: bool) -> None:
    line = {"width": 2} if best else {"width": 1, "dash": "dot"}
    upright = {"type": "line", "name": "good" if best else "quiet", "line": line, "x0": size, "x1": size}
    figure.add_shape(y0=0, y1=axes.memory, layer="between", **upright)
    if axes.speed is not None:
        figure.add_shape(yref="y2", y0=0, y1=axes.speed, layer="between", **upright)
    figure.add_shape(yref="paper", y0=1, y1=height, **upright)


def _layout(axes: _Axes, *, rows: int) -> dict[str, Any]:
    above = _TOP_PIXELS + _MARK_PIXELS * rows
    sizes = [2**power for power in range(math.ceil(math.log2(axes.low)), math.floor(math.log2(axes.high)) + 1)]
    layout = {
        "height": axes.pixels + above + _BOTTOM_PIXELS,
        "margin": {"l": 84, "r": 14, "t": above, "b": _BOTTOM_PIXELS},
        "dragmode": False,
        "hovermode": "closest",
        "xaxis": {
            "type": "log",
            "range": [math.log10(axes.low), math.log10(axes.high)],
            "title": {"text": "batch size"},
            "tickvals": sizes,
            "ticktext": [f"{size:,}" for size in sizes],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "anchor": "y" if axes.speed is None else "y2",
        },
        "yaxis": _upright("peak memory", axes.memory, bytes_text) | {"domain": [1 - MEMORY_PIXELS / axes.pixels, 1]},
    }
    if axes.speed is not None:
        speeds = _upright("samples/s", axes.speed, number_text)
        layout["yaxis2"] = speeds | {"domain": [0, SPEED_PIXELS / axes.pixels], "anchor": "x"}
    return layout


def _upright(title: str, top: float, text: Callable[[Any], str]) -> dict[str, Any]:
    ticks = _round_numbers(top)
    return {
        "title": {"text": title, "standoff": 10},
        "range": [0, top],
        "tickvals": ticks,
        "ticktext": [text(tick) if tick else "0" for tick in ticks],
        "zeroline": False,
        "fixedrange": True,
    }


def _round_numbers(top: float) -> list[float]:
    """From 0 on, as many numbers below `top` as an axis has room for."""
    power = 10.0 ** math.floor(math.log10(top))
    step = next(power * factor for factor in (0.1, 0.2, 0.5, 1, 2) if top / (power * factor) <= _TICKS)
    return [float(f"{step * count:.6g}") for count in range(math.floor(top / step) + 1)]
