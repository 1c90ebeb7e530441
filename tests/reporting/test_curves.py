import math

from hypothesis import given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.reporting._curves import MOST_POINTS, curves_for_page, kept_points, page_curve
from tests.reporting import samples

losses = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=1500)


def test_a_short_curve_keeps_every_step():
    curve = page_curve(Curve(train_loss=(3.0, 2.0, 1.0), val_steps=(0, 3), val_loss=(3.5, 1.5)))
    assert (curve.steps, curve.train_loss) == ((1, 2, 3), (3.0, 2.0, 1.0))
    assert (curve.val_steps, curve.val_loss, curve.nonfinite_step) == ((0, 3), (3.5, 1.5), None)


def test_a_spike_of_one_step_keeps_its_height():
    smooth = [2.0 - step / 1000 for step in range(1000)]
    smooth[617] = 55.0
    curve = page_curve(Curve(train_loss=tuple(smooth)))
    assert len(curve.steps) <= MOST_POINTS
    assert curve.train_loss[curve.steps.index(618)] == 55.0


def test_the_first_step_that_is_not_finite_always_stays():
    values = [1.0] * 700 + [math.nan] * 300
    curve = page_curve(Curve(train_loss=tuple(values), first_nonfinite_loss=701))
    assert curve.nonfinite_step == 701
    assert curve.train_loss[curve.steps.index(701)] is None


def test_a_weight_that_is_not_finite_is_shown_when_no_loss_was_bad():
    curve = page_curve(Curve(train_loss=(1.0, 2.0), first_nonfinite_weight=2))
    assert curve.nonfinite_step == 2


def test_an_empty_curve_stays_empty():
    assert page_curve(Curve(train_loss=())).steps == ()


def test_only_probes_with_a_curve_are_there():
    judged = samples.usual().judged
    with_curve = {item.outcome.probe.id for item in judged if item.outcome.curve is not None}
    assert set(curves_for_page(judged)) == with_curve
    assert len(with_curve) == len(judged) - len(samples.FAILURES)


@given(losses)
def test_few_points_with_both_ends_and_both_extremes(values):
    kept = kept_points(values)
    assert kept == sorted(set(kept))
    assert len(kept) <= MOST_POINTS
    finite = [value for value in values if math.isfinite(value)]
    seen = {values[index] for index in kept if math.isfinite(values[index])}
    if values:
        assert (kept[0], kept[-1]) == (0, len(values) - 1)
    if finite:
        assert {min(finite), max(finite)} <= seen


@given(losses, st.integers(min_value=1, max_value=1500))
def test_a_page_curve_holds_no_nan(values, step):
    curve = page_curve(Curve(train_loss=tuple(values), first_nonfinite_loss=step if step <= len(values) else None))
    assert all(loss is None or math.isfinite(loss) for loss in curve.train_loss)
    assert step in curve.steps or step > len(values)
