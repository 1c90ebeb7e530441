"""Whether a probe of a fit call trains as the script does."""

from dataclasses import dataclass, replace

from sweeper.capture import Bounds, Call, Interception, UncontrollableOptimizer, describe, random_states, take_job
from sweeper.engines import REHEARSED_STEPS, FitTraining, rehearse, restore_train_step
from sweeper.findings import Finding, Severity
from sweeper.job import OptimizerInfo
from sweeper.worker.failures import uncontrollable

_LOOK_BYTES = 1 << 26
"""Bytes of samples that are taken for the rehearsal of a fit call of which no map is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """How a probe of a fit call compares with the script's own training."""

    findings: tuple[Finding, ...]
    """What a probe does otherwise."""
    optimizer: OptimizerInfo | None = None
    """The optimizer that trains, with the rate that callbacks set; None where there is none that can be set."""


def look_at_fidelity(interception: Interception, call: Call) -> Fidelity:
    """Compares a fit call that the script has trained already with a probe of it; the model stays as it is."""
    before, model = random_states(), call.model
    compiled, traced = model.optimizer, model.train_function
    job = take_job(call, Bounds(nbytes=_LOOK_BYTES, steps=REHEARSED_STEPS))
    try:
        rehearse(FitTraining(job, interception=interception), call)
    except UncontrollableOptimizer as error:
        return Fidelity(findings=(replace(uncontrollable(error, call.at.place), severity=Severity.WARNING),))
    finally:
        job.state.restore()
        restore_train_step(model)
        model.optimizer, model.train_function = compiled, traced
        before.restore()
    return Fidelity(
        findings=tuple(replace(found, location=found.location or call.at.place) for found in job.findings),
        optimizer=describe(job.optimizers, job.rates, schedule=job.schedule, only=job.only, unknown=job.rate_unknown),
    )
