import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.settings import RateRange
from sweeper.settings._rates import format_rate, format_rates, parse_rates

RATES = st.floats(min_value=1e-30, max_value=1e30, allow_nan=False)


def test_a_logarithmic_range_has_equal_ratios():
    assert parse_rates("1e-3:1:log:4") == (0.001, 0.01, 0.1, 1.0)


def test_a_linear_range_has_equal_steps():
    assert parse_rates("0.1:0.5:lin:5") == (0.1, 0.2, 0.3, 0.4, 0.5)


def test_half_decades_are_rounded_to_six_significant_digits():
    assert parse_rates("1e-6:1:log:13")[1] == 3.16228e-06


@pytest.mark.parametrize(
    "value",
    [
        "1e-4,1e-3",
        " 1e-3 , 1e-4 ",
        ["1e-4", "1e-3"],
        [1e-4, 1e-3],
        (1e-4, "1e-3"),
        ["1e-4,1e-3"],
        "1e-4,1e-3,0.001",
        {"low": 1e-4, "high": 1e-3, "count": 2},
        {"low": "1e-4", "high": "1e-3", "scale": "lin", "count": "2"},
        "1e-4:1e-3:log:2",
    ],
)
def test_every_way_to_write_two_rates_gives_the_same_axis(value):
    assert parse_rates(value) == (1e-4, 1e-3)


def test_a_single_number_is_an_axis_of_one_rate():
    assert parse_rates(0.01) == (0.01,)
    assert parse_rates(1) == (1.0,)


def test_a_range_and_single_rates_can_be_mixed():
    assert parse_rates("1e-3:1e-1:log:3,0.5") == (0.001, 0.01, 0.1, 0.5)


@given(st.lists(RATES, min_size=1, max_size=20))
def test_what_is_formatted_is_parsed_back(rates):
    axis = parse_rates(rates)
    assert parse_rates(format_rates(axis)) == axis


@given(RATES, st.floats(min_value=1.01, max_value=1e6), st.integers(min_value=2, max_value=50), st.booleans())
def test_a_range_keeps_its_ends_and_ascends(low, factor, count, log):
    high = low * factor
    axis = parse_rates(f"{low!r}:{high!r}:{'log' if log else 'lin'}:{count}")
    assert axis[0] == float(f"{low:.6g}")
    assert axis[-1] == float(f"{high:.6g}")
    assert list(axis) == sorted(set(axis))
    assert all(math.isfinite(rate) and rate > 0 for rate in axis)
    assert len(axis) <= count


def test_rates_are_written_without_a_padded_exponent():
    assert format_rate(1e-6) == "1e-6"
    assert format_rate(0.00316228) == "0.00316228"
    assert format_rate(1e20) == "1e20"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0", "learning rate '0' must be a finite number above 0"),
        (0, "learning rate 0 must be a finite number above 0"),
        ([1e-3, -1], "learning rate -1 must be"),
        ("nan", "must be a finite number"),
        ("inf", "must be a finite number"),
        ("1e400", "must be a finite number"),
        (True, "learning rate True must be"),
        (None, "learning rate None must be"),
        ("abc", "'abc' is not a learning rate; write a number such as 1e-3, or a range low:high"),
        ("1e-6:1:13", "'1e-6:1:13' is not a range; write low:high, such as 1e-6:1, or low:high:log|lin:count"),
        ("1:1e-6", "'1:1e-6': low 1 must be below high 1e-6; swap them"),
        ("1e-6:1,0.5", "'1e-6:1' must stand alone: a range without a count is searched"),
        ("1e-6:x", "'x' is not a learning rate"),
        ("1:1e-6:log:13", "low 1 must be below high 1e-6; swap them"),
        ("1e-6:1:logarithmic:13", "unknown scale 'logarithmic'"),
        ("1e-6:1:lgo:13", "Did you mean 'log'?"),
        ("1e-6:1:log:1", "count 1 must be a whole number from 2 to 1000"),
        ("1e-6:1:log:1e3", "count 1e3 must be a whole number"),
        ("1e-6:1:log:1000000", "count 1000000 must be"),
        ({"low": 1e-6, "high": 1, "scale": "lin"}, "a range needs count"),
        ({"low": 1, "high": 1e-6}, "low 1 must be below high 1e-6; swap them"),
        ({"low": 1e-6, "high": 1, "num": 3}, "unknown key of a range 'num'"),
        ("1e-3,,1e-2", "has an empty item"),
        ("", "has an empty item"),
        ([], "the list is empty"),
    ],
)
def test_a_bad_rate_is_refused_with_what_is_allowed(value, message):
    with pytest.raises(ValueError, match=r".") as caught:
        parse_rates(value)
    assert message in str(caught.value)


TABLE = {"low": 1e-6, "high": 1}


@pytest.mark.parametrize("value", ["1e-6:1", " 1e-6 : 1.0 ", ["1e-6:1"], TABLE, [TABLE]])
def test_a_range_without_a_count_is_for_a_search(value):
    asked = parse_rates(value)
    assert asked == RateRange(low=1e-6, high=1.0)
    assert format_rates(asked) == "1e-6:1"
