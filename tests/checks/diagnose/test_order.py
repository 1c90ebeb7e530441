"""The likeliest cause comes first, and what only shows another fault is left out."""

from sweeper.checks.diagnose import CHECKS, KINDS, RateFacts, diagnose, ordered
from sweeper.findings import FAIL_ON_NEVER, Finding, Severity, fails, without
from tests.checks.diagnose.made import array, facts, head, labels, model, step_of, trained


def finding(code, severity):
    return Finding(code=code, severity=severity, title="t", evidence="e")


def test_errors_come_before_warnings_and_warnings_before_notes():
    found = [finding("SW211", Severity.NOTE), finding("SW203", Severity.WARNING), finding("SW304", Severity.ERROR)]
    assert [one.code for one in ordered(found)] == ["SW304", "SW203", "SW211"]


def test_of_one_severity_the_likelier_cause_comes_first():
    found = [finding("SW413", Severity.ERROR), finding("SW201", Severity.ERROR), finding("SW104", Severity.ERROR)]
    assert [one.code for one in ordered(found)] == ["SW104", "SW201", "SW413"]


def test_dead_units_of_unscaled_inputs_are_not_said_twice():
    unscaled = facts(inputs=(array(high=5000.0, std=70.0),), step=step_of(1.0, 1.0, dead=0.9))
    assert [found.code for found in diagnose(unscaled).findings] == ["SW203"]


def test_a_loss_that_is_not_finite_under_a_rate_of_ten_is_the_rates():
    high = facts(rate=RateFacts(optimizer="Adam", rate=10.0), trained=trained(last=float("nan")))
    assert [found.code for found in diagnose(high).findings] == ["SW413"]


def test_ignored_findings_are_left_out():
    found = diagnose(facts(model=model(head(given=labels(values=(-1, 1)))))).findings
    assert [one.code for one in found] == ["SW307"]
    assert without(found, ("SW307",)) == ()
    assert without(found, ("SW203",)) == found


def test_what_checks_find_is_in_the_catalogue():
    assert {kind for check in CHECKS for kind in check.finds} < set(KINDS)
    assert [kind.code for kind in KINDS] == sorted({kind.code for kind in KINDS})


def test_a_level_is_reached_by_its_severity_and_worse_ones():
    warning = (finding("SW203", Severity.WARNING),)
    assert [fails(warning, level) for level in ("error", "warning", "note", FAIL_ON_NEVER)] == [
        False,
        True,
        True,
        False,
    ]
    assert not fails((), "note")
