"""Extrapolation to larger sizes: which size reaches an amount of memory, on the safe side.

The slope at larger sizes is bounded from both sides. The secant of two points is less steep, since memory that tracing
freed hides growth at small sizes. The line from the memory at the fit call through the largest point is steeper, unless
memory grows faster than linearly. Sizes are chosen between the two.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.batch_size.sizing._evidence import Evidence, size_of, steady_bytes, used_bytes
from sweeper.batch_size.sizing._fit import largest_within
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import MemoryFit, Trial
from sweeper.trial import Goal

SizeAt: TypeAlias = Callable[[float], int]
"""A function from an amount of bytes to the size whose steady peak should stay within it."""

_BEND = 3
"""Number of points that show whether they bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far the measurements so far can be extrapolated to larger sizes."""

    size_at: SizeAt
    allowed: float
    """Steady peak, in bytes, at which the peak of the whole trial reaches the target."""
    verify_share: float
    """Share of the room that a trial must have used before a size is verified."""
    measure_share: float
    """Share of the room that the next trial should use, if no size is to be verified yet."""


def reach_of(problem: Problem, known: Evidence, fit: MemoryFit | None) -> Reach:
    """How far the trials so far can be extrapolated to larger sizes; `known.fitting` must not be None."""
    fitting = known.fitting
    assert fitting is not None
    flat = _flat(problem, known)
    points = 1 + sum(size_of(trial) > size_of(flat) for trial in known.passed)
    compiled = fit is not None and fit.source == "compiled"
    errors = DEFAULT.bolder_errors if fitting.request.goal is Goal.VERIFY else DEFAULT.prediction_errors
    verify_share, measure_share = DEFAULT.verify_share, DEFAULT.third_share
    if known.over is not None:
        size_at, verify_share = _between_two(problem, known, fitting, known.over), 0.0
    elif fit is not None and (compiled or points >= _BEND):
        size_at = _from_fit(problem, fit, errors=errors)
        verify_share = verify_share if compiled else DEFAULT.fit_share
    elif points > 1:
        size_at = _from_two(problem, flat, fitting)
    elif len(known.passed) > 1:
        size_at = _from_flat(problem, known.passed[0], fitting)
    else:
        size_at, measure_share = _from_one(problem, fitting), DEFAULT.second_share
    allowed = _allowed(problem, known, fitting)
    return Reach(size_at=size_at, allowed=allowed, verify_share=verify_share, measure_share=measure_share)


def _error(problem: Problem) -> float:
    """Bytes by which two peaks differ by chance."""
    return DEFAULT.prediction_errors * math.sqrt(2) * problem.noise


def _flat(problem: Problem, known: Evidence) -> Trial:
    """The trial of the largest size whose peak does not differ from that of the smallest."""
    lowest = steady_bytes(known.passed[0])
    return [trial for trial in known.passed if steady_bytes(trial) - lowest <= _error(problem)][-1]


def _allowed(problem: Problem, known: Evidence, fitting: Trial) -> float:
    """The steady peak at which the peak of the whole trial, which its first step or start may set, is the target."""
    lowest = known.passed[0]
    grown, used = steady_bytes(fitting) - steady_bytes(lowest), used_bytes(fitting) - used_bytes(lowest)
    if lowest is not fitting and used <= _error(problem):
        return problem.target
    ratio = max(1.0, used / grown) if grown > _error(problem) else 1.0
    return steady_bytes(fitting) + (problem.target - used_bytes(fitting)) / ratio


def _from_fit(problem: Problem, fit: MemoryFit, *, errors: float) -> SizeAt:
    return lambda amount: largest_within(fit, amount, problem.most, errors=errors) or 0


def _between_two(problem: Problem, known: Evidence, fitting: Trial, over: Trial) -> SizeAt:
    """The size just below the target on the line between a size within the target and one above it."""
    size, used = size_of(fitting), used_bytes(fitting)
    missed = sum(size_of(trial) > size for trial in known.passed)
    margin = missed * max(DEFAULT.prediction_errors * problem.noise, DEFAULT.step_back * problem.target)
    left = max(0.0, problem.target - margin - used)
    found = size + int((size_of(over) - size) * left / (used_bytes(over) - used))
    return lambda _amount: found


def _from_one(problem: Problem, fitting: Trial) -> SizeAt:
    """Size by memory from one point: by the line from the fit call, or by an estimated slope within bounds."""
    size, peak = size_of(fitting), steady_bytes(fitting)
    facts, estimate = problem.facts, problem.estimated_slope
    grown = peak - fitting.measured.start_bytes
    bound = max(problem.noise, grown) / size
    at_any_size = DEFAULT.step_bytes + facts.gradient_bytes + facts.slot_bytes
    guess = min(bound, max(estimate, (grown - at_any_size) / size))

    def size_at(amount: float) -> int:
        left = max(0.0, amount - peak)
        supported = left / (DEFAULT.estimate_error * estimate) if estimate else 0.0
        guessed = min(
            size + left / guess if guess > 0 else math.inf, max(DEFAULT.furthest_step * size, size + supported)
        )
        return min(problem.most, int(max(size + left / bound, guessed)))

    return size_at


def _from_two(problem: Problem, lower: Trial, fitting: Trial) -> SizeAt:
    """Size by memory from two points: by their secant, or a steeper estimate, no steeper than the bound."""
    apart, grown = size_of(fitting) - size_of(lower), steady_bytes(fitting) - steady_bytes(lower)
    steep = max(problem.estimated_slope, DEFAULT.slope_error * grown / apart)
    return _by_slope(problem, fitting, max((grown + _error(problem)) / apart, min(_bound(problem, fitting), steep)))


def _from_flat(problem: Problem, lower: Trial, fitting: Trial) -> SizeAt:
    """Size by memory from points that do not rise: by the steepest slope that noise can hide, one long step at most."""
    bound = _bound(problem, fitting)
    hidden = _error(problem) / (size_of(fitting) - size_of(lower))
    cautious = _by_slope(problem, fitting, bound)
    optimistic = _by_slope(problem, fitting, min(bound, max(problem.estimated_slope, hidden)))
    furthest = int(DEFAULT.furthest_step * size_of(fitting))
    return lambda amount: max(cautious(amount), min(optimistic(amount), furthest))


def _bound(problem: Problem, fitting: Trial) -> float:
    return max(problem.noise, steady_bytes(fitting) - fitting.measured.start_bytes) / size_of(fitting)


def _by_slope(problem: Problem, fitting: Trial, slope: float) -> SizeAt:
    peak = steady_bytes(fitting)
    return lambda amount: min(problem.most, int(size_of(fitting) + max(0.0, amount - peak) / slope))
