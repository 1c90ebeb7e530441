"""What is noted of calls that take gradients, with TensorFlow's own tape and JAX's own functions."""

import importlib.util
import sys

import numpy as np
import pytest

from sweeper.capture import Gradients

pytestmark = pytest.mark.slow


@pytest.fixture
def noted(monkeypatch):
    """Everything that was noted, of a fresh watch on TensorFlow and, where it is there, on JAX."""
    from tensorflow.python.eager import backprop

    gradients, found = Gradients(), []
    monkeypatch.setattr(backprop.GradientTape, "gradient", backprop.GradientTape.gradient)
    gradients.watch_tape(backprop)
    if importlib.util.find_spec("jax"):
        import jax

        for owner in (jax, sys.modules["jax._src.api"]):
            monkeypatch.setattr(owner, "value_and_grad", owner.value_and_grad)
        gradients.watch_jax(jax)
    gradients.on_call = found.append
    return gradients, found


def test_a_tape_tells_target_gradients_and_line(noted):
    import tensorflow as tf

    _, found = noted
    weight, x = tf.Variable(3.0), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        loss = weight**2 * x
    tape.gradient([loss], {"weight": weight})
    tape.gradient(loss, x)
    by_weight, by_input = found
    assert by_weight.targets[0] is loss
    assert float(by_weight.gradients[0]) == 12.0
    assert (by_weight.trains, by_input.trains) == (True, False)
    assert by_weight.place.rpartition(":")[0].endswith("test_gradients.py")
    assert by_weight.key != by_input.key


def test_the_same_line_for_the_same_weights_has_one_key(noted):
    import tensorflow as tf

    _, found = noted
    weights = [tf.Variable(1.0), tf.Variable(2.0)]
    for weight in (weights[0], weights[0], weights[1]):
        with tf.GradientTape() as tape:
            loss = weight**2
        tape.gradient(loss, weight)
    assert found[0].key == found[1].key != found[2].key


def test_jacobians_and_vectorised_functions_are_left_alone(noted):
    import tensorflow as tf

    _, found = noted
    weight = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        squares = weight**2
    assert tape.jacobian(squares, weight).shape == (2, 2)

    def of_one(x):
        with tf.GradientTape() as inner:
            loss = tf.reduce_sum(weight * x)
        return inner.gradient(loss, weight)

    assert tf.vectorized_map(of_one, tf.ones((5, 2))).shape == (5, 2)
    assert found == []


def test_what_is_computed_again_for_a_gradient_is_a_part_of_it(noted):
    import tensorflow as tf

    _, found = noted
    weight = tf.Variable(3.0)
    again = tf.recompute_grad(lambda x: weight * x)
    with tf.GradientTape() as tape:
        loss = again(tf.constant(2.0)) ** 2
    assert float(tape.gradient(loss, weight)) == 24.0
    (taken,) = found
    assert taken.targets[0] is loss


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
@pytest.mark.parametrize("form", ["value_and_grad", "aux", "grad", "jit"])
def test_jax_tells_the_value_before_it_was_scaled(noted, form):
    import jax

    gradients, found = noted

    class Optimizer:
        def scale_loss(self, loss):
            return loss * 512.0

    gradients.watch_scaling(Optimizer)

    def scaled(weight):
        loss = Optimizer().scale_loss(weight**2)
        return (loss, "aux") if form == "aux" else loss

    weight = np.float32(3.0)
    if form == "aux":
        (value, aux), gradient = jax.value_and_grad(scaled, has_aux=True)(weight)
        assert aux == "aux"
    elif form == "grad":
        value, gradient = 9 * 512.0, jax.grad(scaled)(weight)
    else:
        function = jax.value_and_grad(scaled)
        value, gradient = (jax.jit(function) if form == "jit" else function)(weight)
    assert (float(value), float(gradient)) == (9 * 512.0, 6 * 512.0)
    (taken,) = found
    if form != "jit":
        assert float(taken.targets[0]) == 9.0
        assert float(taken.gradients[0]) == 6 * 512.0


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
def test_jax_functions_are_as_before_where_nobody_listens(noted):
    import jax

    gradients, found = noted
    gradients.on_call = None
    value, gradient = jax.value_and_grad(lambda x, y: x * y, argnums=1)(2.0, 5.0)
    assert (float(value), float(gradient)) == (10.0, 2.0)
    assert found == []
