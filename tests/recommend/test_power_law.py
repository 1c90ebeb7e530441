import math

import pytest

from sweeper.recommend._power_law import SCATTER, Point, power_law


def points(exponent, sizes=(16, 32, 64, 128), *, error=0.02, beside=()):
    shifts = beside or (0.0,) * len(sizes)
    return [
        Point(batch_size=size, log_rate=-3 + exponent * math.log10(size / 16) + shift, error=error)
        for size, shift in zip(sizes, shifts, strict=True)
    ]


def test_without_a_row_there_is_no_law():
    assert power_law([], expected=1.0) is None


def test_one_row_moves_as_the_rule_of_thumb_says():
    law = power_law(points(0.0, sizes=(16,)), expected=0.5)
    assert law.exponent == 0.5
    place, error = law.at(64)
    assert place == pytest.approx(-3 + 0.5 * math.log10(4))
    assert error > law.at(16)[1]


def test_rows_outvote_the_rule_of_thumb_the_more_the_further_they_reach():
    near = power_law(points(0.0, sizes=(16, 32)), expected=1.0)
    far = power_law(points(0.0, sizes=(16, 64, 256, 1024)), expected=1.0)
    assert 0.3 < near.exponent < 1.0
    assert abs(far.exponent) < 0.15
    assert far.exponent_error < near.exponent_error


def test_rows_beside_the_line_widen_the_doubt():
    straight = power_law(points(0.5), expected=0.5)
    ragged = power_law(points(0.5, beside=(0.3, -0.3, 0.3, -0.3)), expected=0.5)
    assert straight.scatter == SCATTER
    assert ragged.scatter > 0.25
    assert ragged.at(512)[1] > straight.at(512)[1]


def test_a_row_that_is_known_badly_counts_little():
    rows = [*points(0.5), Point(batch_size=256, log_rate=0.0, error=5.0)]
    assert power_law(rows, expected=0.5).at(16)[0] == pytest.approx(-3, abs=0.1)
