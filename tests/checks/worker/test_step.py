"""What a first batch shows of an untrained model."""

import json

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json
import keras, numpy as np
from keras import layers
from sweeper.capture import SourceLines
from sweeper.checks.worker._step import look_at_batch

x = np.linspace(-1, 1, 64, dtype="float32").reshape(16, 4)
y = (x.sum(axis=1) > 0).astype("float32")[:, None]


def made(*between):
    model = keras.Sequential([keras.Input((4,))])
    last = layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
    for layer in (layers.Dense(6, kernel_initializer="ones"), *between, last):
        model.add(layer)
    model.compile("adam", "binary_crossentropy")
    return model


def look(model):
    found = look_at_batch(model, (x, y), SourceLines())
    return [[layer.activation, layer.gradient_norm, layer.dead, layer.saturated] for layer in found.layers]


behind = [layers.BatchNormalization(), layers.Activation("relu")]
dead = made(layers.ReLU())
dead.layers[0].bias.assign([-100.0] * 3 + [0.0] * 3)
flat = made(layers.Activation("tanh"))
flat.layers[0].bias.assign([100.0] * 6)
before = [np.array(weight) for weight in dead.weights]
answer = {"behind": look(made(*behind)), "dead": look(dead), "flat": look(flat)}
answer["kept"] = all((np.array(weight) == old).all() for weight, old in zip(dead.weights, before))
keras.config.set_dtype_policy("mixed_float16")
answer["half"] = look_at_batch(made(layers.ReLU()), (x, y), SourceLines())
print(json.dumps(answer))
"""


@pytest.fixture(scope="module", params=["warm", "warm_jax"], ids=["tensorflow", "jax"])
def seen(request, tmp_path_factory):
    launcher = request.getfixturevalue(request.param)
    return json.loads(launcher.output_of(SCRIPT, tmp_path_factory.mktemp("seen")).splitlines()[-1])


def test_an_activation_is_that_of_the_layer_behind(seen):
    assert [layer[0] for layer in seen["behind"]] == ["relu", "sigmoid"]
    assert seen["behind"][0][2] is not None


def test_units_that_are_0_for_the_whole_batch_are_dead(seen):
    assert seen["dead"][0][2] == 0.5
    assert seen["dead"][0][3] is None


def test_outputs_at_the_ends_of_their_range_are_saturated(seen):
    assert seen["flat"][0][3] == 1.0
    assert seen["flat"][0][1] == pytest.approx(0.0, abs=1e-6)
    assert seen["flat"][1][1] > 0.1


def test_no_variable_is_changed(seen):
    assert seen["kept"]


def test_gradients_in_half_precision_are_not_looked_at(seen):
    assert seen["half"] is None
