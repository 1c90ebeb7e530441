import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.probes import OutcomeKind
from sweeper.record._trial import MOST_POINTS, objective, points
from sweeper.verdict import Label
from tests.record.made import curves, judged


def test_the_value_is_the_final_loss():
    assert objective(judged(losses=(2.0, 1.0)), 1.1) == 1.1


def test_the_value_is_never_above_the_initial_loss():
    assert objective(judged(losses=(2.0, 9.0)), 9.0) == 2.0


def test_a_diverged_probe_has_the_initial_loss_even_if_it_ended_lower():
    assert objective(judged(Label.DIVERGED, losses=(2.0, math.inf)), -5.0) == 2.0


@pytest.mark.parametrize("final", [None, math.nan, math.inf, -math.inf])
def test_a_probe_without_a_finite_final_loss_has_the_initial_loss(final):
    assert objective(judged(losses=(2.0, 1.0)), final) == 2.0


def test_a_probe_without_a_finite_loss_has_no_value():
    assert objective(judged(Label.DIVERGED, losses=(math.nan,)), None) is None


@pytest.mark.parametrize("kind", [kind for kind in OutcomeKind if kind is not OutcomeKind.COMPLETED])
def test_a_probe_that_did_not_complete_has_no_value(kind):
    assert objective(judged(kind=kind), 1.0) is None
    assert objective(judged(kind=kind, losses=()), None) is None


@given(curve=curves, label=st.sampled_from(Label), final=st.none() | st.floats())
def test_a_value_is_finite_whenever_any_loss_is(curve, label, final):
    assume(any(map(math.isfinite, curve.train_loss)))
    value = objective(judged(label, losses=curve.train_loss), final)
    assert value is not None
    assert math.isfinite(value)


@given(losses=st.lists(st.floats(), max_size=200))
def test_points_are_few_finite_and_as_measured_with_the_first_and_the_last(losses):
    found = points(Curve(train_loss=tuple(losses)), MOST_POINTS)
    finite = [step for step, loss in enumerate(losses, start=1) if math.isfinite(loss)]
    assert len(found) == min(len(finite), MOST_POINTS)
    assert all(found[step] == losses[step - 1] for step in found)
    assert not finite or {finite[0], finite[-1]} <= found.keys()
