"""What a rehearsal says: the differences between a probe and the script's own steps in words, as findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.capture import Call, own_place, own_traceback, path_of
from sweeper.findings import CALLBACK_RAISES, OWN_FIT_RAISES, PROBE_DIFFERS, Finding, FindingKind
from sweeper.probes import Probe
from sweeper.text import number_text, rate_text

MOST_NAMES = 3
"""Variables that a finding names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The step at which two trainings of the same steps begin to differ, and by how much."""

    step: int | None
    """The first step with another loss, from 1; None where only the weights differ."""
    own: float
    probe: float
    """The losses of that step, or how far each training moved the weights."""
    weights: float
    """Distance of the weights as a part of how far a probe moved them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The reason why two trainings of the same steps differ."""

    why: str
    remedy: str
    callbacks: tuple[str, ...] = ()
    """Class names of those that make the difference."""


METRICS = Cause(
    why="The train step, or a loss or layer in it, computes with the values of metrics (keras.metrics.Metric). A probe "
    "resets them before every step, to record the loss of that batch alone, and so trains otherwise.",
    remedy="Keep what it needs from step to step in a weight of the model (self.add_weight with "
    "trainable=False), and not in a keras.metrics.Metric.",
)
LOGS = Cause(
    why="The weights after the last step agree, so a probe trains as the script does; only the number that fit prints "
    "as the loss is not the one whose gradient is taken.",
    remedy="The map holds. Its loss curves may lie higher or lower than what fit prints: compare shapes, not levels.",
)
STEP = Cause(
    why="They differ without the script's callbacks too, so the difference is in train_step: it keeps something from "
    "one step to the next that a probe resets, or reads something that a probe sets.",
    remedy="Keep what train_step needs from step to step in a weight of the model (self.add_weight with "
    "trainable=False). Until then the map is that of a training which differs from the script's by the numbers above.",
)


def by_callbacks(names: Sequence[str]) -> Cause:
    """The cause that lies in callbacks of these classes."""
    does = "it changes" if len(names) == 1 else "they change"
    return Cause(
        callbacks=tuple(names),
        why=f"Without {' and '.join(names)} they agree, so {does} what is trained.",
        remedy="Probes call callbacks up to the first step only, so the map does not show what they do later. If it "
        "shall, do in train_step what the callback does; else leave the callback out of the long job too.",
    )


def agreement(steps: int, callbacks: Sequence[Any], largest: float) -> str:
    """The sentence that the steps agree; `largest` is the largest relative difference of their losses."""
    names = ", ".join(type(item).__name__ for item in callbacks)
    own = f"fit with {names}" if names else "fit"
    apart = f"relative difference at most {largest:.0e}" if largest else "to the last digit"
    return (
        f"the first {steps} steps of the script's own {own} and of a probe have the same losses ({apart}) and weights"
    )


def in_numbers(apart: Difference, probe: Probe, *, known: bool) -> str:
    """The difference in numbers; `known` says whether the probe's rate is known to be the script's own."""
    whose = "the script's own" if known else "a"
    rate = f"{whose} rate of {rate_text(probe.learning_rate)}"
    if apart.step is not None:
        return (
            f"At {rate}, step {apart.step} has a loss of {number_text(apart.own)} in the "
            f"script's own fit and of {number_text(apart.probe)} in a probe."
        )
    return (
        f"In {probe.steps} steps at {rate}, the script's own fit moves the weights over a distance of "
        f"{number_text(apart.own)} and a probe over {number_text(apart.probe)}, and the two end {apart.weights:.0%} of "
        "that apart."
    )


def probe_differs(numbers: str, cause: Cause, place: str) -> Finding:
    """The finding that a probe trains otherwise than the script."""
    return PROBE_DIFFERS.found(
        evidence=f"{numbers} {cause.why}",
        location=place,
        remedy=cause.remedy,
    )


def stuck_variables(variables: Sequence[Any], call: Call) -> Finding:
    """The finding that variables do not take their first values again."""
    names = ", ".join(path_of(variable) for variable in variables[:MOST_NAMES])
    more = f" and {len(variables) - MOST_NAMES} more" if len(variables) > MOST_NAMES else ""
    return PROBE_DIFFERS.found(
        evidence=f"{len(variables)} variables do not take the value again that they had when fit was called: "
        f"{names}{more}. Probes begin with other values of them than the script does.",
        location=call.at.place,
        remedy="Two variables may share one place in memory, or an assignment to them does something else than to set "
        "them. Make each a variable of its own; until then the map is that of a training with another start.",
    )


def callback_failed(error: BaseException, call: Call) -> Finding:
    """The finding that a callback of the script raises in its first steps."""
    return _raised(
        error,
        call,
        kind=CALLBACK_RAISES,
        remedy="Fix the callback first: the long job will stop there. The map is made all the same, since probes call "
        "callbacks up to the first step only.",
    )


def own_fit_failed(error: BaseException, call: Call) -> Finding:
    """The finding that the script's own fit raises in its first steps."""
    return _raised(
        error,
        call,
        kind=OWN_FIT_RAISES,
        remedy="Run the script by itself: if it raises there too, fix that first. The map shows how it would train "
        "without that error.",
    )


def _raised(error: BaseException, call: Call, *, kind: FindingKind, remedy: str) -> Finding:
    return kind.found(
        title=f"{kind.title}: {type(error).__name__}",
        evidence=own_traceback(error, at=call.at),
        location=own_place(error) or call.at.place,
        remedy=remedy,
    )
