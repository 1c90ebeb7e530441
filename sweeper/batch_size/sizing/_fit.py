"""Peak memory against batch size: a line through the measured peaks, with its error.

The steady peaks of trials that passed lie on `base + slope x batch size`, with two exceptions: at small sizes the peak
is flat, since memory that tracing freed is used again, and some models grow faster than linearly. Where points rise
more steeply at the top, the line is that through the two largest. Predictions above those follow the bend, and below
them interpolate between the points.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeper.batch_size.sizing._evidence import evidence, main_trials, size_of, steady_bytes
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import MemoryFit, MemoryPoint, Trial
from sweeper.memory import MemoryKind

_LINE = 2
"""Number of points that a line needs."""
_ENDLESS = 2**40
"""A batch size larger than any: the upper bound of a search that has no other."""


def fit_memory(problem: Problem, trials: Sequence[Trial]) -> MemoryFit | None:
    """The line through the measured peaks, or through the compiler's estimates while only one peak was measured.

    None where there are too few points for a line.
    """
    measured = _measured(problem, trials)
    if len(measured) >= _LINE:
        return _line(measured, noise=problem.noise, source="measured")
    compiled = _compiled(problem, measured, trials)
    return _line(compiled, noise=problem.noise, source="compiled") if len(compiled) >= _LINE else None


def peak_at(fit: MemoryFit, batch_size: int) -> float:
    """The predicted peak at a batch size."""
    if fit.curved and batch_size < min(point.batch_size for point in _on_line(fit.points, curved=True)):
        return float(np.interp(batch_size, *_arrays(fit.points)))
    return fit.base_bytes + fit.bytes_per_sample * batch_size


def upper_peak_at(fit: MemoryFit, batch_size: int, *, errors: float = DEFAULT.prediction_errors) -> float:
    """The upper limit of the predicted peak at a batch size: the line, some standard errors, and any bend."""
    sizes, _ = _arrays(_on_line(fit.points, curved=fit.curved))
    distance = (batch_size - sizes.mean()) ** 2 / np.sum((sizes - sizes.mean()) ** 2)
    error = fit.spread_bytes * math.sqrt(1 + 1 / len(sizes) + distance)
    return peak_at(fit, batch_size) + errors * error + _bend_above(fit, batch_size)


def largest_within(
    fit: MemoryFit, amount: float, most: int | None, *, errors: float = DEFAULT.prediction_errors
) -> int | None:
    """The largest size up to `most` whose predicted peak surely is within an amount of bytes; None when none is."""
    high = _ENDLESS if most is None else most

    def is_within(size: int) -> bool:
        return upper_peak_at(fit, size, errors=errors) <= amount

    if is_within(high):
        return high
    middle = round(float(np.mean([point.batch_size for point in fit.points])))
    low = next((size for size in (middle, 1) if size < high and is_within(size)), None)
    if low is None:
        return None
    # The upper prediction is convex, so there is one border between a size that is within and one that is not.
    while high - low > 1:
        between = (low + high) // 2
        low, high = (between, high) if is_within(between) else (low, between)
    return low


def _measured(problem: Problem, trials: Sequence[Trial]) -> tuple[MemoryPoint, ...]:
    passed = evidence(problem, trials).passed
    return tuple(MemoryPoint(batch_size=size_of(trial), peak_bytes=steady_bytes(trial)) for trial in passed)


def _compiled(problem: Problem, measured: Sequence[MemoryPoint], trials: Sequence[Trial]) -> tuple[MemoryPoint, ...]:
    """The compiler's estimates as points, shifted so that they meet the one measured point."""
    needs = {item.batch_size: item.step_bytes for trial in main_trials(trials) for item in trial.extras.compiled}
    if not measured or len(needs) < _LINE:
        return ()
    sizes = sorted(needs)
    point = measured[0]
    there = float(np.interp(point.batch_size, sizes, [needs[size] for size in sizes]))
    copies = DEFAULT.sample_copies * problem.facts.sample_bytes if problem.limit.kind is MemoryKind.HOST else 0.0
    return tuple(
        MemoryPoint(
            batch_size=size,
            peak_bytes=round(point.peak_bytes + needs[size] - there + copies * (size - point.batch_size)),
        )
        for size in sizes
    )


def _line(points: tuple[MemoryPoint, ...], *, noise: float, source: str) -> MemoryFit:
    slope, base, spread, misfit = _least_squares(points, noise)
    highest = max(point.peak_bytes for point in points)
    curved = misfit > max(DEFAULT.misfit_share * highest, DEFAULT.misfit_errors * noise)
    if curved:
        steeper = _least_squares(_on_line(points, curved=True), noise)
        # Memory that grows less at the top than below is scatter: the line through all points stays, with its error.
        curved = steeper[0] > slope
    if curved:
        slope, base, spread, _ = steeper
    return MemoryFit(
        base_bytes=base,
        bytes_per_sample=slope,
        points=points,
        spread_bytes=spread,
        curved=curved,
        source=source,
    )


def _least_squares(points: Sequence[MemoryPoint], noise: float) -> tuple[float, float, float, float]:
    """Slope (at least 0), base, standard deviation and largest distance of the points from their line."""
    sizes, peaks = _arrays(points)
    deviations = sizes - sizes.mean()
    slope = max(0.0, float(deviations @ peaks / (deviations @ deviations)))
    base = float(peaks.mean() - slope * sizes.mean())
    residuals = peaks - base - slope * sizes
    spread = math.sqrt(float(residuals @ residuals) / (len(points) - _LINE)) if len(points) > _LINE else 0.0
    return slope, base, max(noise, spread), float(np.abs(residuals).max()) if len(points) > _LINE else 0.0


def _on_line(points: Sequence[MemoryPoint], *, curved: bool) -> tuple[MemoryPoint, ...]:
    """The points that the line is drawn through."""
    return _apart(points)[:_LINE] if curved else tuple(points)


def _apart(points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
    """Points far enough apart to give a slope, chosen from the largest down; all points if only one would remain."""
    chosen = [points[-1]]
    for point in reversed(points[:-1]):
        if point.batch_size <= DEFAULT.apart * chosen[-1].batch_size:
            chosen.append(point)
    return tuple(chosen) if len(chosen) >= _LINE else tuple(reversed(points))


def _bend_above(fit: MemoryFit, batch_size: int) -> float:
    """How far the parabola through the three largest points lies above the line, at a size beyond them."""
    points = _apart(fit.points)[:3]
    if not fit.curved or len(points) <= _LINE or batch_size <= points[0].batch_size:
        return 0.0
    top, middle, low = ((point.batch_size, point.peak_bytes) for point in points)
    change = _slope(middle, top) - _slope(low, middle)
    bend = max(0.0, change / (top[0] - low[0]))
    return bend * (batch_size - top[0]) * (batch_size - middle[0])


def _slope(lower: tuple[int, int], upper: tuple[int, int]) -> float:
    return (upper[1] - lower[1]) / (upper[0] - lower[0])


def _arrays(points: Sequence[MemoryPoint]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sizes = np.array([point.batch_size for point in points], dtype=float)
    return sizes, np.array([point.peak_bytes for point in points], dtype=float)
