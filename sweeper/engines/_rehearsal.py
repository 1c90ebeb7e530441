"""A rehearsal: the first steps of the script's own fit, compared with those of a probe at the script's setting.

The script's steps are run as they are written: its train step without anything that a probe adds to it, and its
callbacks, all but those that write or send. The losses of the steps and the weights after the last one must be those of
a probe. Where they are not, the same steps with one thing less after the other show what makes the difference.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import Call, own_place, own_traceback, path_of, sorted_callbacks
from sweeper.engines._fit_callbacks import each_step_callback
from sweeper.engines._own_steps import CallbackFailed, OwnSteps, Steps, weights_of
from sweeper.engines._prepared import PreparedJob
from sweeper.engines._recorder import CurveRecorder
from sweeper.findings import (
    CALLBACK_CHANGES_TRAINING,
    CALLBACK_RAISES,
    OWN_FIT_RAISES,
    PROBE_DIFFERS,
    Finding,
    FindingKind,
)
from sweeper.probes import Probe
from sweeper.space import SCRIPT
from sweeper.text import number_text, rate_text

REHEARSED_STEPS = 8
"""Most steps of a rehearsal."""
LEAST_STEPS = 2
"""Least steps of a rehearsal."""
SECONDS = 2.0
"""About how long a rehearsal takes."""
SAME_LOSS = 2e-3
"""Relative difference of two losses up to which they are one."""
SAME_LOSS_HALF = 2e-2
"""Relative difference of two losses up to which they are one, where a model computes in half precision."""
SAME_WEIGHTS = 0.05
"""Distance of two sets of weights, as a part of how far training moved them, up to which they are one: an optimizer may
turn the sign of a rounding error into a full step of a weight that hardly matters."""
MOST_NAMES = 3
"""Variables that a finding names."""
MOST_CALLBACKS = 8
"""Callbacks that are tried one by one to find those that make a difference."""


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
class _Cause:
    """The reason why two trainings of the same steps differ."""

    why: str
    remedy: str
    callbacks: tuple[str, ...] = ()
    """Class names of those that make the difference."""


_METRICS = _Cause(
    why="The train step computes with the values of its metrics (keras.metrics.Metric). A probe resets them before "
    "every step, to record the loss of that batch alone, and so trains otherwise.",
    remedy="Keep what train_step needs from step to step in a weight of the model (self.add_weight with "
    "trainable=False), and not in a keras.metrics.Metric.",
)
_LOGS = _Cause(
    why="The weights after the last step agree, so a probe trains as the script does; only the number that fit prints "
    "as the loss is not the one whose gradient is taken.",
    remedy="The map holds. Its loss curves may lie higher or lower than what fit prints: compare shapes, not levels.",
)
_STEP = _Cause(
    why="They differ without the script's callbacks too, so the difference is in train_step: it keeps something from "
    "one step to the next that a probe resets, or reads something that a probe sets.",
    remedy="Keep what train_step needs from step to step in a weight of the model (self.add_weight with "
    "trainable=False). Until then the map is that of a training which differs from the script's by the numbers above.",
)


def _by_callbacks(names: Sequence[str]) -> _Cause:
    does = "it changes" if len(names) == 1 else "they change"
    return _Cause(
        callbacks=tuple(names),
        why=f"Without {' and '.join(names)} they agree, so {does} what is trained.",
        remedy="Probes call callbacks up to the first step only, so the map does not show what they do later. If it "
        "shall, do in train_step what the callback does; else leave the callback out of the long job too.",
    )


def rehearse(prepared: PreparedJob, call: Call) -> None:
    """Compares the script's first steps with a probe's; what differs becomes a finding of the job.

    `job.rehearsal` says what was compared. Whatever the script's callbacks change in the model is set back.
    """
    job = prepared.job
    if stuck := job.state.stuck():
        job.findings.append(_stuck(stuck, call))
    if job.rates[0]:  # without the script's own rate there is nothing to compare
        rehearsal = _Rehearsal(prepared=prepared, call=call)
        job.rehearsal = rehearsal.run()


@dataclass(slots=True, kw_only=True)
class _Rehearsal:
    prepared: PreparedJob
    call: Call
    probe: Probe = field(init=False)
    start: tuple[NDArray[Any], ...] = ()
    own: OwnSteps = field(init=False)
    probed: Steps = field(init=False)

    def __post_init__(self) -> None:
        job = self.prepared.job
        steps = self.prepared.steps_in(SECONDS, least=LEAST_STEPS, most=REHEARSED_STEPS)
        size, rate = job.batch_size, job.rates[0]
        self.probe = Probe(optimizer=SCRIPT, learning_rate=rate, batch_size=size, seed=0, steps=steps)
        self.own = OwnSteps(prepared=self.prepared, probe=self.probe)
        self.probed = self._probe()

    def run(self) -> str:
        """Says in one sentence what was compared and what came out."""
        job, callbacks = self.prepared.job, sorted_callbacks(self.call.arguments["callbacks"]).kept
        try:
            own = self.own.run(callbacks)
        except CallbackFailed as error:
            job.findings.append(_callback_failed(error.__cause__ or error, self.call))
            own, callbacks = self.own.run(()), ()
        except Exception as error:  # noqa: BLE001  whatever the script's own step raises
            job.findings.append(_own_fit_failed(error, self.call))
            return f"the script's own fit raised {type(error).__name__} in its first steps, and a probe does not"
        apart, cause = self._difference(own), None
        if apart is not None and job.loss_from == "gradient":
            self._take_losses_of_logs()
            apart = self._difference(own)
        if apart is None and not self.prepared.step.is_keras:
            apart, cause = self._difference(self.own.run(callbacks, reset_metrics=False), losses=False), _METRICS
        if apart is None:
            return _agreement(self.probe.steps, callbacks, self._largest(own))
        if self._difference(self._probe()) is not None:
            return "two probes of the same steps differ, so comparing one with the script's own steps would say nothing"
        kind = self._add_finding(apart, cause or self._cause(callbacks))
        return f"the first {self.probe.steps} steps of the script's own fit and of a probe differ, see {kind.code}"

    def _add_finding(self, apart: Difference, cause: _Cause) -> FindingKind:
        """Adds the finding about a difference, or extends that about the callback behind it; returns its kind."""
        job = self.prepared.job
        numbers = _numbers(apart, self.probe, known=not job.rate_unknown)
        for by, known in job.callback_changes:
            if by.partition(".")[0] in cause.callbacks:
                place = job.findings.index(known)
                job.findings[place] = replace(known, evidence=f"{known.evidence} {numbers}")
                return CALLBACK_CHANGES_TRAINING
        job.findings.append(_differs(numbers, cause, self.call.at.place))
        return PROBE_DIFFERS

    def _take_losses_of_logs(self) -> None:
        """Lets the script's logs without its callbacks stand for a probe's losses, which are not from its logs."""
        without = self.own.run(())
        if self._difference(without, losses=False) is None:
            self.probed = replace(self.probed, losses=without.losses)

    def _probe(self) -> Steps:
        prepared, recorder = self.prepared, CurveRecorder(steps=self.probe.steps, progress=lambda _: None)
        probe = prepared.begin(self.probe)
        self.start = weights_of(prepared.job.model)
        weights: tuple[NDArray[Any], ...] = ()

        def keep(model: Any, _: Any) -> None:
            nonlocal weights  # when fit ends, it may put averages in their place
            weights = weights_of(model)

        prepared.fit(probe, recorder, validate=False, callbacks=(each_step_callback(keep),))
        return Steps(losses=recorder.curve(has_norm=False).train_loss, weights=weights)

    def _cause(self, callbacks: Sequence[Any]) -> _Cause:
        """The cause of the difference, found by repeating the steps with one part left out at a time."""
        without = self.own.run(())
        if callbacks and self._difference(without) is None:
            return _by_callbacks(self._causing_callbacks(callbacks))
        return _LOGS if self._difference(without, losses=False) is None else _STEP

    def _causing_callbacks(self, callbacks: Sequence[Any]) -> list[str]:
        """The callbacks that each make a difference alone; all of them where none does."""
        names = [type(item).__name__ for item in callbacks]
        if len(callbacks) == 1 or len(callbacks) > MOST_CALLBACKS:
            return names
        alone = [self._difference(self.own.run((item,))) is not None for item in callbacks]
        return [name for name, differs in zip(names, alone, strict=True) if differs] or names

    def _difference(self, steps: Steps, *, losses: bool = True) -> Difference | None:
        """How other steps differ from the probe's; None where they are the same."""
        moved, distance = _distance(self.probed.weights, self.start), _distance(steps.weights, self.probed.weights)
        weights = distance / moved if moved else distance
        step = self._other_loss(steps.losses) if losses else None
        if step is not None:
            own, probe = steps.losses[step - 1], self.probed.losses[step - 1]
            return Difference(step=step, own=own, probe=probe, weights=weights)
        if weights > SAME_WEIGHTS and len(steps.losses) == len(self.probed.losses):  # neither was stopped
            return Difference(step=None, own=_distance(steps.weights, self.start), probe=moved, weights=weights)
        return None

    def _other_loss(self, losses: Sequence[float]) -> int | None:
        """The first step, from 1, whose loss is not the probe's; logs that are a running mean are compared as such."""
        same = SAME_LOSS_HALF if "16" in self.prepared.job.model.dtype_policy.name else SAME_LOSS
        probed = np.array(self.probed.losses[: len(losses)])
        own = np.array(losses[: len(probed)])
        means = np.cumsum(probed) / np.arange(1, len(probed) + 1)
        if not np.isfinite(own).any() or np.allclose(own, means, rtol=same, atol=same * 1e-3, equal_nan=True):
            return None
        differs = ~np.isclose(own, probed, rtol=same, atol=same * 1e-3, equal_nan=True)
        return int(np.argmax(differs)) + 1 if differs.any() else None

    def _largest(self, own: Steps) -> float:
        pairs = zip(own.losses, self.probed.losses, strict=False)
        return max((abs(a - b) / max(abs(b), 1e-12) for a, b in pairs if math.isfinite(a - b)), default=0.0)


