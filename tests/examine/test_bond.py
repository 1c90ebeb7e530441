"""What a quick look finds of labels in inputs."""

import numpy as np
import pytest

from sweeper.examine._bond import bond_of

RNG = np.random.default_rng(4)
X = RNG.normal(size=(600, 6))


def is_there(bond):
    error = (bond.chance * (1 - bond.chance) / bond.samples) ** 0.5 if bond.classes else 0.005
    return max(bond.linear, bond.neighbours) > bond.chance + 2 * error or bond.strongest > 1.25


@pytest.mark.parametrize(
    "y",
    [
        (X[:, 0] + X[:, 1] > 0).astype(int),
        (X[:, 0] * X[:, 1] > 0).astype(int),
        (np.abs(X[:, 2]) > 0.7).astype(int),
        np.eye(3)[np.digitize(X[:, 0], [-0.5, 0.5])],
    ],
    ids=["linear", "sign of a product", "square", "one-hot"],
)
def test_classes_that_follow_from_inputs_are_seen(y):
    assert is_there(bond_of(X, y, classes=True))


def test_a_quantity_that_follows_from_inputs_is_seen():
    assert is_there(bond_of(X, X[:, 0] ** 2 + 0.1 * X[:, 1], classes=False))


def test_sequences_are_seen_as_a_whole():
    x = RNG.normal(size=(500, 40, 2)) * (1 + (np.arange(500) % 2))[:, None, None]
    assert is_there(bond_of(x, np.arange(500) % 2, classes=True))


def test_a_frequency_is_seen_whatever_its_phase():
    phase, time = RNG.uniform(0, 6.3, size=(500, 1, 1)), np.arange(60)[None, :, None]
    x = np.sin(0.2 * (1 + (np.arange(500) % 2))[:, None, None] * time + phase) + RNG.normal(0, 0.3, size=(500, 60, 1))
    assert is_there(bond_of(x, np.arange(500) % 2, classes=True))


def test_random_labels_of_sequences_have_no_bond():
    x = RNG.normal(size=(600, 20, 3))
    assert not is_there(bond_of(x, np.random.default_rng(2).integers(0, 2, 600), classes=True))


@pytest.mark.parametrize("classes", [2, 10])
def test_random_labels_have_no_bond(classes):
    y = np.random.default_rng(1).integers(0, classes, len(X))
    assert not is_there(bond_of(X, y, classes=True))


@pytest.mark.parametrize("y", [np.zeros(600, int), np.arange(600), np.array(["a"] * 600)])
def test_labels_of_one_class_of_very_many_or_text_cannot_be_compared(y):
    assert bond_of(X, y, classes=True) is None
