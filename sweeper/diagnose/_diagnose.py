"""All checks on one set of facts, the likeliest cause first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sweeper.diagnose._base import Check, NotApplicable, Skipped
from sweeper.diagnose._ends import END_CHECKS
from sweeper.diagnose._facts import Facts, Raised, Stage
from sweeper.diagnose._model import DESIGN_CHECKS, DESIGN_NOTES, MODEL_CHECKS, RATE_CHECKS
from sweeper.diagnose._output import METRIC_CHECKS, OUTPUT_CHECKS, OUTPUT_NOTES
from sweeper.diagnose._raised import explain
from sweeper.diagnose._samples import RELATION_CHECKS, SPLIT_CHECKS
from sweeper.diagnose._shapes import DECLARED_CHECKS, PADDING_CHECKS, SHAPE_CHECKS
from sweeper.diagnose._steps import GRADIENT_CHECKS, STEP_CHECKS
from sweeper.diagnose._types import FORM_CHECKS, STEP_COUNT_CHECKS, TYPE_CHECKS
from sweeper.diagnose._values import FINITE_CHECKS, SCALE_CHECKS, VALUE_NOTES
from sweeper.findings import Finding, Severity

CHECKS: tuple[Check, ...] = (
    *FORM_CHECKS,
    *SHAPE_CHECKS,
    *FINITE_CHECKS,
    *TYPE_CHECKS,
    *OUTPUT_CHECKS,
    *END_CHECKS,
    *MODEL_CHECKS,
    *RATE_CHECKS,
    *DECLARED_CHECKS,
    *SPLIT_CHECKS,
    *SCALE_CHECKS,
    *STEP_CHECKS,
    *DESIGN_CHECKS,
    *RELATION_CHECKS,
    *GRADIENT_CHECKS,
    *METRIC_CHECKS,
    *STEP_COUNT_CHECKS,
    *PADDING_CHECKS,
    *OUTPUT_NOTES,
    *DESIGN_NOTES,
    *VALUE_NOTES,
)
"""The likeliest cause of a failure first: what no training survives, then what slows it down, then what to know."""

_ORDER = {code: number for number, code in enumerate(dict.fromkeys(check.code for check in CHECKS))}
_SYMPTOMS = {"SW405", "SW406", "SW407", "SW408", "SW409", "SW410", "SW415", "SW416", "SW419"}
"""What faults of other findings look like in the first steps."""
_CAUSES_OF_SYMPTOMS = {
    *(
        "SW201",
        "SW202",
        "SW213",
        "SW203",
        "SW204",
        "SW207",
        "SW302",
        "SW301",
        "SW307",
        "SW309",
        "SW304",
        "SW404",
        "SW413",
        "SW414",
        "SW421",
    ),
}
_SEEN_AS = {
    "SW101": {"SW101", "SW102", "SW104", "SW105", "SW121"},
    "SW102": {"SW101", "SW102"},
    "SW103": {"SW101", "SW102", "SW104"},
    "SW104": {"SW104", "SW105", "SW121"},
    "SW105": {"SW104", "SW105"},
    "SW106": {"SW106", "SW107", "SW302", "SW303", "SW308"},
    "SW109": {"SW105", "SW109"},
    "SW112": {"SW101", "SW102", "SW106", "SW107", "SW109", "SW302", "SW303", "SW308"},
    "SW121": {"SW104", "SW105", "SW121"},
    "SW307": {"SW302", "SW307", "SW123"},
    "SW412": {"SW412", "SW122"},
}
"""For each class of exceptions, the findings of checks that explain it better than its text does."""
_SURE_AFTER_FIT = {"SW101", "SW102", "SW103", "SW104", "SW105", "SW121"}
"""Classes of exceptions that a few steps of training do not bring about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is wrong, and what could not be looked at."""

    findings: tuple[Finding, ...]
    """The likeliest cause first."""
    skipped: tuple[Skipped, ...] = ()
    suspicions: tuple[Finding, ...] = ()
    """What a first batch shows that only matters where nothing trains; empty unless it was set apart."""


def diagnose(facts: Facts | None, raised: Raised | None = None) -> Diagnosis:
    """The findings of every check on the facts, and of the exception with which the script ended."""
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
    """The same for a job that is about to be probed: what a first batch shows is set apart until probes fail."""
    certain = diagnose(replace(facts, step=facts.step.certain() if facts.step is not None else None))
    more = (finding for finding in diagnose(facts).findings if finding not in certain.findings)
    return replace(certain, suspicions=tuple(more))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity, then the likeliest cause first."""
    return tuple(sorted(findings, key=lambda finding: (finding.severity.rank, _ORDER.get(finding.code, -1))))


def _without_symptoms(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Without what only shows a fault that another finding names."""
    named = {finding.code for finding in findings} & _CAUSES_OF_SYMPTOMS
    return tuple(finding for finding in findings if not named or finding.code not in _SYMPTOMS)


def _with_exception(findings: tuple[Finding, ...], raised: Raised) -> tuple[Finding, ...]:
    """The findings with that of the exception: joined with a check that explains it, or in front of all."""
    explained = explain(raised)
    if raised.stage is Stage.AFTER_FIT:
        # What a script does with a model that has only trained for some steps may fail for that reason alone.
        sure = explained is not None and explained.code in _SURE_AFTER_FIT and raised.method
        return ordered((*findings, explained)) if sure and explained is not None else findings
    if (cause := _cause_among(findings, explained)) is not None and raised.stage is Stage.IN_FIT:
        rest = tuple(finding for finding in findings if finding is not cause)
        return (replace(cause, severity=Severity.ERROR, evidence=f"{cause.evidence}\n{raised.traceback}"), *rest)
    return (*([explained] if explained is not None else []), *findings)


def _cause_among(findings: tuple[Finding, ...], explained: Finding | None) -> Finding | None:
    """The finding of a check that says why fit raised; None when none does."""
    if explained is None:
        errors = (finding for finding in findings if finding.severity is Severity.ERROR)
        return next(errors, None)
    codes = _SEEN_AS.get(explained.code, {explained.code})
    return next((finding for finding in findings if finding.code in codes), None)


def without(findings: Iterable[Finding], ignored: Iterable[str]) -> tuple[Finding, ...]:
    """The findings but those with ignored codes."""
    codes = set(ignored)
    return tuple(finding for finding in findings if finding.code not in codes)