def _distance(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> float:
    """Euclidean distance of two sets of weights; those that are not finite in both count as the same."""
    if len(one) != len(other):
        return math.inf
    squares = 0.0
    for a, b in zip(one, other, strict=True):
        if not (np.isfinite(a).all() or np.isfinite(b).all()):
            continue
        squares += float(np.sum(np.square(a.astype(np.float64) - b)))
    return math.sqrt(squares)


def _agreement(steps: int, callbacks: Sequence[Any], largest: float) -> str:
    names = ", ".join(type(item).__name__ for item in callbacks)
    own = f"fit with {names}" if names else "fit"
    apart = f"relative difference at most {largest:.0e}" if largest else "to the last digit"
    return (
        f"the first {steps} steps of the script's own {own} and of a probe have the same losses ({apart}) and weights"
    )


def _numbers(apart: Difference, probe: Probe, *, known: bool) -> str:
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


def _differs(numbers: str, cause: _Cause, place: str) -> Finding:
    return PROBE_DIFFERS.found(
        evidence=f"{numbers} {cause.why}",
        location=place,
        remedy=cause.remedy,
    )


def _stuck(variables: Sequence[Any], call: Call) -> Finding:
    names = ", ".join(path_of(variable) for variable in variables[:MOST_NAMES])
    more = f" and {len(variables) - MOST_NAMES} more" if len(variables) > MOST_NAMES else ""
    return PROBE_DIFFERS.found(
        evidence=f"{len(variables)} variables do not take the value again that they had when fit was called: "
        f"{names}{more}. Probes begin with other values of them than the script does.",
        location=call.at.place,
        remedy="Two variables may share one place in memory, or an assignment to them does something else than to set "
        "them. Make each a variable of its own; until then the map is that of a training with another start.",
    )


def _callback_failed(error: BaseException, call: Call) -> Finding:
    return _raised(
        error,
        call,
        kind=CALLBACK_RAISES,
        remedy="Fix the callback first: the long job will stop there. The map is made all the same, since probes call "
        "callbacks up to the first step only.",
    )


def _own_fit_failed(error: BaseException, call: Call) -> Finding:
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
