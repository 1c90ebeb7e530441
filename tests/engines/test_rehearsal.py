"""The script's own first steps against a probe's: what agrees, what differs, and what is named as the cause."""

import gc
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, bind_fit, has_further_metrics, instances, take_job
from sweeper.engines import FitTraining, rehearse

pytestmark = pytest.mark.slow
SAMPLES = 96
X = np.random.default_rng(3).normal(size=(SAMPLES, 5)).astype(np.float32)
Y = (X[:, :1] * X[:, 1:2]).astype(np.float32)


def perceptron(keras, kind=None):
    keras.utils.set_random_seed(7)
    inputs = keras.Input((5,))
    hidden = keras.layers.Dropout(0.2)(keras.layers.Dense(16, activation="relu")(inputs))
    model = (kind or keras.Model)(inputs, keras.layers.Dense(1)(hidden))
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=None if kind else ["mae"])
    return model


def rehearsed(model, interception, **arguments):
    """The job after its rehearsal."""
    prepared, call = captured(model, interception, **arguments)
    rehearse(prepared, call)
    return prepared.job


def captured(model, interception, **arguments):
    """The job that is ready for probes, with its fit call."""
    original = type(model).fit.__wrapped__
    data = arguments.pop("x", X), Y
    bound = bind_fit(original, model, data, {"batch_size": 16, "epochs": 4, **arguments})
    at = CallSite(file=__file__, line=1, last_line=1)
    call = Call(model=model, original=original, arguments=bound, at=at, number=1)
    job = take_job(call, Bounds(nbytes=1 << 20, steps=20))
    return FitTraining(job, interception=interception), call


def codes(job):
    return [finding.code for finding in job.findings]


