"""Findings about callbacks: what they change and probes do not, and what they raise."""

from collections.abc import Sequence
from typing import Any

from sweeper.capture._course import Course
from sweeper.capture._dry_run import Track
from sweeper.capture._reached import Place
from sweeper.capture._scheduled import RateCourse, rate_words
from sweeper.capture._sites import own_place, own_traceback
from sweeper.findings import (
    CALLBACK_CHANGES_TRAINING,
    CALLBACK_NOT_TRIED,
    CALLBACK_RAISES_AT_START,
    RATE_SEARCH,
    Finding,
)
from sweeper.text import plural, rate_text

MOST_NAMES = 3
"""Values that a finding names."""


def variable_name(variable: Any, model: Any) -> str:
    """The name of a variable as the user knows it: the attribute that holds it, else its own."""
    holders = [model, *model._flatten_layers(), getattr(model, "loss", None)]  # noqa: SLF001
    for holder in holders:
        for name, value in getattr(holder, "__dict__", {}).items():
            if value is variable and not name.startswith("_"):
                return name
    return str(getattr(variable, "path", None) or variable.name).removesuffix(":0")


def effect_finding(tracks: Sequence[Track], course: Course, model: Any) -> Finding:
    """The finding that a callback changes what training changes too: weights, slots, states."""
    first = min(tracks, key=lambda track: track.changes[0][:2])
    epoch, batch, _ = first.changes[0]
    step = epoch * course.steps + batch + 1 if course.steps else None
    when = f"step {step:,}" if step else f"epoch {course.first + epoch + 1}"
    more = f" and {plural(len(tracks) - 1, 'other variable')}" if len(tracks) > 1 else ""
    return CALLBACK_CHANGES_TRAINING.found(
        title=f"the callback {first.by} changes what is trained, and probes do not call it",
        evidence=f"Called without any training in between, it assigns to {variable_name(first.variable, model)}{more}, "
        f"before {when} for the first time. Probes call callbacks up to the first step only.",
        remedy=f"Before {when} a probe trains as the script does; from there on the script goes on from other values. "
        "If the map shall show that, do it in train_step, not in a callback; fewer --steps leave out a late change.",
    )


def logs_finding(track: Track, model: Any) -> Finding:
    """The finding that a callback sets a variable according to the loss."""
    name = variable_name(track.variable, model)
    return CALLBACK_CHANGES_TRAINING.found(
        title=f"the callback {track.by} sets {name} by how the loss goes, and probes do not",
        evidence="Called without training, once with made-up losses that fall and once with losses that do not, it set "
        "different values. In probes the variable keeps the value that it has at the first step.",
        remedy="The map holds for that value. For the map of another value, let the script begin with it.",
    )


def reads_finding(names: Sequence[str], changes: Sequence[tuple[Place, Place]], reader: str) -> Finding:
    """The finding that callbacks change what the data, or an eager step, reads in Python."""
    listed = [f"{old.name}{_from_to(old, new)}" for old, new in {pair[0].name: pair for pair in changes}.values()]
    more = f", and {plural(len(listed) - MOST_NAMES, 'other value')}" if len(listed) > MOST_NAMES else ""
    who = f"the callback {names[0]} changes" if len(names) == 1 else f"the callbacks {' and '.join(names)} change"
    return CALLBACK_CHANGES_TRAINING.found(
        title=f"{who} values that the training reads, and probes do not",
        evidence=f"Called without any training in between, they change {', '.join(listed[:MOST_NAMES])}{more}, which "
        f"{reader} reads. Probes train with the values of the first step throughout.",
        remedy="The map holds for those. For the map of a later epoch, let the script begin with the values of that "
        "epoch, and leave the callback out.",
    )


def _from_to(old: Place, new: Place) -> str:
    return f" from {old.words} to {new.words}" if old.words and new.words else ""


def flags_finding(by: str, epoch: int) -> Finding:
    """The finding that a callback unfreezes layers, compiles the model again or has its step traced anew."""
    return CALLBACK_CHANGES_TRAINING.found(
        title=f"the callback {by} changes which weights are trained, compiles the model again, or has its train step "
        "traced anew; probes do not",
        evidence=f"Called without training, it does so in epoch {epoch + 1} for the first time. Probes train the "
        "weights that are trained in the first step, with the optimizer of the fit call and the step as traced then.",
        remedy="The map holds up to that epoch. For what comes after it, probe a script that begins there.",
    )


def search_finding(found: RateCourse) -> Finding:
    """The finding that a search for a learning rate is among the callbacks."""
    name = found.by.partition(".")[0]
    return RATE_SEARCH.found(
        title=f"the callback {name} raises the learning rate until the training stops, as a search for a rate does",
        evidence=f"Called without training, it sets the rate step by step: {rate_words(found)}.",
        remedy=f"If a search was meant, the map replaces it. If not, take {name} out of the callbacks before the long "
        f"job: it would train at {rate_text(found.peak)} in the end.",
    )


def cannot_run_finding(callback: Any, method: str, epoch: int, error: BaseException) -> Finding:
    """The finding that a callback raised in an epoch without training, so that its later changes are unknown."""
    name, what = f"{type(callback).__name__}.{method}", f"{type(error).__name__}: {error}"
    return CALLBACK_NOT_TRIED.found(
        title=f"the callback {name} could not be run without training, in epoch {epoch + 1}: {what}",
        evidence=own_traceback(error),
        location=own_place(error),
        remedy="It was called with made-up losses, so it need not be wrong in the script; if the error has nothing to "
        "do with them, the long job ends there. What it changes from there on is not known.",
    )


def raised_finding(callback: Any, method: str, error: BaseException, place: str) -> Finding:
    """The finding that a callback raises before the first step, as it does in the script."""
    name = f"{type(callback).__name__}.{method}"
    return CALLBACK_RAISES_AT_START.found(
        title=f"{CALLBACK_RAISES_AT_START.title}: {name}: {type(error).__name__}: {error}",
        evidence=own_traceback(error),
        location=own_place(error) or place,
        remedy="fit calls it in the same way before it trains. Fix the callback, or take it out of the fit call.",
    )
