"""The diagnosis of a script: all checks on its facts, the likeliest cause first."""

from collections.abc import Iterable
from dataclasses import replace

from sweeper.checks.diagnose._base import NotApplicable, Role
from sweeper.checks.diagnose._catalogue import CHECKS
from sweeper.checks.diagnose._facts import Facts, Raised, Stage
from sweeper.checks.diagnose._raised import explain
from sweeper.findings import Diagnosis, Finding, Severity, Skipped

_ORDER = {check.code: number for number, check in enumerate(CHECKS)}
"""Order of the checks by their codes. Findings of no check, such as those from exceptions, come before them."""
_MADE_BY = {kind.code: check for check in CHECKS for kind in check.finds}


def diagnose(facts: Facts | None, raised: Raised | None = None) -> Diagnosis:
    """The findings of all checks on the facts, and of the exception with which the script ended, if any."""
    found: list[Finding] = []
    skipped: list[Skipped] = []
    for check in CHECKS if facts is not None else ():
        assert facts is not None
        answer = check.look(facts)
        if isinstance(answer, NotApplicable):
            skipped.append(Skipped(code=check.code, about=check.about, why=answer.why))
        elif answer is not None:
            found.append(answer)
    findings = _without_symptoms(ordered(found))
    if raised is not None:
        findings = _with_exception(findings, raised)
    return Diagnosis(findings=findings, skipped=tuple(skipped))


def suspecting(facts: Facts) -> Diagnosis:
    """The diagnosis of a job that is about to be probed; findings from its first batch are kept as suspicions."""
    certain = diagnose(replace(facts, step=facts.step.certain() if facts.step is not None else None))
    more = (finding for finding in diagnose(facts).findings if finding not in certain.findings)
    return replace(certain, suspicions=tuple(more))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, then the likeliest cause first."""
    return tuple(sorted(findings, key=lambda finding: (finding.severity.rank, _ORDER.get(finding.code, -1))))


def _without_symptoms(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings without symptoms, where one of them names a cause."""
    if all(_MADE_BY[finding.code].role is not Role.CAUSE for finding in findings):
        return findings
    return tuple(finding for finding in findings if _MADE_BY[finding.code].role is not Role.SYMPTOM)


def _with_exception(findings: tuple[Finding, ...], raised: Raised) -> tuple[Finding, ...]:
    """The findings and that of an exception: merged with a check that explains it, else in front of all."""
    explained = explain(raised)
    if raised.stage is Stage.AFTER_FIT:
        return ordered((*findings, explained)) if explained is not None else findings
    if (cause := _cause_among(findings, explained)) is not None and raised.stage is Stage.IN_FIT:
        rest = tuple(finding for finding in findings if finding is not cause)
        return (replace(cause, severity=Severity.ERROR, evidence=f"{cause.evidence}\n{raised.traceback}"), *rest)
    return (*([explained] if explained is not None else []), *findings)


def _cause_among(findings: tuple[Finding, ...], explained: Finding | None) -> Finding | None:
    """The finding of a check that explains why fit raised; None when none does."""
    if explained is None:
        errors = (finding for finding in findings if finding.severity is Severity.ERROR)
        return next(errors, None)
    return next((finding for finding in findings if _MADE_BY[finding.code].says_more_than(explained)), None)
