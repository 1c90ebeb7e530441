"""Samples that a pipeline padded batch by batch, put together to other batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sweeper.capture import RaggedColumn, TextColumn
from sweeper.capture._columns import load_column, make_column, pad, padding_value

END = 2


def padded_batches(make, fill, *, batches=30, rows=8, sizes=(3, 30)):
    """The rows of batches in which each row of `make(size)` was filled up to the longest."""
    generator = np.random.default_rng(7)
    found = []
    for _ in range(batches):
        batch = pad([make(size) for size in generator.integers(*sizes, rows)], fill)
        found += list(batch)
    return found


def tokens(size):
    """Tokens of a text, 3 or more, with an end token."""
    return np.append(np.arange(size) % 50 + 3, END)


def classes(size):
    return np.arange(size) % 4


def series(size):
    return np.sin(np.arange(size * 3, dtype=np.float32)).reshape(size, 3)


def image(size):
    return np.arange(size * 12, dtype=np.uint8).reshape(size, 4, 3) % 100


def ones(size):
    return np.ones(size, np.int32)


@pytest.mark.parametrize(
    ("make", "fill"),
    [
        (tokens, 0),
        (tokens, 1),
        (classes, -1),
        (series, 0.0),
        (series, -999.0),
        (series, np.nan),
        (image, 255),
        (ones, 0),
        (lambda size: np.zeros(size, bool), True),
        (lambda size: np.ones(size, bool), False),
    ],
)
def test_batches_are_padded_with_what_the_script_pads_with(make, fill):
    column = make_column(padded_batches(make, fill))
    short, long = sorted(column.samples, key=len)[:: len(column) - 1]
    column = RaggedColumn([short, long], stays_ragged=False, fill=column.fill)
    batch = column.take(np.array([0, 1]))
    assert batch.dtype == short.dtype
    assert np.array_equal(batch[0, : len(short)], short, equal_nan=batch.dtype.kind == "f")
    assert np.array_equal(batch[1], long, equal_nan=batch.dtype.kind == "f")
    assert np.array_equal(np.unique(batch[0, len(short) :]), [fill], equal_nan=batch.dtype.kind == "f")


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param([tokens(size) for size in (3, 5, 5, 9)], id="not padded, and each ends in the end token"),
        pytest.param(padded_batches(tokens, 0, sizes=(10, 12)), id="hardly padded, and most end in the end token"),
        pytest.param([ones(size) for size in (3, 5, 5, 9)], id="a mask that is all ones"),
        pytest.param([np.append(classes(size), [7, 7]) for size in (3, 5, 5, 9)], id="every sample ends so"),
        pytest.param([*padded_batches(classes, -1, batches=1), *map(classes, range(3, 20))], id="few end so"),
        pytest.param([np.append(row, [1, 1]) for row in map(series, range(3, 9))], id="no two ends are alike"),
        pytest.param([np.zeros((0, 2)), np.zeros((3, 2))], id="an empty sample"),
        pytest.param([np.zeros((0, 2)), np.zeros((0, 3))], id="empty samples only"),
        pytest.param([np.array([5]), np.array([5, 6])], id="one entry"),
        pytest.param([], id="no samples"),
    ],
)
def test_without_clear_padding_it_is_zero(samples):
    assert padding_value(samples) == 0


def test_inputs_and_labels_are_padded_each_in_its_own_way():
    inputs, labels = (make_column(padded_batches(make, fill)) for make, fill in ((tokens, 0), (classes, -1)))
    assert (inputs.fill, labels.fill) == (0, -1)


def test_where_columns_vary_along_two_axes_the_corner_tells():
    generator = np.random.default_rng(1)
    samples = []
    for size in range(3, 12):
        rows = [np.ones((generator.integers(2, size), generator.integers(2, size))) for _ in range(6)]
        samples += list(pad([*rows, np.ones((size, size))], -1.0))
    assert padding_value(samples) == -1.0


def test_the_padding_is_kept_with_the_samples(tmp_path):
    column = make_column(padded_batches(classes, -1))
    column.save(tmp_path / "c")
    longest = max(range(len(column)), key=lambda i: len(column.samples[i]))
    few = column.subset(np.array([longest]))
    assert load_column(tmp_path / "c").fill == few.fill == -1


def test_text_and_tensors_that_stay_ragged_are_not_padded(tmp_path):
    texts = make_column([np.array([b"a", b"", b""]), np.array([b"b", b"c", b""])])
    assert isinstance(texts, TextColumn)
    rows = padded_batches(classes, -1)
    column = make_column(rows, stays_ragged=True)
    column.save(tmp_path / "c")
    assert load_column(tmp_path / "c").stays_ragged
    assert column.fill == 0


@given(
    st.lists(
        arrays.arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(0, 3))),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0.0, -1.0, np.nan]),
)
def test_each_sample_lies_at_the_start_of_its_row_and_padding_fills_the_rest(samples, fill):
    batch = pad(samples, fill)
    for row, sample in zip(batch, samples, strict=True):
        inside = np.zeros(row.shape, bool)
        inside[tuple(slice(size) for size in sample.shape)] = True
        assert np.array_equal(row[inside].reshape(sample.shape), sample, equal_nan=True)
        assert np.array_equal(row[~inside], np.full(row[~inside].shape, fill), equal_nan=True)
