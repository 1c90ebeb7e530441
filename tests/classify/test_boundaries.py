"""What lies just on the other side of a rule: does not fire, not applicable, or another context."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sweeper.classify import Context, VerdictThresholds, classify
from sweeper.curve import Curve
from sweeper.verdict import Label
from tests import curves
from tests.curves import LEVEL, STEPS, alone, course, decay, example, overfitting, until


def judge(item, **more):
    return classify(item.curve, null=item.null, context=item.context, **more)


def code(item):
    return judge(item).evidence[0].code


def notes(item):
    return [note.code for note in judge(item).evidence[1:]]


@pytest.mark.parametrize(("fall", "label"), [(0.02, Label.STALLED), (0.026, Label.HEALTHY)])
def test_progress_begins_at_one_percent_of_the_initial_level(fall, label):
    assert judge(example(decay(-fall, over=10), own_noise=1e-4)).label is label


@pytest.mark.parametrize(("rise", "label"), [(0.04, Label.STALLED), (0.06, Label.DIVERGED)])
def test_a_rise_of_two_percent_is_still_flat(rise, label):
    assert judge(example(decay(rise, over=10), noise=0.001, own_noise=1e-4)).label is label


def test_the_null_curve_shows_what_the_curve_alone_cannot():
    item = example(course((200, -0.05)), noise=0.3)
    assert judge(item).label is Label.HEALTHY
    assert judge(alone(item)).label is Label.INCONCLUSIVE


def test_a_known_noise_stands_in_for_the_null_curve():
    random = np.random.default_rng(0)
    swinging = Curve(train_loss=(0.70, *random.uniform(0.75, 1.5, 4).tolist()))
    unknown = Context(planned_steps=5, passes=None, val_samples=0)
    assert classify(swinging, null=None, context=unknown).label is Label.INCONCLUSIVE
    assert classify(swinging, null=None, context=replace(unknown, noise=0.001)).label is Label.DIVERGED


def test_a_rise_to_many_times_the_level_needs_no_known_noise_unless_the_loss_has_both_signs():
    wild = (0.7, 5.0, 2.1, 9.0, 3.0, 4.0)
    unknown = Context(planned_steps=60, passes=None, val_samples=0)
    assert classify(Curve(train_loss=wild), null=None, context=unknown).label is Label.DIVERGED
    both = Curve(train_loss=(0.7, 5.0, -2.1, 9.0, 3.0, 4.0))
    assert classify(both, null=None, context=unknown).label is Label.INCONCLUSIVE


def test_a_null_curve_that_is_too_short_still_gives_level_and_noise():
    item = curves.falling()
    short = replace(item, null=replace(item.null, train_loss=item.null.train_loss[:50]))
    assert judge(short).label is Label.HEALTHY


def test_one_spike_late_is_a_note():
    changes = decay(-1.5)
    changes[190] = 4.0
    item = example(changes)
    assert judge(item).label is Label.HEALTHY
    assert "unstable" in notes(item)


def test_a_spike_that_is_a_hard_batch_is_no_spike():
    item = curves.falling()
    hard = [loss + 20.0 * (step == 190) for step, loss in enumerate(item.null.train_loss)]
    same = [loss + 20.0 * (step == 190) for step, loss in enumerate(item.curve.train_loss)]
    item = replace(
        item,
        null=replace(item.null, train_loss=tuple(hard)),
        curve=replace(item.curve, train_loss=tuple(same)),
    )
    assert judge(item).label is Label.HEALTHY
    assert "unstable" not in notes(item)


def test_less_than_half_of_the_progress_given_back_is_healthy():
    assert judge(example(course((80, -1.5), (200, -0.9)))).label is Label.HEALTHY


def test_a_beginning_that_is_high_is_judged_when_the_plan_is_done():
    item = example(course((10, 0.15), (200, 0.15)))
    assert judge(until(item, 40)).label is Label.INCONCLUSIVE
    assert code(item) == "above_start"


def test_a_beginning_that_is_very_high_is_not_waited_for():
    item = until(example(course((20, 3.0), (200, 2.0))), 60)
    assert code(item) == "above_start"


def test_a_curve_above_its_start_that_still_falls_says_so():
    item = example(course((20, 3.0), (200, 0.5)))
    assert "still falls" in judge(item).evidence[0].sentence


def test_an_infinite_gradient_in_the_middle_is_a_note():
    assert "gradient_overflow" in notes(curves.overflow_that_passes())


def test_validation_data_with_nan_is_a_note():
    assert "validation_not_finite_at_start" in notes(curves.validation_without_a_number())


def test_a_nan_weight_in_the_null_curve_is_a_fault_of_the_model():
    item = curves.falling()
    null = replace(item.null, first_nonfinite_weight=1)
    assert code(replace(item, null=null)) == "non_finite_without_update"


def test_a_jump_with_much_progress_after_it_is_healthy():
    assert judge(curves.early_bump_that_recovers()).label is Label.HEALTHY
    assert "unstable" in notes(curves.early_bump_that_recovers())


def test_a_constant_is_no_rest_while_the_loss_still_falls_through_it():
    item = example(course((200, -0.6)), level=2.6, constant_loss=2.05)
    assert judge(item).label is Label.HEALTHY


def test_a_fall_that_happens_to_end_near_the_constant_in_much_noise_is_no_rest_there():
    item = example(decay(-4.4, over=30), level=4.8, noise=4.0, constant_loss=0.7)
    assert judge(item).label is Label.HEALTHY


def test_a_loss_that_stays_where_the_constant_is_has_not_come_to_it():
    item = example(course((200, -0.002)), own_noise=1e-4, constant_loss=LEVEL)
    assert code(item) == "too_slow"
    assert code(example(np.full(STEPS, 1e-12), own_noise=0.001, constant_loss=LEVEL)) == "flat"


def test_a_slow_fall_past_the_constant_is_not_at_rest():
    item = example(course((200, -0.32)), level=2.6, own_noise=0.002, constant_loss=LEVEL)
    assert judge(item).label is Label.HEALTHY


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (curves.falling(), "0 usable validation points"),
        (overfitting(points=4), "4 usable validation points"),
        (overfitting(passes=1.5), "1.5 passes"),
        (overfitting(passes=None), "an unknown number of passes"),
        (until(overfitting(passes=3.0), 100), "1.5 passes"),
    ],
    ids=["no validation", "few points", "few passes", "passes unknown", "cut short"],
)
def test_overfitting_that_cannot_be_judged_is_healthy_with_the_reason(item, why):
    verdict = judge(item)
    assert verdict.label is Label.HEALTHY
    assert [why in note.sentence for note in verdict.evidence if note.code == "overfit_not_testable"] == [True]


def test_a_validation_loss_that_rises_a_little_is_healthy():
    item = overfitting(rise=0.02)
    assert judge(item).label is Label.HEALTHY
    assert "overfit_not_testable" not in notes(item)


def test_a_validation_rise_in_the_last_point_alone_is_not_confirmed():
    item = overfitting(rise=0.0)
    losses = (*item.curve.val_loss[:-1], 3.0)
    assert judge(replace(item, curve=replace(item.curve, val_loss=losses))).label is Label.HEALTHY


def test_a_validation_rise_while_training_does_not_fall_is_not_overfitting():
    item = overfitting()
    flat_after = example(course((80, -1.2), (200, -1.2)))
    curve = replace(item.curve, train_loss=flat_after.curve.train_loss)
    assert judge(replace(item, curve=curve, null=flat_after.null)).label is Label.HEALTHY


def test_an_early_stopped_curve_is_diverged_whatever_its_length():
    curve = Curve(train_loss=(math.inf,), first_nonfinite_loss=1)
    context = Context(planned_steps=STEPS, passes=None, val_samples=0)
    assert classify(curve, null=None, context=context).label is Label.DIVERGED


def test_no_steps_at_all_are_inconclusive():
    context = Context(planned_steps=STEPS, passes=None, val_samples=0)
    assert classify(Curve(train_loss=()), null=None, context=context).label is Label.INCONCLUSIVE


def test_thresholds_can_be_given():
    item = example(decay(-0.1, over=10), own_noise=1e-4)
    assert judge(item).label is Label.HEALTHY
    assert judge(item, thresholds=VerdictThresholds(material=0.1)).label is Label.STALLED
