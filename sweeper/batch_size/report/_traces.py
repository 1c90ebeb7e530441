"""The points and lines of the memory figure.

They have no colours of the theme: `meta` of a trace says which colour of the style sheet the script of the page gives
to it.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from sweeper.batch_size.report._words import COMPILED, end_text, passed, predicted_peak, setting_text, whisker
from sweeper.probes import OutcomeKind
from sweeper.results import Memory, Trial
from sweeper.text import bytes_text, number_text, seconds_text
from sweeper.trial import Stage

_SAID_ELSEWHERE = {"hoverinfo": "skip", "showlegend": False}


def memory_traces(memory: Memory, *, low: float, high: float) -> list[go.Scatter]:
    """What the upper panel shows between two batch sizes: the fit, the trials, the recommended size."""
    groups = (_compiled(memory), _measured(memory), _star(memory), _others(memory), _failures(memory))
    return [*_line(memory, low, high), *(group for group in groups if group is not None)]


def speed_traces(memory: Memory) -> list[go.Scatter]:
    """What the lower panel shows: the speeds, and a ring around the knee; nothing when no size was timed."""
    pairs = [(speed.batch_size, speed.samples_per_second) for speed in memory.speeds]
    if not pairs:
        return []
    line = go.Scatter(
        mode="lines+markers",
        x=[size for size, _ in pairs],
        y=[rate for _, rate in pairs],
        text=[f"<b>batch size {size:,}</b>: {number_text(rate)} samples/s" for size, rate in pairs],
        hovertemplate="%{text}<extra></extra>",
        line={"width": 2},
        marker={"size": 8},
        meta="validation",
        yaxis="y2",
        showlegend=False,
        cliponaxis=False,
    )
    return [line, *(_ring(size, rate) for size, rate in pairs if size == memory.knee)]


def _ring(size: int, rate: float) -> go.Scatter:
    marker = {"symbol": "circle-open", "size": 17, "line": {"width": 2}}
    return go.Scatter(
        mode="markers", x=[size], y=[rate], marker=marker, meta="ink", yaxis="y2", cliponaxis=False, **_SAID_ELSEWHERE
    )


def _line(memory: Memory, low: float, high: float) -> list[go.Scatter]:
    fit = memory.fit
    band = [] if fit is None else [item for item in fit.band if low <= item.batch_size <= high]
    if not band:
        return []
    sizes = [item.batch_size for item in band]
    around = [item.high_bytes for item in band] + [item.low_bytes for item in reversed(band)]
    common = {"mode": "lines", "meta": "train", **_SAID_ELSEWHERE}
    return [
        go.Scatter(x=sizes + sizes[::-1], y=around, fill="toself", line={"width": 0}, **common),
        go.Scatter(x=sizes, y=[item.peak_bytes for item in band], line={"width": 2}, **common),
    ]


def _star(memory: Memory) -> go.Scatter | None:
    """The recommended size on the line."""
    size = memory.recommended
    peak = None if size is None else predicted_peak(memory, size)
    if peak is None:
        return None
    marker = {"symbol": "star", "size": 17, "line": {"width": 1.5}}
    return go.Scatter(mode="markers", x=[size], y=[peak], marker=marker, meta="good", **_SAID_ELSEWHERE)


def _compiled(memory: Memory) -> go.Scatter | None:
    if memory.fit is None or memory.fit.source != COMPILED:
        return None
    places = [(point.batch_size, point.peak_bytes) for point in memory.points]
    words = [f"<b>batch size {size:,}</b>: {bytes_text(amount)}<br>compiled, not run" for size, amount in places]
    return _points(places, words, meta="train", symbol="square-open")


def _measured(memory: Memory) -> go.Scatter | None:
    """Trials as the script trains, where the line goes through them, with whiskers up to the peaks of whole trials."""
    trials = [trial for trial in memory.trials if passed(trial) and not setting_text(trial)]
    trace = _points(_steady(trials), _words(trials), meta="train", symbol="circle")
    if trace is not None:
        above = [whisker(trial) for trial in trials]
        trace.error_y = {"type": "data", "symmetric": False, "array": above, "thickness": 1.2, "width": 5}
    return trace


def _others(memory: Memory) -> go.Scatter | None:
    trials = [trial for trial in memory.trials if passed(trial) and setting_text(trial)]
    return _points(_steady(trials), _words(trials), meta="validation", symbol="diamond-open")


def _failures(memory: Memory) -> go.Scatter | None:
    trials = [trial for trial in memory.trials if not passed(trial)]
    places = [(trial.batch_size, _failed_at(memory, trial)) for trial in trials]
    return _points(places, _words(trials), meta="bad", symbol="x")


def _failed_at(memory: Memory, trial: Trial) -> int:
    """A size that needed more than there is lies at the limit; another failure where it came to."""
    peak = trial.peak_bytes or 0
    return max(peak, memory.limit_bytes) if trial.outcome is OutcomeKind.OOM else peak


def _points(places: Sequence[tuple[int, int]], words: Sequence[str], *, meta: str, symbol: str) -> go.Scatter | None:
    if not places:
        return None
    return go.Scatter(
        mode="markers",
        x=[size for size, _ in places],
        y=[amount for _, amount in places],
        text=list(words),
        hovertemplate="%{text}<extra></extra>",
        marker={"symbol": symbol, "size": 11, "line": {"width": 1.5}},
        meta=meta,
        showlegend=False,
        cliponaxis=False,
    )


def _steady(trials: Sequence[Trial]) -> list[tuple[int, int]]:
    """The peaks after the first step, which traces and compiles."""
    return [(trial.batch_size, trial.steady_peak_bytes or trial.peak_bytes or 0) for trial in trials]


def _words(trials: Sequence[Trial]) -> list[str]:
    return ["<br>".join(_lines(trial)) for trial in trials]


def _lines(trial: Trial) -> list[str]:
    steady, peak = trial.steady_peak_bytes, trial.peak_bytes
    lines = [
        f"<b>batch size {trial.batch_size:,}</b>: {end_text(trial)}",
        setting_text(trial),
        "" if passed(trial) or trial.stage is Stage.DONE else f"during {trial.stage}",
        "" if steady is None else f"{bytes_text(steady)} after the first step",
        "" if peak in {None, steady} else f"{bytes_text(peak)} at most",
        f"trial {trial.number}, {trial.steps} steps, {seconds_text(trial.seconds)}",
    ]
    return [line for line in lines if line]
