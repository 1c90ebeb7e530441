import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.engines._warm_up import rising, warm_up

RATES = st.floats(1e-9, 1e3)
STEPS = st.integers(1, 300)


@given(RATES, STEPS, STEPS)
def test_the_rate_rises_evenly_and_then_stays(rate, over, steps):
    found = rising(rate, over=over, steps=steps)
    assert found[0] == pytest.approx(rate / over)
    assert found.tolist() == pytest.approx([rate * min(1.0, step / over) for step in range(1, steps + 1)])
    assert (found[over - 1 :] == rate).all(), "exactly the rate of the probe, as without a warm-up"


def test_a_probe_of_rate_zero_stays_there():
    assert rising(0.0, over=5, steps=8).tolist() == [0.0] * 8


def test_without_a_warm_up_there_is_nothing_to_set():
    none = warm_up([object()], [0.1], over=0, steps=3)
    assert none.variables == ()
    assert none.rates.shape == (3, 0)


class Optimizer:
    def __init__(self, variable):
        self._learning_rate = variable


def test_several_optimizers_rise_by_the_same_factor():
    found = warm_up([Optimizer("first"), Optimizer("second")], [0.1, 0.4], over=4, steps=5)
    assert found.variables == ("first", "second")
    assert (found.rates[:, 1] == 4 * found.rates[:, 0]).all()
    assert found.rates[:, 0].tolist() == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])
