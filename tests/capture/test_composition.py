"""Batches that somebody composed are told from batches of random samples."""

import numpy as np
import pytest

from sweeper.capture.data._composition import dispersion, why_composed

STRUCTURE = ["tuple", 0, 1]


def why(labels):
    return why_composed(STRUCTURE, [[np.zeros((len(batch), 2)), np.asarray(batch)] for batch in labels])


def random_batches(batches, size, classes, seed=0):
    return list(np.random.default_rng(seed).integers(0, classes, (batches, size)))


def balanced(batches, classes, each):
    generator = np.random.default_rng(1)
    return [generator.permutation(np.repeat(np.arange(classes), each)) for _ in range(batches)]


@pytest.mark.parametrize(("batches", "size", "classes"), [(8, 16, 2), (40, 32, 10), (200, 8, 3), (20, 64, 100)])
def test_random_batches_are_not_composed(batches, size, classes):
    assert not any(why(random_batches(batches, size, classes, seed)) for seed in range(50))


@pytest.mark.parametrize(("batches", "classes", "each"), [(20, 2, 8), (40, 10, 2), (12, 5, 4)])
def test_as_many_of_every_class_in_each_batch_are_composed(batches, classes, each):
    assert "composed" in why(balanced(batches, classes, each))


def test_sorted_samples_are_not_taken_for_random_ones():
    labels = np.sort(np.random.default_rng(0).integers(0, 5, 320)).reshape(20, 16)
    assert "sorted" in why(list(labels))


def test_labels_that_are_one_hot_or_in_a_column_count_too():
    labels = balanced(20, 4, 4)
    assert "composed" in why([np.eye(4)[batch] for batch in labels])
    assert "composed" in why([batch[:, None].astype(np.float32) for batch in labels])


@pytest.mark.parametrize(
    "labels",
    [
        [np.linspace(0, 1, 8)] * 20,  # quantities
        [np.zeros(8, int)] * 20,  # one class
        [np.arange(8) + 8 * number for number in range(20)],  # a number of its own for each sample
        balanced(7, 4, 4),  # too few batches
    ],
    ids=["quantities", "one class", "identities", "few"],
)
def test_nothing_is_said_where_labels_are_no_classes_or_too_few(labels):
    assert why(labels) == ""


def test_the_dispersion_of_random_batches_is_one_on_average():
    found = [dispersion(random_batches(20, 16, 4, seed)).ratio for seed in range(200)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.03)