def own_step(keras):
    """A model with a train step of its own, whose loss is averaged by a metric."""
    import tensorflow as tf

    class Stepped(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.weighed(tf.reduce_mean((self(x, training=True) - y) ** 2))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return self.told(loss)

        def weighed(self, loss):
            return loss

        def told(self, loss):
            return {"loss": loss}

    return Stepped


def test_an_ordinary_training_is_the_same(keras, interception):
    stops = keras.callbacks.EarlyStopping(monitor="loss")
    job = rehearsed(perceptron(keras), interception, callbacks=[stops])
    assert codes(job) == []
    assert "8 steps of the script's own fit with EarlyStopping" in job.rehearsal
    assert "same losses" in job.rehearsal


def test_a_train_step_of_its_own_is_the_same(keras, interception):
    job = rehearsed(perceptron(keras, own_step(keras)), interception)
    assert codes(job) == []
    assert "same losses" in job.rehearsal


def batch_losses(keras, callbacks):
    """The losses of an epoch of plain fit, batch by batch."""
    losses = []

    class Keeps(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, batch, logs=None):
            losses.append(logs["loss"])

    perceptron(keras).fit(X, Y, batch_size=16, epochs=1, callbacks=[*callbacks, Keeps()], verbose=0)
    return losses


def test_a_callback_that_acts_on_what_was_trained_is_named_with_both_losses(keras, interception):
    class Clips(keras.callbacks.Callback):
        """Finds nothing to clip before training has moved the weights."""

        def on_train_begin(self, logs=None):
            self.most = [np.abs(weight.numpy()).max() for weight in self.model.trainable_variables]

        def on_train_batch_end(self, batch, logs=None):
            for weight, most in zip(self.model.trainable_variables, self.most, strict=True):
                weight.assign(np.clip(weight.numpy(), -0.9 * most, 0.9 * most) if batch else weight)

    class Watches(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.seen = logs["mae"]

    own, plain = batch_losses(keras, [Clips()]), batch_losses(keras, [])
    job = rehearsed(perceptron(keras), interception, callbacks=[Watches(), Clips()])
    step = next(number for number, pair in enumerate(zip(own, plain, strict=True)) if not np.isclose(*pair, rtol=2e-3))
    losses = f"{own[step]:.4g} in the script's own fit and of {plain[step]:.4g} in a probe"
    told = [finding for finding in job.findings if finding.code in {"SW020", "SW021"}]
    assert len(told) == 1
    assert f"step {step + 1} has a loss of {losses}" in told[0].evidence
    assert "Clips" in told[0].title + told[0].evidence


def test_a_training_that_reads_its_metrics_is_named(keras, interception):
    import tensorflow as tf

    class Balanced(own_step(keras)):
        """Weighs its loss by how it went so far in the epoch."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.so_far = keras.metrics.Mean(name="so_far")

        def weighed(self, loss):
            self.so_far.update_state(loss)
            return loss * (1 + tf.cast(self.so_far.count, tf.float32))

    job = rehearsed(perceptron(keras, Balanced), interception)
    assert codes(job) == ["SW020"]
    assert "values of metrics" in job.findings[0].evidence


@pytest.mark.parametrize("where", ["compute_loss", "layer"])
def test_keras_own_step_that_computes_with_a_metric_is_named(keras, interception, where):
    """A probe would show a loss of 1 at every step, and no training."""

    class Scaled(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.size = keras.metrics.Mean(name="size")

        def call(self, inputs):
            self.size.update_state(keras.ops.mean(keras.ops.abs(inputs)))
            return inputs / (self.size.result() + 0.1)

    class Relative(keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.size = keras.metrics.Mean(name="size")

        def compute_loss(self, *args, **kwargs):
            loss = super().compute_loss(*args, **kwargs)
            self.size.update_state(loss)
            return loss / keras.ops.stop_gradient(self.size.result())

    if where == "compute_loss":
        model = perceptron(keras, Relative)
    else:
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((5,)), Scaled(), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.05), "mse")
    growing = X * np.linspace(0.1, 5, SAMPLES, dtype=np.float32)[:, None]
    job = rehearsed(model, interception, x=growing, shuffle=False)
    assert codes(job) == ["SW020"]
    assert "values of metrics" in job.findings[0].evidence


def test_metrics_that_compile_makes_or_is_given_are_no_further_ones(keras):
    gc.collect()
    before = len(instances(keras.metrics.Metric))
    inputs = keras.Input((5,))
    outputs = {"a": keras.layers.Dense(1, "sigmoid")(inputs), "b": keras.layers.Dense(1, "sigmoid")(inputs)}
    model = keras.Model(inputs, outputs)
    given = {"a": [keras.metrics.AUC(), "mae"], "b": ["accuracy"]}
    model.compile("sgd", "binary_crossentropy", metrics=given, weighted_metrics={"a": ["mse"], "b": []})
    y = (Y > 0).astype(np.float32)
    model.evaluate(X, {"a": y, "b": y}, verbose=0)
    assert len(instances(keras.metrics.Metric)) > before + 5
    assert not has_further_metrics()
    further = keras.metrics.Mean()
    assert has_further_metrics()
    del further


def test_weights_are_read_before_fit_may_put_averages_in_their_place(keras, interception):
    """JAX's fit does so even where an exception ends it."""
    prepared, call = captured(perceptron(keras), interception)
    fit = prepared.job.fit

    def averaging(model, *args, **kwargs):
        try:
            return fit(model, *args, **kwargs)
        finally:
            for weight in model.trainable_variables:
                weight.assign(weight * 0.5)

    prepared.job.fit = averaging
    rehearse(prepared, call)
    assert codes(prepared.job) == []
    assert "same losses" in prepared.job.rehearsal


def test_the_mean_of_an_own_tracker_is_no_difference(keras, interception):
    class Averaged(own_step(keras)):
        """Logs the mean of an epoch, by a metric that Keras does not know."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.kept = SimpleNamespace(mean=keras.metrics.Mean())

        @property
        def metrics(self):
            return []

        def told(self, loss):
            self.kept.mean.update_state(loss)
            return {"loss": self.kept.mean.result()}

    assert codes(rehearsed(perceptron(keras, Averaged), interception)) == []


def test_a_callback_that_raises_is_told_and_the_rest_compared(keras, interception):
    class Reads(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.seen = logs["f1"]

    job = rehearsed(perceptron(keras), interception, callbacks=[Reads()])
    assert codes(job) == ["SW027"]
    assert "KeyError" in job.findings[0].title
    assert "same losses" in job.rehearsal


def test_everything_that_callbacks_change_is_set_back(keras, interception):
    class Freezes(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.layers[1].trainable = False

    model = perceptron(keras)
    rehearsed(model, interception, callbacks=[Freezes()])
    assert model.layers[1].trainable


def test_epochs_shorter_than_a_rehearsal_end_as_in_the_script(keras, interception):
    seen = []

    class Ends(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, sorted(logs)))

    job = rehearsed(
        perceptron(keras), interception, callbacks=[Ends()], validation_data=(X, Y), initial_epoch=1, batch_size=32
    )
    assert codes(job) == []
    assert seen[-2:] == [(epoch, ["loss", "mae", "val_loss", "val_mae"]) for epoch in (1, 2)]


def test_a_rate_that_a_callback_sets_is_no_other_difference(keras, interception):
    halves = keras.callbacks.LearningRateScheduler(lambda epoch: 0.05 / 2**epoch)
    job = rehearsed(perceptron(keras), interception, callbacks=[halves], batch_size=48)
    assert codes(job) == [], [finding.evidence for finding in job.findings]


def test_a_callback_that_stops_the_training_is_no_difference(keras, interception):
    class Stops(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 3

    assert codes(rehearsed(perceptron(keras), interception, callbacks=[Stops()])) == []


def test_what_a_callback_writes_or_ends_does_not_stay(keras, interception, tmp_path):
    class Leaves(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            (tmp_path / "seen.txt").write_text("seen")
            if batch == 2:
                sys.exit(0)

    job = rehearsed(perceptron(keras), interception, callbacks=[Leaves()])
    assert "SW027" in codes(job)
    assert list(tmp_path.iterdir()) == []


def test_a_count_that_a_train_step_keeps_in_python_begins_where_the_script_begins(keras, interception):
    class Counting(own_step(keras)):
        turn = 0

        def weighed(self, loss):
            self.turn += 1
            return loss

    model = perceptron(keras, Counting)
    model.turn = 5
    prepared, _ = captured(model, interception)
    prepared.start_from(0)
    assert model.turn == 5


def test_a_function_of_the_script_gets_the_logs_of_fit(keras, interception):
    seen = []
    reads = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["mae"]))
    job = rehearsed(perceptron(keras), interception, callbacks=[reads])
    assert codes(job) == [], [finding.evidence for finding in job.findings]
    assert len(seen) >= 8
