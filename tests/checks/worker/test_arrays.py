"""Arrays in plain facts."""

import numpy as np
import pandas as pd
import pytest

from sweeper.checks.diagnose import Container, Kind
from sweeper.checks.worker._arrays import summarise
from sweeper.checks.worker._nested import parts_of
from sweeper.checks.worker._statistics import SAMPLE_ROWS


def numbers(rows=100, columns=3):
    return np.random.default_rng(0).normal(size=(rows, columns))


def test_ranges_are_exact_over_all_rows():
    x = numbers(3 * SAMPLE_ROWS + 1)
    x[-2, 1] = 1e6  # a row that the sample does not hold
    facts = summarise("x", x)
    assert (facts.low, facts.high, facts.samples) == (x.min(), 1e6, len(x))
    assert facts.looked_at <= SAMPLE_ROWS


def test_the_first_value_that_is_not_finite_is_found_wherever_it_is():
    x = numbers(2_000_000, 3)
    x[1_999_990, 2], x[1_999_995, 0] = np.nan, -np.inf
    facts = summarise("x", x)
    assert (facts.not_finite.nans, facts.not_finite.infinities) == (1, 1)
    assert facts.not_finite.first == (1_999_990, 2)
    assert np.isfinite([facts.low, facts.high]).all()


def test_an_array_of_nan_alone_has_no_range():
    facts = summarise("x", np.full((4, 2), np.nan))
    assert (facts.low, facts.high, facts.not_finite.nans) == (None, None, 8)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.zeros((2, 2)), Kind.FLOAT),
        (np.zeros((2, 2), np.uint8), Kind.INTEGER),
        (np.zeros((2, 2), bool), Kind.BOOL),
        (np.array(["a", "b"]), Kind.TEXT),
        (np.array(["a", "b"], dtype=object), Kind.TEXT),
        (np.array([["a", 1], ["b", 2]], dtype=object), Kind.OBJECT),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}), Kind.FLOAT),
        (pd.DataFrame({"a": [1, 2], "b": [True, False]}), Kind.FLOAT),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), Kind.OBJECT),
        (pd.Series(["x", "y"]), Kind.TEXT),
    ],
)
def test_the_kind_of_values(value, kind):
    assert summarise("x", value).kind is kind


def test_a_series_is_a_column_as_keras_takes_it():
    assert summarise("y", pd.Series([1.0, 2.0])).shape == (2, 1)


def test_sequences_of_different_lengths_tell_their_lengths():
    sequences = [[1, 2, 3], [4], [5, 6]]
    for value in (sequences, np.array(sequences, dtype=object)):
        facts = summarise("x", value)
        assert (facts.kind, facts.lengths, facts.shape) == (Kind.OBJECT, (1, 3), (3,))


def test_a_list_of_numbers_is_a_list():
    facts = summarise("x", [[0.0, 1.0], [1.0, 0.0]])
    assert (facts.container, facts.kind, facts.shape) == (Container.LIST, Kind.FLOAT, (2, 2))


def test_classes_are_counted_and_one_hot_rows_known():
    plain = summarise("y", np.array([0, 1, 1, 2]))
    rows = summarise("y", np.eye(3)[[0, 1, 1, 2]])
    assert plain.classes == rows.classes == ((0.0, 1), (1.0, 2), (2.0, 1))
    assert (plain.one_hot, rows.one_hot, rows.rows_sum_to_one) == (False, True, True)


def test_rows_of_several_labels_are_no_distribution():
    facts = summarise("y", np.array([[1, 1, 0], [0, 1, 0]]))
    assert not (facts.one_hot)
    assert not (facts.rows_sum_to_one)


def test_quantities_have_no_classes():
    facts = summarise("y", np.array([0.5, 1.5, 2.5]))
    assert (facts.whole, facts.classes) == (False, ())


def test_columns_that_never_vary_and_the_widest_are_known():
    x = numbers()
    x[:, 1], x[:, 2] = 5.0, x[:, 2] * 1000
    features = summarise("x", x).features
    assert (features.constant, features.narrow, features.wide) == ((1,), 0, 2)
    assert features.largest_std > 500 * features.smallest_std


def test_a_value_far_away_is_measured_in_ranges_between_quartiles():
    x = numbers()
    x[50, 2] = 1e4
    features = summarise("x", x).features
    assert features.farthest_column == 2
    assert features.farthest > 1000


def test_zeros_at_the_ends_of_rows_are_measured():
    x = np.array([[1, 2, 0, 0], [3, 0, 4, 0]])
    assert summarise("x", x).trailing_zeros == pytest.approx(3 / 8)


def test_nested_data_is_named_by_key_and_number():
    a, b = numbers(), numbers()
    assert [name for name, _ in parts_of("x", {"age": a, "text": b})] == ["x['age']", "x['text']"]
    assert [name for name, _ in parts_of("x", [a, b])] == ["x[0]", "x[1]"]
    assert [name for name, _ in parts_of("x", [[1, 2], [3, 4]])] == ["x"]
    assert parts_of("y", None) == []


def test_no_rows_are_no_error():
    facts = summarise("x", np.zeros((0, 3)))
    assert (facts.samples, facts.low) == (0, None)


def test_a_column_that_varies_in_one_row_of_many_is_not_constant():
    x = np.random.default_rng(0).normal(size=(50_000, 3))
    x[:, 1:] = 0.0
    x[31_007, 2] = 1.0
    assert summarise("x", x).features.constant == (1,)
