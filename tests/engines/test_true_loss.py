"""The loss of a step is what its gradient was taken of, whatever the step reports; compared with plain fit."""

import gc

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, bind_fit, take_job
from sweeper.engines import FitTraining, GraphEngine, NoLoss, ReferenceEngine
from sweeper.probes import Probe

pytestmark = pytest.mark.slow
X = np.random.default_rng(1).normal(size=(120, 6)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)
STEPS, RATE = 5, 0.05


class Stepping:
    """What a train step does, written as in a script; it puts its true loss into `self.truth` for plain fit."""

    def squares(self, data):
        import tensorflow as tf

        x, y = data
        return tf.square(self(x, training=True) - y)

    def update(self, tape, loss, weights=None):
        weights = self.trainable_variables if weights is None else weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    def accuracy_only(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
        self.update(tape, loss)
        self.truth.assign(loss)
        return {"accuracy": tf.constant(0.5)}

    def total_and_parts(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            fit, penalty = tf.reduce_mean(self.squares(data)), 0.3 * tf.reduce_sum(tf.abs(self.dense.kernel))
            loss = fit + penalty
        self.update(tape, loss)
        self.truth.assign(loss)
        return {"a_loss": fit, "total_loss": loss, "z_loss": penalty, "loss_scale": tf.constant(128.0)}

    def parts(self, data):
        return {key: value for key, value in self.total_and_parts(data).items() if key[0] in "az"}

    def running_mean(self, data):
        import tensorflow as tf

        self.accuracy_only(data)
        self.mean.assign(tf.where(self.mean == 0, self.truth, 0.9 * self.mean + 0.1 * self.truth))
        return {"loss": tf.identity(self.mean)}

    def metric_that_is_never_reset(self, data):
        self.accuracy_only(data)
        self.hidden[0].update_state(self.truth)
        return {"loss": self.hidden[0].result()}

    def number_of_python(self, data):
        self.accuracy_only(data)
        return {"loss": float(self.truth)}

    def list_of_losses(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            squares = self.squares(data)
            losses = [tf.reduce_mean(squares), 0.1 * tf.reduce_sum(self.dense.kernel**2)]
        self.update(tape, losses)
        self.truth.assign(losses[0] + losses[1])
        return {"mae": tf.reduce_mean(tf.sqrt(squares))}

    def each_sample(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = self.squares(data)
            each = losses / 20
        self.update(tape, each)
        self.truth.assign(tf.reduce_mean(losses))
        return {"loss": tf.reduce_mean(losses)}

    def persistent_tape(self, data):
        import tensorflow as tf

        with tf.GradientTape(persistent=True) as tape:
            loss = tf.reduce_mean(self.squares(data))
        for weights in ([self.dense.kernel], [self.dense.bias]):
            self.update(tape, loss, weights)
        self.truth.assign(loss)
        return {"accuracy": tf.constant(0.5)}

    def two_tapes(self, data):
        import tensorflow as tf

        with tf.GradientTape() as one, tf.GradientTape() as other:
            squares = self.squares(data)
            first, second = tf.reduce_mean(squares), tf.reduce_mean(tf.sqrt(squares + 1e-3))
        self.update(one, first, [self.dense.kernel])
        self.update(other, second, [self.dense.bias])
        self.truth.assign(first + second)
        return {"accuracy": tf.constant(0.5)}

    def two_tapes_and_a_loss(self, data):
        import tensorflow as tf

        with tf.GradientTape() as one, tf.GradientTape() as other:
            squares = self.squares(data)
            first, second = tf.reduce_mean(squares), tf.reduce_mean(tf.sqrt(squares + 1e-3))
        grads = [one.gradient(first, self.dense.kernel), other.gradient(second, self.dense.bias)]
        self.optimizer.apply_gradients(zip(grads, [self.dense.kernel, self.dense.bias], strict=True))
        self.truth.assign(second)
        return {"loss": second}

    def divided_for_accumulation(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
            divided = loss / 4
        grads = tape.gradient(divided, self.trainable_variables)
        self.optimizer.apply_gradients(zip([4 * grad for grad in grads], self.trainable_variables, strict=True))
        self.truth.assign(loss)
        return {"loss": loss}

    def inner_updates(self, data):
        import tensorflow as tf

        losses = []
        for _ in range(3):
            with tf.GradientTape() as tape:
                losses.append(tf.reduce_mean(self.squares(data)))
            self.update(tape, losses[-1])
        self.truth.assign(tf.add_n(losses) / 3)
        return {"accuracy": tf.constant(0.5)}

    def sharpness_aware(self, data):
        import tensorflow as tf

        weights = self.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
        ascent = [0.05 * grad / tf.norm(grad) for grad in tape.gradient(loss, weights)]
        for weight, change in zip(weights, ascent, strict=True):
            weight.assign_add(change)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
        grads = tape.gradient(loss, weights)
        for weight, change in zip(weights, ascent, strict=True):
            weight.assign_sub(change)
        self.optimizer.apply_gradients(zip(grads, weights, strict=True))
        self.truth.assign(loss)
        return {"accuracy": tf.constant(0.5)}

    def gradient_penalty(self, data):
        import tensorflow as tf

        x, _ = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
            with tf.GradientTape() as inner:
                inner.watch(x)
                outputs = self(x, training=True) ** 2
            loss += 0.1 * tf.reduce_mean(inner.gradient(outputs, x) ** 2)
        grads = [tf.clip_by_norm(grad, 1.0) for grad in tape.gradient(loss, self.trainable_variables)]
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
        self.truth.assign(loss)
        return {"norm": tf.norm(grads[0])}

    def in_a_function(self, data):
        import tensorflow as tf

        if self.function is None:
            self.function = tf.function(self.accuracy_only)
        return self.function(data)

    def scaled(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.squares(data))
            scaled = self.optimizer.scale_loss(loss)
        self.update(tape, scaled)
        self.truth.assign(loss)
        return {"loss_scale": tf.constant(2.0**15)}


@pytest.fixture(scope="module")
def made(keras):
    import tensorflow as tf

    class Model(Stepping, keras.Model):
        def __init__(self, how):
            super().__init__()
            self.dense = keras.layers.Dense(1, kernel_initializer=keras.initializers.RandomNormal(seed=4))
            self.truth, self.mean = (tf.Variable(0.0, trainable=False) for _ in range(2))
            object.__setattr__(self, "hidden", [keras.metrics.Mean()])
            self.function, self.how = None, how

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            return getattr(self, self.how)(data)

    return Model


@pytest.fixture
def plain_and_probed(keras, interception):
    def both(model, engines=("fit",), **compiling):
        """The true losses of plain fit, the prepared job and its curves."""
        model.compile(**({"optimizer": keras.optimizers.SGD(RATE)} | compiling))
        gc.collect()
        model(X[:1])
        model.optimizer.build(model.trainable_variables)
        start, original, truth = model.get_weights(), type(model).fit.__wrapped__, []

        class Told(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                truth.append(float(model.truth))

        fitting = {"batch_size": 20, "shuffle": False, "verbose": 0}
        own = model.run_eagerly, model.steps_per_execution
        model.run_eagerly, model.steps_per_execution = True, 1  # no trace: it takes longest
        original(model, X, Y, callbacks=[Told()], **fitting)
        (model.run_eagerly, model.steps_per_execution), model.train_function = own, None
        model.set_weights(start)
        model.mean.assign(0.0)
        model.function = None
        arguments = bind_fit(original, model, (X, Y), fitting)
        at = CallSite(file="train.py", line=1, last_line=1)
        call = Call(model=model, original=original, arguments=arguments, at=at, number=1)
        prepared = FitTraining(take_job(call, Bounds(nbytes=1 << 24, steps=40)), interception=interception)
        probe = Probe(optimizer="script", learning_rate=RATE, batch_size=20, seed=0, steps=STEPS)
        curves = []
        for name in engines:
            engine = ReferenceEngine(prepared) if name == "fit" else GraphEngine(prepared, xla=name == "xla")
            curves.append(engine.run(probe, progress=lambda _: None, validate=False).curve)
        return np.array(truth[:STEPS]), prepared.job, curves

    return both


def said(job):
    return [change.detail for change in job.changes if change.what == "loss"]


CASES = {
    "accuracy_only": "none|no loss by that name .'accuracy'.; the loss of a step is what its gradient is taken of",
    "total_and_parts": "which it returns as 'total_loss'",
    "parts": "which is the sum of 'a_loss', 'z_loss'",
    "running_mean": "and not the logs' 'loss'",
    "metric_that_is_never_reset": "",
    "list_of_losses": "what its gradient is taken of",
    "each_sample": "0.05 times it",
    "persistent_tape": "what its gradient is taken of",
    "two_tapes": r"test_true_loss.py:\d+",
    "two_tapes_and_a_loss": "gradients are taken of 2 losses; shown is the one that train_step returns as 'loss'",
    "divided_for_accumulation": "0.25 times it",
    "inner_updates": r"test_true_loss.py:\d+",
    "sharpness_aware": "what its gradient is taken of",
    "gradient_penalty": "what its gradient is taken of",
    "in_a_function": "what its gradient is taken of",
}


IN_A_LOOP = {"accuracy_only", "two_tapes", "divided_for_accumulation", "in_a_function"}
"""Those whose steps are also run by the graph engine, which traces them once more."""


@pytest.mark.parametrize("how", CASES)
def test_the_loss_is_what_the_gradient_was_taken_of(made, plain_and_probed, how):
    import re

    truth, job, curves = plain_and_probed(made(how), ("fit", "graph") if how in IN_A_LOOP else ("fit",))
    for curve in curves:
        np.testing.assert_allclose(curve.train_loss, truth, rtol=1e-5)
    (detail,) = said(job) or [""]
    assert re.search(CASES[how], detail) if CASES[how] else not detail, detail
    assert [finding.code for finding in job.findings] == (
        ["SW016" if how == "running_mean" else "SW019"] if detail else []
    )


@pytest.mark.parametrize(
    ("how", "engines", "compiling"),
    [
        ("number_of_python", ["fit"], {"run_eagerly": True}),
        ("inner_updates", ["fit"], {"run_eagerly": True}),
        ("in_a_function", ["fit"], {"run_eagerly": True}),
        ("accuracy_only", ["xla"], {"jit_compile": True}),
        ("accuracy_only", ["fit"], {"steps_per_execution": 3}),
    ],
)
def test_however_the_model_was_compiled(made, plain_and_probed, how, engines, compiling):
    truth, _, curves = plain_and_probed(made(how), engines, **compiling)
    for curve in curves:
        np.testing.assert_allclose(curve.train_loss, truth, rtol=1e-5)


@pytest.mark.parametrize("kind", ["dynamic", "factor"])
def test_a_loss_that_is_scaled_for_half_precision_is_shown_unscaled(keras, made, plain_and_probed, kind):
    plain = keras.optimizers.SGD(RATE, loss_scale_factor=256.0 if kind == "factor" else None)
    optimizer = keras.optimizers.LossScaleOptimizer(plain) if kind == "dynamic" else plain
    truth, _, curves = plain_and_probed(made("scaled"), optimizer=optimizer)
    for curve in curves:
        np.testing.assert_allclose(curve.train_loss, truth, rtol=1e-5)


def test_keras_own_step_whose_logs_leave_the_loss_out(keras, plain_and_probed):
    import tensorflow as tf

    class Silent(keras.Sequential):
        truth, mean = tf.Variable(0.0), tf.Variable(0.0)

        def compute_loss(self, *args, **kwargs):
            loss = super().compute_loss(*args, **kwargs)
            self.truth.assign(loss)
            return loss

        def compute_metrics(self, *args, **kwargs):
            return {"mae": super().compute_metrics(*args, **kwargs)["mae"]}

    layer = keras.layers.Dense(1, kernel_regularizer="l2")
    model = Silent([keras.Input((6,)), layer])
    truth, job, curves = plain_and_probed(model, loss="mse", metrics=["mae"])
    for curve in curves:
        np.testing.assert_allclose(curve.train_loss, truth, rtol=1e-5)
    assert "a library's train_step" in said(job)[0]


def test_a_training_without_any_loss_is_told_apart(made, plain_and_probed):
    import tensorflow as tf

    def by_hand(self, data):
        x, y = data
        error = self(x) - y
        grads = [2 * tf.matmul(x, error, transpose_a=True) / 20, 2 * tf.reduce_mean(error, 0)]
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
        return {"accuracy": tf.constant(0.5)}

    model = made("by_hand")
    object.__setattr__(model, "by_hand", by_hand.__get__(model))
    with pytest.raises(NoLoss, match="returns 'accuracy', none of it named after a loss"):
        plain_and_probed(model)
