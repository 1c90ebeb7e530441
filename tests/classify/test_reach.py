"""What the curves of one job say of each other."""

import math

import pytest

from sweeper.classify import reach_of
from sweeper.curve import Curve

LEARNING = tuple(2.2 * 0.7**epoch + 0.02 for epoch in range(15))
SLOW = tuple(2.31 - 0.03 * epoch for epoch in range(15))
UNSCALED = (9.0, *LEARNING)
STUCK = (8.7, 1.103, 1.094, 1.092, 1.09, 1.09, 1.096, 1.089, 1.094, 1.092, 1.092, 1.093, 1.09, 1.09)


def reach(*curves, **more):
    return reach_of([Curve(train_loss=curve) for curve in curves], **more)


def test_nothing_is_known_where_no_curve_learns():
    assert reach() is None
    assert reach((2.3,) * 10, (math.nan,) * 10, (1.0, 2.0)) is None
    assert reach((588.4, 2.41, 2.4, 2.39, 2.38, 2.37, 2.36, 2.35), (2.54, *(2.304,) * 10)) is None


def test_curves_that_learn_show_where_they_begin_and_what_can_be_reached():
    found = reach(LEARNING, SLOW, SLOW)
    assert found.untrained == pytest.approx(2.31)
    assert found.best == pytest.approx(0.04, abs=0.02)
    assert found.sure
    assert not reach(LEARNING).sure


def test_a_level_that_several_curves_rest_at_from_the_first_is_the_untrained_one():
    assert reach(UNSCALED, UNSCALED, STUCK).untrained > 5
    found = reach(UNSCALED, UNSCALED, STUCK, tuple(loss + 0.01 for loss in STUCK))
    assert found.untrained == found.high == pytest.approx(1.092, abs=0.005)


def test_a_level_at_which_one_ends_that_learnt_is_a_floor_and_not_untrained():
    settled = tuple(1.09 + 1.2 * 0.6**epoch for epoch in range(20))
    assert reach(UNSCALED, settled, STUCK, STUCK).untrained > 2


def test_a_known_constant_is_taken_as_it_is():
    found = reach(LEARNING, constant=math.log(10))
    assert (found.untrained, found.high, found.sure) == (math.log(10), math.log(10), True)
    assert found.best < 0.1
    assert reach((2.3,) * 10, constant=math.log(10)).best == 0.0


def test_explosions_show_no_beginning():
    exploded = (9.8e9, 4000.0, 9.0, 6.0, 4.0, 3.0, 2.6, 2.5, 2.4, 2.4, 2.4, 2.4, 2.4, 2.4)
    assert reach(LEARNING, LEARNING, SLOW, exploded).high < 2.5
