"""The losses of Keras models with untouched weights say by what batch sizes compare."""

import numpy as np
import pytest

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.ranges import Measure
from sweeper.recommend._compare import comparison_of
from sweeper.space import SCRIPT

keras = pytest.importorskip("keras")

SIZES = (8, 32, 128)
BATCHES = 40


def plain():
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(3)])


def normalised():
    return keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization(), keras.layers.Dense(3)])


def penalised():
    regular = keras.regularizers.L2(3.0)
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, kernel_regularizer=regular)])


def sum_over_outputs(y, predicted):
    return keras.ops.sum(keras.ops.square(y - predicted), axis=-1)


def sum_over_all(y, predicted):
    return keras.ops.sum(keras.ops.square(y - predicted))


def in_batch_contrast(y, predicted):
    """Each sample against all others of its batch, as in SimCLR: about the logarithm of the batch size."""
    logits = keras.ops.matmul(predicted, keras.ops.transpose(keras.ops.cast(y, predicted.dtype)))
    labels = keras.ops.arange(keras.ops.shape(logits)[0])
    return keras.losses.sparse_categorical_crossentropy(labels, 0.01 * logits, from_logits=True)


@pytest.mark.parametrize(
    ("model", "loss", "measure"),
    [
        (plain, keras.losses.MeanSquaredError(), Measure.LOSS),
        (plain, keras.losses.MeanSquaredError(reduction="sum"), Measure.PER_SAMPLE),
        (plain, keras.losses.Huber(reduction="sum"), Measure.PER_SAMPLE),
        (plain, sum_over_outputs, Measure.LOSS),
        (plain, sum_over_all, Measure.PER_SAMPLE),
        (plain, in_batch_contrast, Measure.NOTHING),
        (normalised, keras.losses.MeanSquaredError(), Measure.LOSS),
        (penalised, keras.losses.MeanSquaredError(), Measure.LOSS),
        (penalised, keras.losses.MeanSquaredError(reduction="sum"), Measure.NOTHING),
    ],
)
def test_what_a_loss_does_with_the_batch_size_is_measured(model, loss, measure):
    keras.utils.set_random_seed(3)
    model = model()
    model.compile("sgd", loss)
    assert comparison_of([null(model, size) for size in SIZES], SIZES).measure is measure


def null(model, size):
    random = np.random.default_rng(size)
    losses = []
    for _ in range(BATCHES):
        x = random.normal(size=(size, 6)).astype("float32")
        y = random.normal(size=(size, 3)).astype("float32")
        losses.append(float(model.compute_loss(x, y, model(x, training=True))))
    probe = Probe(optimizer=SCRIPT, learning_rate=0.0, batch_size=size, seed=0, steps=BATCHES)
    return Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=Curve(train_loss=tuple(losses)))
