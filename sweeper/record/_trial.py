"""A finished probe as a trial of an Optuna study.

Every probe that trained is a COMPLETE trial with a finite value, a diverged one too: it is a finding, and a sampler can
learn from it. FAIL is left for probes that taught nothing about training. A null probe is no trial at all: its rate of
zero has no place on a logarithmic axis, and a trial without a rate would take the rate out of Optuna's importances.
"""

import datetime as dt
import math
from typing import TYPE_CHECKING

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.space import Space
from sweeper.verdict import Judged, Label

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

PROBE_ATTRIBUTE = "probe"
"""Name of the user attribute that holds the id of the probe."""
RUN_ATTRIBUTE = "run"
"""Name of the user attribute that holds the id of the run; several runs may share a study."""
MOST_POINTS = 50
"""Most points of a curve in a trial; the raw curve is in the run directory."""
FEW_POINTS = 10
"""Most points in a trial of a database, since Optuna queries it for each point: with 50, a trial takes three times as
long (scripts/benchmarks/benchmark_study_index.py)."""
_LONGEST_TEXT = 2000
"""Most characters of a user attribute; MySQL keeps no more than 65,535 bytes."""


def trial_of(judged: Judged, *, final_loss: float | None, space: Space, run_id: str, most_points: int) -> "FrozenTrial":
    """A finished probe as a finished trial of a study.

    Args:
        judged: The outcome and its verdict; not of a null probe.
        final_loss: Smoothed training loss at the end of the curve; None or not finite when there is none.
        space: The axes of the run, which bound the distributions.
        run_id: Tells runs apart that share a study.
        most_points: Points of the curve in the trial.
    """
    from optuna.trial import TrialState, create_trial

    outcome = judged.outcome
    axes = distributions(space, outcome.probe)
    value = objective(judged, final_loss)
    trial = create_trial(
        state=TrialState.FAIL if value is None else TrialState.COMPLETE,
        value=value,
        params={name: getattr(outcome.probe, name) for name in axes},
        distributions=axes,
        user_attrs={RUN_ATTRIBUTE: run_id, **_attributes(judged)},
        intermediate_values=points(outcome.curve, most_points) if outcome.curve else {},
    )
    trial.datetime_start = dt.datetime.now() - dt.timedelta(seconds=outcome.seconds)  # noqa: DTZ005  as Optuna does
    return trial


def distributions(space: Space, probe: Probe) -> "dict[str, BaseDistribution]":
    """The Optuna distributions of a probe's parameters: the axes of the run, widened to hold its values.

    Optuna refuses a trial whose optimizers differ from those of earlier trials of the study, and leaves a parameter
    out of importances when its bounds differ: so both come from the axes, not from the probes so far.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    rates = (*space.learning_rates, probe.learning_rate)
    sizes = (*space.batch_sizes, probe.batch_size)
    seeds = (*space.seeds, probe.seed)
    return {
        "optimizer": CategoricalDistribution(sorted(choice.label for choice in space.optimizers)),
        "batch_size": IntDistribution(min(sizes), max(sizes), log=True),
        "learning_rate": FloatDistribution(min(rates), max(rates), log=True),
        "seed": IntDistribution(min(seeds), max(seeds)),
    }


def objective(judged: Judged, final_loss: float | None) -> float | None:
    """The finite value of a probe that Optuna minimises; None when the probe did not train.

    It is the final loss, but never more than the initial one: how far a bad probe climbed before it ended says nothing.
    """
    curve = judged.outcome.curve
    if judged.outcome.kind is not OutcomeKind.COMPLETED or curve is None:
        return None
    initial = next(filter(math.isfinite, (*curve.train_loss, *curve.val_loss)), None)
    diverged = judged.verdict is not None and judged.verdict.label is Label.DIVERGED
    if initial is None or diverged or final_loss is None or not math.isfinite(final_loss):
        return initial
    return min(final_loss, initial)


def points(curve: Curve, most: int) -> dict[int, float]:
    """Finite losses of a curve by step, thinned evenly to `most` points; the first and the last are kept."""
    finite = [(step, loss) for step, loss in enumerate(curve.train_loss, start=1) if math.isfinite(loss)]
    last = len(finite) - 1
    if last < most:
        return dict(finite)
    return dict(finite[round(index * last / (most - 1))] for index in range(most))


def _attributes(judged: Judged) -> dict[str, str | int | float]:
    outcome, verdict = judged.outcome, judged.verdict
    known = {
        PROBE_ATTRIBUTE: outcome.probe.id,
        "outcome": outcome.kind.value,
        "cause": outcome.cause[:_LONGEST_TEXT],
        "verdict": verdict.label.value if verdict else "",
        "evidence": verdict.evidence[0].sentence[:_LONGEST_TEXT] if verdict else "",
        **_measurements(outcome),
    }
    return {name: value for name, value in known.items() if value not in ("", None)}


def _measurements(outcome: Outcome) -> dict[str, str | int | float | None]:
    return {
        "curve": f"probes/{outcome.probe.id}.json" if outcome.curve else "",
        "steps": outcome.curve.steps if outcome.curve else None,
        "seconds": outcome.seconds,
        "samples_per_second": outcome.samples_per_second,
        "peak_memory_bytes": outcome.peak_memory_bytes,
    }
