"""Train steps that count in Python and apply gradients now and then: probes update where plain Keras does."""

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, UncontrollableOptimizer, bind_fit, take_job
from sweeper.engines import FitTraining, ReferenceEngine
from sweeper.probes import Probe

pytestmark = pytest.mark.slow
X = np.random.default_rng(3).normal(size=(96, 5)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)
ARGUMENTS = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0}
STEPS = 14


@pytest.fixture
def gathering(keras):
    """A model whose eager train step applies the mean of the gradients of so many steps."""
    import tensorflow as tf

    class Gathering(keras.Model):
        turn = 0
        kept = None
        """Set as an attribute of the model in the first step only."""

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.kept = gradients if self.kept is None else [a + b for a, b in zip(self.kept, gradients, strict=True)]
            self.turn += 1
            if self.turn == self.every:
                pairs = zip(self.kept, self.trainable_variables, strict=True)
                self.optimizer.apply_gradients([(gradient / self.every, weight) for gradient, weight in pairs])
                self.turn, self.kept = 0, None
            return {"loss": loss}

    def gathering(every):
        keras.utils.set_random_seed(7)
        inputs = keras.Input((5,))
        model = Gathering(inputs, keras.layers.Dense(1, kernel_constraint="non_neg")(inputs))
        model.every = every
        model.compile(keras.optimizers.SGD(0.05), run_eagerly=True)
        return model

    return gathering


def prepared(model, interception):
    original = type(model).fit.__wrapped__
    call = Call(
        model=model,
        original=original,
        arguments=bind_fit(original, model, (X, Y), ARGUMENTS),
        at=CallSite(file="train.py", line=1, last_line=1),
        number=1,
    )
    return FitTraining(take_job(call, Bounds(nbytes=1 << 20, steps=STEPS)), interception=interception)


@pytest.mark.parametrize("every", [3, 8])
def test_updates_come_where_they_come_in_plain_keras(keras, interception, gathering, every):
    plain = gathering(every)
    expected = []
    keeps = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: expected.append(logs["loss"]))
    type(plain).fit.__wrapped__(plain, X, Y, **ARGUMENTS, callbacks=[keeps])
    fit = prepared(gathering(every), interception)
    assert (fit.job.only, fit.job.findings, fit.has_norm) == ("", [], False)
    probe = Probe(optimizer="script", learning_rate=0.05, batch_size=16, seed=0, steps=STEPS)
    for _ in range(2):  # the second begins where the first began
        curve = ReferenceEngine(fit).run(probe, progress=lambda _: None, validate=False).curve
        np.testing.assert_allclose(curve.train_loss, expected[:STEPS], rtol=1e-5)


def test_a_train_step_that_never_updates_is_refused(interception, gathering):
    with pytest.raises(UncontrollableOptimizer, match="no Keras optimizer applied gradients"):
        prepared(gathering(1000), interception)
