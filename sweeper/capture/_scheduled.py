"""What two dry runs of the callbacks show: the course of the learning rate, and other variables that they set."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture._callbacks import shows_change
from sweeper.capture._course import Course
from sweeper.capture._dry_run import DryRun, Track
from sweeper.capture._state import path_of
from sweeper.text import rate_text

FINDER_SPAN = 1e3
"""A rate that rises to its end by at least this factor is that of a search for a rate, not of a training."""
FINDER_CHANGES = 10
"""Steps in which the rate of such a search rises, at least."""
LAST_PART = 0.9
"""Part of the training after which the rate of such a search still rises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledVariable:
    """A variable that callbacks set to the same values in every training."""

    variable: Any
    first: NDArray[Any]
    changes: tuple[tuple[int, int, NDArray[Any]], ...]
    """Epoch (from the first one) and step in it, and the value from there on."""
    by: str
    """Class and method of the callback."""

    @property
    def is_by_epoch(self) -> bool:
        """Whether the variable changes between epochs only."""
        return all(batch == 0 for _, batch, _ in self.changes)

    def values(self, steps: int, *, own: int, each: int) -> NDArray[np.float64]:
        """The entries of the variable before each of `steps` steps: of shape (steps, entries).

        The script's epochs have `own` steps, those of the probe `each`: what changes by the epoch changes with its
        epochs, what changes by the step at the same steps.
        """
        table = np.empty((steps, self.first.size))
        table[:] = self.first.reshape(-1)
        for epoch, batch, value in self.changes:
            table[epoch * (each if self.is_by_epoch else own) + batch :] = value.reshape(-1)
        return table


def scheduled_as_values(scheduled: Sequence[ScheduledVariable]) -> list[dict[str, Any]]:
    """ScheduledVariable variables as plain values, by the path and shape of each variable, for other workers."""
    return [
        {
            "path": path_of(one.variable),
            "dtype": str(one.first.dtype),
            "first": one.first.tolist(),
            "changes": [(epoch, batch, value.tolist()) for epoch, batch, value in one.changes],
            "by": one.by,
        }
        for one in scheduled
    ]


def scheduled_from_values(kept: Sequence[dict[str, Any]], variables: Sequence[Any]) -> list[ScheduledVariable] | None:
    """The variables of this process by what `scheduled_as_values` gave; None where one cannot be told for sure."""
    found = []
    for one in kept:
        first = np.array(one["first"], one["dtype"])
        named = [item for item in variables if path_of(item) == one["path"] and tuple(item.shape) == first.shape]
        if len(named) != 1:
            return None
        changes = tuple((epoch, batch, np.array(value, one["dtype"])) for epoch, batch, value in one["changes"])
        found.append(ScheduledVariable(variable=named[0], first=first, changes=changes, by=one["by"]))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCourse:
    """The learning rate that callbacks set, over the whole training."""

    first: float
    peak: float
    at: tuple[int, int]
    """Epoch, from the first one, and step in it with the highest rate."""
    by: str
    unknown: str = ""
    """Why the highest rate of the real training is not known."""
    finder: bool = False
    """Whether it rises from a tiny rate to its end, as in a search for a rate."""


def has_schedule(track: Track, other: Track | None, run: DryRun, second: DryRun) -> bool:
    """Whether a variable had the same values in both runs, as far as both of them went."""
    until = min(run.last, second.last)
    return _up_to(track, until) == (_up_to(other, until) if other is not None else [])


def _up_to(track: Track, until: tuple[int, int]) -> list[Any]:
    return [(epoch, batch, _plain(value)) for epoch, batch, value in track.changes if (epoch, batch) <= until]


def _plain(value: Any) -> Any:
    return None if value is None else value.tolist()


def rate_course(track: Track, other: Track | None, run: DryRun, second: DryRun, course: Course) -> RateCourse:
    """What is known of the rate in a variable that callbacks changed in at least one of the runs."""
    assert track.first is not None
    values = [((0, 0), float(track.first))]
    values += [((epoch, batch), float(value)) for epoch, batch, value in track.changes if value is not None]
    at, peak = max(values, key=lambda item: item[1])
    finder = _is_search([rate for _, rate in values], values[-1][0], run, course)
    return RateCourse(
        first=values[0][1],
        peak=peak,
        at=at,
        by=track.by or (other.by if other is not None else ""),
        unknown=_why_unknown(track, other, run, second, course, finder=finder),
        finder=finder,
    )


def _is_search(rates: Sequence[float], last: tuple[int, int], run: DryRun, course: Course) -> bool:
    """Whether rates rise to the end of the training by orders of magnitude."""
    if not run.complete or len(rates) < FINDER_CHANGES or any(b <= a for a, b in itertools.pairwise(rates)):
        return False
    each = course.assumed_steps
    done, changed = run.last[0] * each + run.last[1], last[0] * each + last[1]
    return rates[-1] >= FINDER_SPAN * (rates[0] or rates[1]) and changed >= LAST_PART * done


def _why_unknown(
    track: Track, other: Track | None, run: DryRun, second: DryRun, course: Course, *, finder: bool
) -> str:
    by = (track.by or (other.by if other is not None else "")).partition(".")[0]
    if finder:
        return f"{by} raises it step by step until the training stops, as a search for a rate does"
    until = min(run.last, second.last)
    if _peak(track, until) != (_peak(other, until) if other is not None else float(track.first or 0)):
        return f"how high {by} sets it depends on the losses of the training"
    if not run.complete:
        epochs = course.epochs - course.first
        return (
            f"{by} sets it step by step, and there was time for {run.epochs:,} of {epochs:,} epochs of its calls only"
        )
    if course.steps is None and any(batch for _, batch, _ in track.changes):
        return f"{by} sets it step by step, and how many steps an epoch has is not known"
    failed = [callback for callback, *_ in (*run.raised, *run.slow) if type(callback).__name__ == by]
    return f"{by}, which sets it, could not be run without the training" if failed else ""


def _peak(track: Track, until: tuple[int, int]) -> float:
    assert track.first is not None
    inside = [float(value) for epoch, batch, value in track.changes if value is not None and (epoch, batch) <= until]
    return max([float(track.first), *inside])


def unknown_for_others(run: DryRun) -> str:
    """Why the rate may be different although no callback was seen to set it; empty where it cannot."""
    for callback, method, _, error in run.raised:
        if shows_change(callback):
            name = type(callback).__name__
            return f"{name}.{method} could not be run without the training ({type(error).__name__}), and may set it"
    slow = [type(callback).__name__ for callback, _ in run.slow if shows_change(callback)]
    return f"{slow[0]} takes too long to be run without the training, and may set it" if slow else ""


def six_digits(rate: float) -> float:
    """A rate as the user wrote it; float32 makes 0.001 into 0.0010000000474974513."""
    return float(f"{rate:.6g}")


def rate_words(found: RateCourse) -> str:
    """The rates of a training in words."""
    where = f"in epoch {found.at[0] + 1}" + (f", step {found.at[1] + 1}" if found.at[1] else "")
    return f"{rate_text(found.first)} at the first step, at most {rate_text(found.peak)} {where}"
