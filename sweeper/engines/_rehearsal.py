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

from sweeper.capture import Call, has_further_metrics, sorted_callbacks
from sweeper.engines._fit_callbacks import each_step_callback
from sweeper.engines._fit_training import FitTraining
from sweeper.engines._own_steps import CallbackFailed, OwnSteps, Steps, weights_of
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._rehearsal_words import (
    LOGS,
    METRICS,
    STEP,
    Cause,
    Difference,
    agreement,
    by_callbacks,
    callback_failed,
    in_numbers,
    own_fit_failed,
    probe_differs,
    stuck_variables,
)
from sweeper.findings import CALLBACK_CHANGES_TRAINING, PROBE_DIFFERS, FindingKind
from sweeper.probes import Probe
from sweeper.space import SCRIPT

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
MOST_CALLBACKS = 8
"""Callbacks that are tried one by one to find those that make a difference."""


def rehearse(fit: FitTraining, call: Call) -> None:
    """Compares the script's first steps with a probe's; what differs becomes a finding of the job.

    `job.rehearsal` says what was compared. Whatever the script's callbacks change in the model is set back.
    """
    job = fit.job
    if stuck := job.state.stuck():
        job.findings.append(stuck_variables(stuck, call))
    if job.rates[0]:  # without the script's own rate there is nothing to compare
        rehearsal = _Rehearsal(fit=fit, call=call)
        job.rehearsal = rehearsal.run()


@dataclass(slots=True, kw_only=True)
class _Rehearsal:
    fit: FitTraining
    call: Call
    probe: Probe = field(init=False)
    start: tuple[NDArray[Any], ...] = ()
    own: OwnSteps = field(init=False)
    probed: Steps = field(init=False)

    def __post_init__(self) -> None:
        job = self.fit.job
        steps = self.fit.steps_in(SECONDS, least=LEAST_STEPS, most=REHEARSED_STEPS)
        size, rate = job.batch_size, job.rates[0]
        self.probe = Probe(optimizer=SCRIPT, learning_rate=rate, batch_size=size, seed=0, steps=steps)
        self.own = OwnSteps(fit=self.fit, probe=self.probe)
        self.probed = self._probe()

    def run(self) -> str:
        """Says in one sentence what was compared and what came out."""
        job, callbacks = self.fit.job, sorted_callbacks(self.call.arguments["callbacks"]).kept
        try:
            own = self.own.run(callbacks)
        except CallbackFailed as error:
            job.findings.append(callback_failed(error.__cause__ or error, self.call))
            own, callbacks = self.own.run(()), ()
        except Exception as error:  # noqa: BLE001  whatever the script's own step raises
            job.findings.append(own_fit_failed(error, self.call))
            return f"the script's own fit raised {type(error).__name__} in its first steps, and a probe does not"
        apart, cause = self._difference(own), None
        if apart is not None and job.loss_from == "gradient":
            self._take_losses_of_logs()
            apart = self._difference(own)
        if apart is None and (not self.fit.step.is_keras or has_further_metrics()):
            apart, cause = self._difference(self.own.run(callbacks, reset_metrics=False), losses=False), METRICS
        if apart is None:
            return agreement(self.probe.steps, callbacks, self._largest(own))
        if self._difference(self._probe()) is not None:
            return "two probes of the same steps differ, so comparing one with the script's own steps would say nothing"
        kind = self._add_finding(apart, cause or self._cause(callbacks))
        return f"the first {self.probe.steps} steps of the script's own fit and of a probe differ, see {kind.code}"

    def _add_finding(self, apart: Difference, cause: Cause) -> FindingKind:
        """Adds the finding about a difference, or extends that about the callback behind it; returns its kind."""
        job = self.fit.job
        numbers = in_numbers(apart, self.probe, known=not job.rate_unknown)
        for by, known in job.callback_changes:
            if by.partition(".")[0] in cause.callbacks:
                place = job.findings.index(known)
                job.findings[place] = replace(known, evidence=f"{known.evidence} {numbers}")
                return CALLBACK_CHANGES_TRAINING
        job.findings.append(probe_differs(numbers, cause, self.call.at.place))
        return PROBE_DIFFERS

    def _take_losses_of_logs(self) -> None:
        """Lets the script's logs without its callbacks stand for a probe's losses, which are not from its logs."""
        without = self.own.run(())
        if self._difference(without, losses=False) is None:
            self.probed = replace(self.probed, losses=without.losses)

    def _probe(self) -> Steps:
        fit, recorder = self.fit, CurveRecorder(steps=self.probe.steps, progress=lambda _: None)
        probe = fit.begin(self.probe)
        self.start = weights_of(fit.job.model)
        weights: tuple[NDArray[Any], ...] = ()

        def keep(model: Any, _: Any) -> None:
            nonlocal weights  # when fit ends, it may put averages in their place
            weights = weights_of(model)

        fit.train(probe, recorder, validate=False, callbacks=(each_step_callback(keep),))
        return Steps(losses=recorder.curve(has_norm=False).train_loss, weights=weights)

    def _cause(self, callbacks: Sequence[Any]) -> Cause:
        """The cause of the difference, found by repeating the steps with one part left out at a time."""
        without = self.own.run(())
        if callbacks and self._difference(without) is None:
            return by_callbacks(self._causing_callbacks(callbacks))
        return LOGS if self._difference(without, losses=False) is None else STEP

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
        same = SAME_LOSS_HALF if "16" in self.fit.job.model.dtype_policy.name else SAME_LOSS
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
