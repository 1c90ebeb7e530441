"""The losses of Keras models with untouched weights say by what batch sizes compare."""

import numpy as np
import pytest

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.recommend._compare import comparison_of
from sweeper.recommendation import Measure
from sweeper.space import SCRIPT

pytestmark = pytest.mark.slow
SIZES = (8, 32, 128)
BATCHES = 40


def plain(keras):
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(3)])


def normalised(keras):
    return keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization(), keras.layers.Dense(3)])


def penalised(keras):
    regular = keras.regularizers.L2(3.0)
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, kernel_regularizer=regular)])


def mean_squared(reduction="sum_over_batch_size"):
    return lambda keras: keras.losses.MeanSquaredError(reduction=reduction)


def huber_summed(keras):
    return keras.losses.Huber(reduction="sum")


def sum_over_outputs(keras):
    return lambda y, predicted: keras.ops.sum(keras.ops.square(y - predicted), axis=-1)


def sum_over_all(keras):
    return lambda y, predicted: keras.ops.sum(keras.ops.square(y - predicted))


def in_batch_contrast(keras):
    """Each sample against all others of its batch, as in SimCLR: about the logarithm of the batch size."""

    def loss(y, predicted):
        logits = keras.ops.matmul(predicted, keras.ops.transpose(keras.ops.cast(y, predicted.dtype)))
        labels = keras.ops.arange(keras.ops.shape(logits)[0])
        return keras.losses.sparse_categorical_crossentropy(labels, 0.01 * logits, from_logits=True)

    return loss


@pytest.mark.parametrize(
    ("model", "loss", "measure"),
    [
        (plain, mean_squared(), Measure.LOSS),
        (plain, mean_squared("sum"), Measure.PER_SAMPLE),
        (plain, huber_summed, Measure.PER_SAMPLE),
        (plain, sum_over_outputs, Measure.LOSS),
        (plain, sum_over_all, Measure.PER_SAMPLE),
        (plain, in_batch_contrast, Measure.NOTHING),
        (normalised, mean_squared(), Measure.LOSS),
        (penalised, mean_squared(), Measure.LOSS),
        (penalised, mean_squared("sum"), Measure.NOTHING),
    ],
)
def test_what_a_loss_does_with_the_batch_size_is_measured(keras, model, loss, measure):
    keras.utils.set_random_seed(3)
    model = model(keras)
    model.compile("sgd", loss(keras))
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
