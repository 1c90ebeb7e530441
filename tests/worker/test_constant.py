import math
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.capture import DenseColumn, Samples
from sweeper.worker._constant import constant_loss


def job(y, *, weights=None, added=()):
    parts = [np.zeros((len(y), 2)), np.asarray(y), *([] if weights is None else [np.asarray(weights)])]
    structure = ["tuple", *range(len(parts))]
    samples = Samples(structure=structure, columns=tuple(DenseColumn(part) for part in parts))
    return SimpleNamespace(train=samples, model=SimpleNamespace(losses=list(added)))


@pytest.mark.parametrize(
    ("loss", "y", "expected"),
    [
        ("sparse_categorical_crossentropy", [0, 1, 2, 3], math.log(4)),
        ("SparseCategoricalCrossentropy", [[0], [0], [1], [1]], math.log(2)),
        ("categorical_crossentropy", [[1.0, 0.0], [0.0, 1.0]], math.log(2)),
        ("binary_crossentropy", [0, 0, 0, 0], 0.0),
        ("BinaryCrossentropy", [[0.0, 1.0], [1.0, 1.0]], math.log(2) / 2),
        ("mse", [1.0, 3.0], 1.0),
        ("MeanSquaredError", [[1.0, 5.0], [3.0, 5.0]], 0.5),
        ("mean_absolute_error", [0.0, 0.0, 9.0], 3.0),
    ],
)
def test_the_best_constant_prediction_has_the_loss_that_theory_says(loss, y, expected):
    assert constant_loss(job(y), loss) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("made", "loss"),
    [
        (job([0, 1]), "my_own_loss"),
        (job([0, 1], weights=[1.0, 2.0]), "mse"),
        (job([0, 1], added=[0.1]), "mse"),
        (job([0.0, math.nan]), "mse"),
        (job([0, 7]), "binary_crossentropy"),
        (job([[0.2, 0.2]]), "categorical_crossentropy"),
    ],
)
def test_where_theory_does_not_say_it_is_unknown(made, loss):
    assert constant_loss(made, loss) is None
