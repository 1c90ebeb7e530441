"""What is wrong with a fit call that is about to be probed."""

import traceback
from dataclasses import replace

from sweeper.capture import Call, Interception, Job
from sweeper.checks.diagnose import Facts, RateFacts, suspecting
from sweeper.checks.worker._examine import Examination
from sweeper.findings import Diagnosis
from sweeper.job import OptimizerInfo


def look_at_job(call: Call, interception: Interception, job: Job, optimizer: OptimizerInfo) -> Diagnosis:
    """The findings about a fit call that can be trained; an error of sweeper in examining it does not end the run."""
    try:
        examination = Examination(
            call,
            interception.source_lines,
            earlier_fits=call.number - 1,
            samples=job.train,
            cut=any(change.what == "samples" for change in job.changes),
            scaling=interception.scaling,
        )
        facts = examination.with_step(examination.facts())
        # Measuring engines has moved the optimizer's own rate.
        return suspecting(with_own_rate(facts, optimizer))
    except Exception:  # noqa: BLE001  the log shows it; probes do not need findings
        traceback.print_exc()
        return Diagnosis(findings=())


def with_own_rate(facts: Facts, optimizer: OptimizerInfo) -> Facts:
    """The facts with the script's own training rate, whatever its optimizer's variable holds now."""
    clips = facts.rate is not None and facts.rate.clips
    rate = RateFacts(optimizer=optimizer.name, rate=optimizer.learning_rate, schedule=optimizer.schedule, clips=clips)
    return replace(facts, rate=rate)
