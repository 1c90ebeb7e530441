"""What a finished trial of any study says of its learning rate."""

import math
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from sweeper.classify import Context, VerdictThresholds, classify
from sweeper.curve import Curve
from sweeper.verdict import Evidence, Label, Verdict

ATTRIBUTE = "verdict"
"""User attribute in which an objective can name the verdict itself."""
LEAST_GAIN = 0.02
"""Part of the untrained value by which a value must differ from it to be more than chance, as in safe ranges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How the trials of a study are judged."""

    minimize: bool
    untrained: float | None
    """The value of a model that has learned nothing; None when unknown."""

    def verdict(self, trial: FrozenTrial) -> Verdict | None:
        """What a finished trial says; None for one that still runs.

        Raises:
            ValueError: The trial names a verdict that there is not.
        """
        if not trial.state.is_finished():
            return None
        if ATTRIBUTE in trial.user_attrs:
            return _named(trial)
        curve = tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
        if self.minimize and len(curve) >= VerdictThresholds().least_steps:
            return _of_curve(curve)
        if trial.state is not TrialState.COMPLETE or trial.value is None or not math.isfinite(trial.value):
            return _verdict(Label.DIVERGED, trial.value, "The trial failed, was pruned or has no finite value.")
        return self._of_value(trial.value)

    def _of_value(self, value: float) -> Verdict:
        if self.untrained is None:
            return _verdict(Label.HEALTHY, value, "The value is finite.")
        gain = (self.untrained - value) if self.minimize else (value - self.untrained)
        least = LEAST_GAIN * abs(self.untrained)
        if gain > least:
            return _verdict(Label.HEALTHY, value, "The value is better than without training.")
        if gain < -least:
            return _verdict(Label.DIVERGED, value, "The value is worse than without training.")
        return _verdict(Label.STALLED, value, "The value is that of no training.")


def _named(trial: FrozenTrial) -> Verdict:
    name = trial.user_attrs[ATTRIBUTE]
    if name not in set(Label):
        allowed = ", ".join(Label)
        raise ValueError(f"user attribute {ATTRIBUTE!r} of trial {trial.number} = {name!r}; must be one of {allowed}.")
    return _verdict(Label(name), None, "The objective says so.")


def _of_curve(losses: tuple[float, ...]) -> Verdict:
    first = next((step for step, loss in enumerate(losses, start=1) if not math.isfinite(loss)), None)
    context = Context(planned_steps=len(losses), passes=None, val_samples=0)
    return classify(Curve(train_loss=losses, first_nonfinite_loss=first), null=None, context=context)


def _verdict(label: Label, measured: float | None, sentence: str) -> Verdict:
    value = math.nan if measured is None else measured
    seen = Evidence(code="trial", measured=value, threshold=math.nan, step=None, sentence=sentence)
    return Verdict(label=label, evidence=(seen,))
