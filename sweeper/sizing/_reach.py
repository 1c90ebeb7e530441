"""How far up what is measured carries: the size at which an amount of memory is reached, on the safe side.

The slope further up is bounded from both sides. The secant of two points lies below it, since memory that tracing freed
hides growth at small sizes. The line from the memory at the fit call through the largest point lies above it, unless
memory grows faster than in a line. Sizes are chosen between the two.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sweeper.memory import Goal, MemoryFit, Trial
from sweeper.sizing._evidence import Evidence, size_of, steady_bytes, used_bytes
from sweeper.sizing._fit import largest_within
from sweeper.sizing._problem import Problem
from sweeper.sizing._thresholds import DEFAULT

SizeAt: TypeAlias = Callable[[float], int]
"""From an amount of bytes to the size whose steady peak should stay within it."""

_BEND = 3
"""Points that show whether they bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the trials so far allow to say of larger sizes."""

    size_at: SizeAt
    allowed: float
    """Bytes of steady peak at which the peak reaches the target."""
    verify_share: float
    """Part of the room that must have been used before a size is verified."""
    measure_share: float
    """Part of the room that the next trial should use otherwise."""


def reach_of(problem: Problem, known: Evidence, fit: MemoryFit | None) -> Reach:
    """What the trials so far allow to say; `known.well` is not None."""
    well = known.well
    assert well is not None
    flat = _flat(problem, known)
    points = 1 + sum(size_of(trial) > size_of(flat) for trial in known.passed)
    compiled = fit is not None and fit.source == "compiled"
    errors = DEFAULT.bolder_errors if well.request.goal is Goal.VERIFY else DEFAULT.prediction_errors
    verify_share, measure_share = DEFAULT.verify_share, DEFAULT.third_share
    if known.over is not None:
        size_at, verify_share = _between_two(problem, known, well, known.over), 0.0
    elif fit is not None and (compiled or points >= _BEND):
        size_at = _from_fit(problem, fit, errors=errors)
        verify_share = verify_share if compiled else DEFAULT.fit_share
    elif points > 1:
        size_at = _from_two(problem, flat, well)
    elif len(known.passed) > 1:
        size_at = _from_flat(problem, known.passed[0], well)
    else:
        size_at, measure_share = _from_one(problem, well), DEFAULT.second_share
    allowed = _allowed(problem, known, well)
    return Reach(size_at=size_at, allowed=allowed, verify_share=verify_share, measure_share=measure_share)


def _error(problem: Problem) -> float:
    """Bytes by which two peaks differ by chance."""
    return DEFAULT.prediction_errors * math.sqrt(2) * problem.noise


def _flat(problem: Problem, known: Evidence) -> Trial:
    """The largest size whose peak is still that of the smallest."""
    lowest = steady_bytes(known.passed[0])
    return [trial for trial in known.passed if steady_bytes(trial) - lowest <= _error(problem)][-1]


def _allowed(problem: Problem, known: Evidence, well: Trial) -> float:
    """Steady peak at which the highest peak, which the first step or the start of the script may set, is the target."""
    lowest = known.passed[0]
    grown, used = steady_bytes(well) - steady_bytes(lowest), used_bytes(well) - used_bytes(lowest)
    if lowest is not well and used <= _error(problem):
        return problem.target
    ratio = max(1.0, used / grown) if grown > _error(problem) else 1.0
    return steady_bytes(well) + (problem.target - used_bytes(well)) / ratio


def _from_fit(problem: Problem, fit: MemoryFit, *, errors: float) -> SizeAt:
    return lambda amount: largest_within(fit, amount, problem.most, errors=errors) or 0


def _between_two(problem: Problem, known: Evidence, well: Trial, over: Trial) -> SizeAt:
    """Between a size within the target and one above it: where the straight line between them nears the target."""
    size, used = size_of(well), used_bytes(well)
    missed = sum(size_of(trial) > size for trial in known.passed)
    margin = missed * max(DEFAULT.prediction_errors * problem.noise, DEFAULT.step_back * problem.target)
    left = max(0.0, problem.target - margin - used)
    found = size + int((size_of(over) - size) * left / (used_bytes(over) - used))
    return lambda _amount: found


def _from_one(problem: Problem, well: Trial) -> SizeAt:
    """From one point: as far as the line from the fit call carries, or as an estimate allows within bounds."""
    size, peak = size_of(well), steady_bytes(well)
    facts, estimate = problem.facts, problem.estimated_slope
    grown = peak - well.measured.start_bytes
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


def _from_two(problem: Problem, lower: Trial, well: Trial) -> SizeAt:
    """From two points: by their secant or by the estimate, whichever is steeper, but no steeper than the bound."""
    apart, grown = size_of(well) - size_of(lower), steady_bytes(well) - steady_bytes(lower)
    steep = max(problem.estimated_slope, DEFAULT.slope_error * grown / apart)
    return _by_slope(problem, well, max((grown + _error(problem)) / apart, min(_bound(problem, well), steep)))


def _from_flat(problem: Problem, lower: Trial, well: Trial) -> SizeAt:
    """From points that do not rise: by the steepest slope that would not show, as far as a step on that may go."""
    bound = _bound(problem, well)
    hidden = _error(problem) / (size_of(well) - size_of(lower))
    safe = _by_slope(problem, well, bound)
    hoped = _by_slope(problem, well, min(bound, max(problem.estimated_slope, hidden)))
    furthest = int(DEFAULT.furthest_step * size_of(well))
    return lambda amount: max(safe(amount), min(hoped(amount), furthest))


def _bound(problem: Problem, well: Trial) -> float:
    return max(problem.noise, steady_bytes(well) - well.measured.start_bytes) / size_of(well)


def _by_slope(problem: Problem, well: Trial, slope: float) -> SizeAt:
    peak = steady_bytes(well)
    return lambda amount: min(problem.most, int(size_of(well) + max(0.0, amount - peak) / slope))
