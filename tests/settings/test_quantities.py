import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.settings import AUTO, SCRIPT_BATCH_SIZE, BatchSearch
from sweeper.settings._quantities import BATCH_SIZES, BYTES, CLIPNORM, SECONDS, WARMUP


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
    assert BYTES.parse(text) == size


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
    assert SECONDS.parse(text) == seconds


def test_batch_sizes_ascend_without_repeats_and_the_scripts_own_comes_first():
    assert BATCH_SIZES.parse("64,16,64,script") == (SCRIPT_BATCH_SIZE, 16, 64)
    assert BATCH_SIZES.parse([256, "16,32"]) == (16, 32, 256)
    assert BATCH_SIZES.parse(8) == (8,)


@pytest.mark.parametrize(("value", "search"), [("auto", BatchSearch.AUTO), (["recommended"], BatchSearch.RECOMMENDED)])
def test_a_word_for_what_a_memory_search_finds_stands_alone(value, search):
    assert BATCH_SIZES.parse(value) is search
    assert BATCH_SIZES.parse(BATCH_SIZES.show(search)) is search
    with pytest.raises(ValueError, match="must stand alone: the sizes come from a memory search"):
        BATCH_SIZES.parse([16, search.value])


@given(st.integers(min_value=1, max_value=2**60))
def test_a_formatted_size_is_parsed_back(size):
    assert BYTES.parse(BYTES.show(size)) == size


@given(st.floats(min_value=1e-3, max_value=1e7))
def test_a_formatted_duration_is_parsed_back(seconds):
    assert SECONDS.parse(SECONDS.show(seconds)) == seconds


@given(st.sets(st.integers(min_value=1, max_value=10**6), min_size=1), st.booleans())
def test_formatted_batch_sizes_are_parsed_back(sizes, with_own):
    axis = (*[SCRIPT_BATCH_SIZE] * with_own, *sorted(sizes))
    assert BATCH_SIZES.parse(BATCH_SIZES.show(axis)) == axis


@pytest.mark.parametrize("value", ["", "4Q", "-1", "0", "big", True, None, [1], "nan", "1e400", "4K"])
def test_a_bad_size_is_refused_with_examples(value):
    with pytest.raises(ValueError, match="is not a size; write 512MiB, 4GiB"):
        BYTES.parse(value)


@pytest.mark.parametrize("value", ["", "0s", "-5m", "soon", "10 parsecs", "1h30x", True, None, "inf"])
def test_a_bad_duration_is_refused_with_examples(value):
    with pytest.raises(ValueError, match="is not a duration; write 30s, 10m, 1.5h"):
        SECONDS.parse(value)


@pytest.mark.parametrize("value", ["0", -1, 1.5, "16.0", "many", True, None, {"low": 1}])
def test_a_bad_batch_size_is_refused_with_an_example(value):
    with pytest.raises(ValueError, match=r"batch size .* must be a whole number of at least 1, or script"):
        BATCH_SIZES.parse(value)


@pytest.mark.parametrize(("text", "steps"), [("50", 50), (1, 1), ("auto", AUTO), (" Auto ", AUTO)])
def test_a_warm_up_is_a_number_of_steps_or_auto(text, steps):
    assert WARMUP.parse(text) == steps


@pytest.mark.parametrize("text", ["0", 0, "-3", "2.5", "automatic", True, ""])
def test_a_warm_up_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="must be a whole number of at least 1, or auto"):
        WARMUP.parse(text)


@pytest.mark.parametrize(("text", "norm"), [("1", 1.0), (0.5, 0.5), ("1e-3", 1e-3), ("AUTO", AUTO)])
def test_a_norm_is_a_number_above_zero_or_auto(text, norm):
    assert CLIPNORM.parse(text) == norm
    assert CLIPNORM.parse(CLIPNORM.show(norm)) == norm


@pytest.mark.parametrize("text", ["0", 0.0, "-1", "inf", "nan", "big", False])
def test_a_norm_that_clips_nothing_or_all_is_refused(text):
    with pytest.raises(ValueError, match="must be a norm above 0, such as 1.0, or auto"):
        CLIPNORM.parse(text)
