import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.classify import classify
from sweeper.classify._judge import NOTES, RULES
from sweeper.codec import dump, load
from sweeper.verdict import Label, Verdict
from tests.curves import EXAMPLES, scaled, shifted

CASES = [(said, make()) for said, makers in EXAMPLES.items() for make in makers]
IDS = [f"{said} {number}" for number, (said, _) in enumerate(CASES)]


def judge(item):
    return classify(item.curve, null=item.null, context=item.context)


def said_of(item):
    verdict = judge(item)
    return f"{verdict.label.value} {verdict.evidence[0].code}"


@pytest.mark.parametrize(("said", "item"), CASES, ids=IDS)
def test_a_curve_gets_the_verdict_that_its_flaw_deserves(said, item):
    assert said_of(item) == said


def test_every_rule_decides_some_example():
    decided = {judge(item).evidence[0].code for _, item in CASES}
    assert len(decided) >= len(RULES)


def test_every_label_is_used():
    assert {judge(item).label for _, item in CASES} == set(Label)


def test_every_note_is_taken_of_some_example():
    notes = {note.code for _, item in CASES for note in judge(item).evidence[1:]}
    assert len(notes) == len(NOTES)


@pytest.mark.parametrize("item", [item for _, item in CASES], ids=IDS)
def test_evidence_is_in_words_with_numbers_and_survives_json(item):
    verdict = judge(item)
    assert all(evidence.sentence.endswith(".") for evidence in verdict.evidence)
    assert not any(re.search(r"\b(nan|inf)\b", evidence.sentence) for evidence in verdict.evidence)
    assert dump(load(Verdict, dump(verdict))) == dump(verdict)


def test_only_curves_that_train_carry_notes_or_that_say_why_overfitting_is_open():
    for _, item in CASES:
        verdict = judge(item)
        notes = {note.code for note in verdict.evidence[1:]}
        assert verdict.label in {Label.HEALTHY, Label.OVERFIT} or notes <= {"overfit_not_testable"}


ANY = st.integers(0, len(CASES) - 1)


@given(case=ANY, factor=st.floats(1e-6, 1e6))
def test_multiplying_every_loss_leaves_the_verdict(case, factor):
    said, item = CASES[case]
    assert said_of(scaled(item, factor)) == said


@pytest.mark.parametrize("case", range(len(CASES)), ids=IDS)
def test_moving_the_initial_level_to_its_negative_leaves_the_verdict(case):
    """Rules measure from the initial level, in parts of its size: below zero nothing changes."""
    item = CASES[case][1]
    if item.curve.val_loss or 0.0 in item.curve.train_loss:
        pytest.skip("the validation loss has a level of its own, and a loss of exactly 0 means something")
    if item.context.first_is_mean:
        pytest.skip("how many times the end an explosion is means nothing below zero")
    item = replace(item, context=replace(item.context, constant_loss=None))
    assert said_of(shifted(item, -2 * level_of(item))) == said_of(item)


def level_of(item):
    losses = (item.curve if item.null is None else item.null).train_loss
    finite = sorted(loss for loss in losses if math.isfinite(loss))
    middle = len(finite) // 2
    return losses[0] if item.null is None else (finite[middle - 1] + finite[middle]) / 2


PROBES = [make for make in EXAMPLES["healthy progress"] if not make().context.first_is_mean]
"""Not logs of other programs: in them, how many times the end an explosion is depends on the level."""


@given(make=st.sampled_from(PROBES), toward=st.floats(0.0, 1.0))
def test_a_smaller_initial_level_never_hides_progress(make, toward):
    item = make()
    assert judge(shifted(item, -toward * level_of(item))).label is Label.HEALTHY


@given(
    losses=st.lists(st.floats(-1e200, 1e200) | st.sampled_from([math.nan, math.inf, 0.0]), max_size=60),
    case=ANY,
    paired=st.booleans(),
)
def test_any_curve_gets_a_verdict_with_evidence(losses, case, paired):
    pick = CASES[case][1]
    curve = replace(pick.curve, train_loss=tuple(losses))
    verdict = classify(curve, null=pick.null if paired else None, context=pick.context)
    assert verdict.evidence
