"""What an exception of a script means."""

from dataclasses import replace

from sweeper.capture import Call, Interception
from sweeper.checks.diagnose import Stage, diagnose, explain
from sweeper.checks.worker._examine import Examination
from sweeper.checks.worker._raised import raised_facts
from sweeper.findings import Finding


def why_script_raised(error: BaseException) -> Finding | None:
    """The cause of an exception that the script raised before its fit call; None where it is not known."""
    return explain(raised_facts(error, stage=Stage.BEFORE_FIT))


def why_fit_raised(error: BaseException, call: Call, interception: Interception) -> tuple[Finding, ...]:
    """The findings about a fit call that raises on the script's own data and model, the likeliest cause first."""
    raised = raised_facts(error, stage=Stage.IN_FIT, at=call.at)
    # The optimizer's own rate may have been moved already.
    facts = replace(Examination(call, interception.source_lines).facts(), rate=None)
    return diagnose(facts, raised).findings
