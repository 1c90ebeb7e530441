"""Whether small learners find anything of labels in inputs that labels in random order have not."""

import numpy as np
import pytest

from sweeper.checks.diagnose import BY_CHANCE
from sweeper.checks.worker._relation import relation_of

RNG = np.random.default_rng(4)
X = RNG.normal(size=(200, 6))
BITS = np.array([[number >> bit & 1 for bit in range(7)] for number in range(128)])
CORNERS = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (25, 1))
WAVE = RNG.uniform(-1, 1, size=(100, 1))


def follows(x, y, *, classes=True):
    return relation_of(x, y, classes=classes).by_chance <= BY_CHANCE


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, (X[:, 0] + X[:, 1] > 0).astype(int)),
        (X, (X[:, 0] * X[:, 1] > 0).astype(int)),
        (X, (X[:, 0] * X[:, 1] * X[:, 2] > 0)[:, None]),
        (X, np.abs(X[:, 2]) > 0.7),
        (X, np.eye(3)[np.digitize(X[:, 0], [-0.5, 0.5])]),
        (X, (np.square(X).sum(axis=1) > 5.3).astype(int)),
        (CORNERS, CORNERS.sum(axis=1) % 2),
        (BITS, BITS.sum(axis=1) % 2),
    ],
    ids=["linear", "sign of a product", "of three", "size", "one-hot", "ring", "corners of XOR", "parity of 7 bits"],
)
def test_classes_that_follow_from_inputs_are_seen(x, y):
    assert follows(x, y)


@pytest.mark.parametrize("waves", [1, 4])
def test_a_wave_is_seen(waves):
    y = np.sin(2 * np.pi * waves * WAVE) + RNG.normal(0, 0.1, WAVE.shape)
    assert follows(WAVE, y, classes=False)


def test_a_weak_relation_is_seen_in_many_rows():
    x = RNG.normal(size=(50_000, 5))
    assert follows(x, 0.05 * x[:, 2] + RNG.normal(size=50_000), classes=False)


@pytest.mark.parametrize(
    ("rows", "features", "classes", "draws"), [(100, 10, 2, 20), (100, 4, 0, 20), (1000, 20, 10, 2), (1000, 8, 0, 2)]
)
def test_random_labels_are_told_but_for_one_in_ten(rows, features, classes, draws):
    seen = 0
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        x = rng.random((rows, features))
        y = rng.integers(0, classes, rows) if classes else rng.random(rows)
        seen += follows(x, y, classes=bool(classes))
    assert seen <= draws / 10


def test_what_guessing_reaches_is_said():
    rng = np.random.default_rng(1)
    three = relation_of(rng.random((400, 4)), np.repeat([0, 1, 2, 2], 100), classes=True)
    assert (three.chance, three.others, three.classes) == (0.5, 200, 3)
    assert three.chance_loss == pytest.approx(-0.5 * np.log(0.25) - 0.5 * np.log(0.5))
    y = rng.random((400, 2))
    quantity = relation_of(rng.random((400, 4)), y, classes=False)
    assert quantity.chance == quantity.chance_loss == pytest.approx(y.var(axis=0).mean())


def test_a_feature_as_strong_as_is_said_to_be_visible_is_seen():
    y = RNG.normal(size=300)
    visible = relation_of(RNG.normal(size=(300, 6)), y, classes=False).visible
    hits = 0
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=(300, 6))
        x[:, 0] = np.sqrt(visible) * y + np.sqrt(1 - visible) * x[:, 0]
        hits += follows(x, y, classes=False)
    assert hits >= 15


@pytest.mark.parametrize("y", [np.zeros(200, int), np.arange(200), np.array(["a"] * 200), np.zeros((200, 9, 2))])
def test_labels_of_one_class_of_very_many_or_of_another_form_cannot_be_compared(y):
    assert relation_of(X, y, classes=True) is None


@pytest.mark.parametrize("shape", [(40, 5), (2_000, 501)])
def test_tables_of_few_rows_or_of_very_many_columns_are_not_compared(shape):
    assert relation_of(np.zeros(shape), np.arange(shape[0]) % 2, classes=True) is None


def test_sequences_and_images_are_not_judged():
    assert relation_of(RNG.normal(size=(200, 9, 4)), np.arange(200) % 2, classes=True) is None
