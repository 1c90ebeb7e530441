import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.config import (
    format_batch_sizes,
    format_bytes,
    format_seconds,
    parse_batch_sizes,
    parse_bytes,
    parse_seconds,
)
from sweeper.config._quantities import format_clipnorm, parse_clipnorm, parse_warmup
from sweeper.settings import AUTO, SCRIPT_BATCH_SIZE


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MiB", 512 * 2**20),
        ("4 GiB", 4 * 2**30),
        ("1e9", 10**9),
        ("500MB", 500 * 10**6),
        ("1.5kb", 1500),
        (4096, 4096),
        (1e6, 10**6),
        ("7B", 7),
    ],
)
def test_sizes_are_read_with_decimal_and_binary_units(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("10m", 600),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("250ms", 0.25),
        (90, 90),
        ("90", 90),
        ("2min 5s", 125),
    ],
)
def test_durations_are_read_with_their_units(text, seconds):
    assert parse_seconds(text) == seconds


def test_batch_sizes_ascend_without_repeats_and_the_scripts_own_comes_first():
    assert parse_batch_sizes("64,16,64,script") == (SCRIPT_BATCH_SIZE, 16, 64)
    assert parse_batch_sizes([256, "16,32"]) == (16, 32, 256)
    assert parse_batch_sizes(8) == (8,)


@given(st.integers(min_value=1, max_value=2**60))
def test_a_formatted_size_is_parsed_back(size):
    assert parse_bytes(format_bytes(size)) == size


@given(st.floats(min_value=1e-3, max_value=1e7))
def test_a_formatted_duration_is_parsed_back(seconds):
    assert parse_seconds(format_seconds(seconds)) == seconds


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1))
def test_formatted_batch_sizes_are_parsed_back(sizes):
    axis = tuple(sorted(set(sizes)))
    assert parse_batch_sizes(format_batch_sizes(axis)) == axis


@pytest.mark.parametrize("value", ["", "4Q", "-1", "0", "big", True, None, [1], "nan", "1e400", "4K"])
def test_a_bad_size_is_refused_with_examples(value):
    with pytest.raises(ValueError, match="is not a size; write 512MiB, 4GiB"):
        parse_bytes(value)


@pytest.mark.parametrize("value", ["", "0s", "-5m", "soon", "10 parsecs", "1h30x", True, None, "inf"])
def test_a_bad_duration_is_refused_with_examples(value):
    with pytest.raises(ValueError, match="is not a duration; write 30s, 10m, 1.5h"):
        parse_seconds(value)


@pytest.mark.parametrize("value", ["0", -1, 1.5, "16.0", "many", True, None])
def test_a_bad_batch_size_is_refused_with_an_example(value):
    with pytest.raises(ValueError, match=r"batch size .* must be a whole number of at least 1, or script"):
        parse_batch_sizes(value)


@pytest.mark.parametrize(("text", "steps"), [("50", 50), (1, 1), ("auto", AUTO), (" Auto ", AUTO)])
def test_a_warm_up_is_a_number_of_steps_or_auto(text, steps):
    assert parse_warmup(text) == steps


@pytest.mark.parametrize("text", ["0", 0, "-3", "2.5", "automatic", True, ""])
def test_a_warm_up_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="must be a whole number of at least 1, or auto"):
        parse_warmup(text)


@pytest.mark.parametrize(("text", "norm"), [("1", 1.0), (0.5, 0.5), ("1e-3", 1e-3), ("AUTO", AUTO)])
def test_a_norm_is_a_number_above_zero_or_auto(text, norm):
    assert parse_clipnorm(text) == norm
    assert parse_clipnorm(format_clipnorm(norm)) == norm


@pytest.mark.parametrize("text", ["0", 0.0, "-1", "inf", "nan", "big", False])
def test_a_norm_that_clips_nothing_or_all_is_refused(text):
    with pytest.raises(ValueError, match="must be a norm above 0, such as 1.0, or auto"):
        parse_clipnorm(text)
