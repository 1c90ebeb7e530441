"""Validation samples beside the training samples."""

import numpy as np
import pytest

from sweeper.checks.worker._validation import compare

RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(400, 10)), RNG.integers(0, 3, 400)
OTHER = RNG.normal(size=(100, 10))


def test_other_samples_are_no_copies():
    facts = compare(X, Y, OTHER, Y[:100])
    assert (facts.copies, facts.looked_at, facts.missing_classes) == (0, 100, ())
    assert facts.shift < 1


def test_copies_are_counted_whatever_their_type():
    facts = compare(X.astype(np.float32), Y, np.concatenate([X[:30], OTHER[:70]]), Y[:100])
    assert facts.copies == 30


def test_samples_that_agree_only_in_part_are_no_copies():
    images = RNG.random((200, 16, 16))
    other = images[:50].copy()
    other[:, 3, 5] += 0.5
    assert compare(images, Y[:200], other, Y[:50]).copies == 0


def test_rows_of_few_values_are_not_compared():
    few = RNG.integers(0, 2, (400, 10))
    assert compare(few, Y, few[:100], Y[:100]).looked_at == 0


def test_a_shift_is_measured_in_standard_deviations():
    facts = compare(X, Y, OTHER + np.eye(10)[4] * 3, Y[:100])
    assert (round(facts.shift), facts.shifted_column) == (3, 4)


def test_classes_that_training_does_not_have_are_named():
    assert compare(X, np.zeros(400, int), OTHER, np.repeat([0, 5], 50)).missing_classes == (5.0,)


def test_shares_of_classes_are_compared():
    sorted_labels = np.repeat([0, 1], 200)
    assert compare(X, sorted_labels, OTHER, np.ones(100, int)).class_shift == pytest.approx(0.5)
    assert compare(X, sorted_labels, OTHER, np.repeat([0, 1], 50)).class_shift == 0.0


def test_quantities_have_no_shares():
    assert compare(X, X[:, 0], OTHER, OTHER[:, 0]).class_shift is None


@pytest.mark.parametrize("other", [np.array([["a"] * 10] * 100), RNG.normal(size=(100, 9)), OTHER[:0]])
def test_text_other_shapes_and_no_samples_cannot_be_compared(other):
    assert compare(X, Y, other, Y[: len(other)]) is None
