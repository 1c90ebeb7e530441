"""Losses of a script's own at the ends of the outputs' range, as plain Keras computes them there."""

import json

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json
import keras, numpy as np
from keras import layers, ops
from sweeper.capture import SourceLines
from sweeper.checks.worker._ends import chosen_rows, look_at_ends
from sweeper.checks.worker._arrays import summarise
from sweeper.checks.worker._nested import parts_of
from sweeper.checks.worker._heads import heads_of

rng = np.random.default_rng(0)
x = rng.normal(size=(60, 4)).astype("float32")
two = (rng.random((60, 1)) > 0.5).astype("float32")
three = np.eye(3, dtype="float32")[rng.integers(0, 3, 60)]
amounts = np.maximum(rng.normal(size=(60, 1)), 0).astype("float32")


def bce(t, p):
    return -ops.mean(t * ops.log(p) + (1 - t) * ops.log(1 - p), axis=-1)


def bounded(low):
    return lambda t, p: bce(t, ops.clip(p, low, 1 - low))


def focal(epsilon):
    def loss(t, p):
        p = p * (1 - 2 * epsilon) + epsilon
        return -ops.mean(t * (1 - p) ** 2 * ops.log(p) + (1 - t) * p**2 * ops.log(1 - p), axis=-1)
    return loss


def chosen(t, p):
    return ops.mean(ops.where(t > 0.5, -ops.log(p), -ops.log(1 - p)), axis=-1)


def of_logits(t, z):
    return bce(t, ops.sigmoid(z))


def safe_logits(t, z):
    return ops.mean(ops.maximum(z, 0.0) - z * t + ops.log1p(ops.exp(-ops.abs(z))), axis=-1)


def entropy(epsilon):
    return lambda t, p: -ops.sum(t * ops.log(p + epsilon), axis=-1)


def distance(epsilon):
    return lambda t, p: ops.sqrt(ops.mean((t - p) ** 2, axis=-1) + epsilon)


def dice(t, p):
    return 1 - 2 * ops.sum(t * p) / (ops.sum(t) + ops.sum(p))


def ratio(t, p):
    return ops.mean(ops.abs(t - p) / p, axis=-1)


class Own(keras.losses.Loss):
    def call(self, t, p):
        return bce(t, p)


class OwnStep(keras.Sequential):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(bce(y, y_pred))


def made(units, activation, loss, kind=keras.Sequential):
    model = kind([keras.Input((4,)), layers.Dense(units, activation=activation)])
    model.compile("sgd", loss)
    return model


def ends(model, y):
    labels = tuple(summarise(name, part) for name, part in parts_of("y", y))
    rows = np.tile(chosen_rows(parts_of("y", y)[0][1]), 3)
    at = y[rows] if isinstance(y, np.ndarray) else [part[rows] for part in y]
    found = look_at_ends(model, heads_of(model, labels, SourceLines()), x[rows], at)
    return [[one.head, one.end, np.isfinite(one.loss).item(), one.finite_gradient] for one in found]


given = keras.Input((4,))
outputs = [layers.Dense(1, activation="sigmoid", name=name)(given) for name in ("a", "b")]
pair = keras.Model(given, outputs)
pair.compile("sgd", [bounded(1e-7), bce])

answer = {
    "bce": ends(made(1, "sigmoid", bce), two),
    "class": ends(made(1, "sigmoid", Own()), two),
    "compute_loss": ends(made(1, "sigmoid", None, OwnStep), two),
    "clip 1e-8": ends(made(1, "sigmoid", bounded(1e-8)), two),
    "focal": ends(made(1, "sigmoid", focal(0.0)), two),
    "where": ends(made(1, "sigmoid", chosen), two),
    "logits": ends(made(1, None, of_logits), two),
    "softmax": ends(made(3, "softmax", entropy(0.0)), three),
    "sqrt": ends(made(1, "sigmoid", distance(0.0)), two),
    "ratio": ends(made(1, "softplus", ratio), amounts),
    "second of two": ends(pair, [two, two]),
    "clip 1e-7 is sound": ends(made(1, "sigmoid", bounded(1e-7)), two),
    "focal is sound": ends(made(1, "sigmoid", focal(1e-6)), two),
    "logits are sound": ends(made(1, None, safe_logits), two),
    "softmax is sound": ends(made(3, "softmax", entropy(1e-7)), three),
    "sqrt is sound": ends(made(1, "sigmoid", distance(1e-6)), two),
    "a relu gives no gradient below 0: sound": ends(made(1, "relu", distance(0.0)), amounts),
    "sqrt of a line is sound": ends(made(1, None, distance(1e-6)), amounts),
    "dice is sound": ends(made(1, "sigmoid", dice), two),
    "keras is sound": ends(made(1, "sigmoid", "binary_crossentropy"), two),
    "keras inside is sound": ends(made(1, "sigmoid", lambda t, p: keras.losses.binary_crossentropy(t, p)), two),
    "poisson of an exponential is sound": ends(made(1, "exponential", "poisson"), amounts),
    "broken everywhere": ends(made(1, "sigmoid", lambda t, p: bce(t, p) / 0.0), two),
}
print(json.dumps(answer))
"""


@pytest.fixture(scope="module", params=["warm", "warm_jax"], ids=["tensorflow", "jax"])
def seen(request, tmp_path_factory):
    launcher = request.getfixturevalue(request.param)
    return json.loads(launcher.output_of(SCRIPT, tmp_path_factory.mktemp("seen")).splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("bce", ["0", "1"]),
        ("class", ["0", "1"]),
        ("compute_loss", ["0", "1"]),
        ("clip 1e-8", ["1"]),
        ("focal", ["0", "1"]),
        ("where", ["0", "1"]),
        ("logits", ["60"]),
        ("softmax", ["0 or 1"]),
        ("sqrt", ["0", "1"]),
        ("ratio", ["0"]),
    ],
)
def test_a_loss_that_is_not_finite_at_an_end_is_seen_there(seen, name, where):
    assert [end for _, end, _, _ in seen[name]] == where


def test_a_finite_loss_whose_gradient_is_not_is_seen(seen):
    assert [found[2:] for found in seen["sqrt"]] == [[True, False], [True, False]]


def test_of_several_outputs_the_one_with_the_loss_is_named(seen):
    assert {found[0] for found in seen["second of two"]} == {"b"}


def test_losses_that_are_bounded_or_made_of_logits_are_sound(seen):
    assert {name: found for name, found in seen.items() if name.endswith("sound") and found} == {}


def test_a_loss_that_is_never_finite_is_not_told_by_its_ends(seen):
    assert seen["broken everywhere"] == []
