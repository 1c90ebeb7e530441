"""Callbacks that change what is trained: a probe at the script's own setting does what plain Keras does, or says so."""

import gc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallbackRaised, CallSite, adopted_job, bind_fit, take_job
from sweeper.engines import FitTraining, GraphEngine, ReferenceEngine
from sweeper.probes import Probe

X = np.random.default_rng(3).normal(size=(90, 5)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)
STEPS = 14
"""Five steps an epoch: nearly three of them."""


@pytest.fixture(scope="module")
def auto(keras):
    """A regression with a penalty whose weight is a variable."""

    class Auto(keras.Model):
        def __init__(self, *, made=True):
            super().__init__()
            self.dense = keras.layers.Dense(4, kernel_initializer=keras.initializers.GlorotUniform(seed=1))
            self.out = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=2))
            if made:
                self.beta = self.variable()

        @staticmethod
        def variable():
            import tensorflow as tf

            return tf.Variable(0.25, trainable=False)

        def call(self, x):
            code = self.dense(x)
            self.add_loss(self.beta * keras.ops.mean(code**2))
            return self.out(code)

    return Auto


@pytest.fixture(scope="module")
def arguments():
    return {"batch_size": 20, "epochs": 6, "shuffle": False, "verbose": 0}


@pytest.fixture(scope="module")
def prepare(keras, interception, arguments):
    def prepare(model, *callbacks, adopted_from=None, data=(X, Y), **further):
        if not model.compiled:
            model.compile(keras.optimizers.SGD(0.01), "mse")
        gc.collect()
        original = type(model).fit.__wrapped__
        given = arguments | {"callbacks": list(callbacks)} | further
        call = Call(
            model=model,
            original=original,
            arguments=bind_fit(original, model, data, given),
            at=CallSite(file="train.py", line=1, last_line=1),
            number=1,
        )
        if adopted_from is None:
            return FitTraining(take_job(call, Bounds(nbytes=1 << 24, steps=STEPS)), interception=interception)
        prepared = FitTraining(adopted_job(call, adopted_from), interception=interception)
        prepared.job.load_state(adopted_from)
        return prepared

    return prepare


@pytest.fixture(scope="module")
def plain_losses(keras, arguments):
    """The losses of plain Keras, batch by batch."""

    def plain_losses(model, *callbacks):
        losses = []

        class Recording(keras.callbacks.Callback):
            def on_train_batch_begin(self, batch, logs=None):
                self.model.reset_metrics()

            def on_train_batch_end(self, batch, logs=None):
                losses.append(logs["loss"])

        model.compile(keras.optimizers.SGD(0.01), "mse")
        type(model).fit.__wrapped__(model, X, Y, **arguments, callbacks=[*callbacks, Recording()])
        return losses[:STEPS]

    return plain_losses


def losses(engine, prepared):
    job = prepared.job
    probe = Probe(optimizer="script", learning_rate=job.rates[0], batch_size=job.batch_size, seed=0, steps=STEPS)
    return engine.run(probe, progress=lambda _: None, validate=False).curve.train_loss


def assert_same_losses(prepared, expected):
    for engine in (ReferenceEngine(prepared), GraphEngine(prepared, xla=False)):
        np.testing.assert_allclose(losses(engine, prepared), expected, rtol=1e-5, err_msg=type(engine).__name__)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["by epoch", "by step", "made by the callback"])
def test_a_variable_that_a_callback_drives_is_driven_in_probes(keras, auto, prepare, plain_losses, form):
    class ByEpoch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.beta.assign(0.5 * epoch)

    class ByStep(keras.callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch, logs=None):
            self.seen += 1
            self.model.beta.assign(min(2.0, 0.3 * self.seen))

    class Making(ByEpoch):
        def on_train_begin(self, logs=None):
            self.model.beta = self.model.variable()

    kind = {"by epoch": ByEpoch, "by step": ByStep}.get(form, Making)
    expected = plain_losses(auto(made=kind is not Making), kind())
    callback = kind()
    prepared = prepare(auto(made=kind is not Making), callback)
    assert_same_losses(prepared, expected)
    assert prepared.job.findings == []
    assert any("beta is set in probes" in change.detail for change in prepared.job.changes)
    assert getattr(callback, "seen", 0) == 0, "set back"


@pytest.mark.slow
def test_callbacks_are_called_as_rarely_as_with_several_steps_at_once(keras, auto, prepare, plain_losses):
    class Calls(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) + 0.001

        def on_train_batch_end(self, batch, logs=None):
            self.model.beta.assign_add(0.125)

    class Each(keras.callbacks.Callback):
        """The same in plain Keras step by step: what is called every second step, and after the last of five."""

        def on_train_batch_end(self, batch, logs=None):
            if batch in {1, 3, 4}:
                self.model.beta.assign_add(0.125)

    model = auto()
    model.compile(keras.optimizers.SGD(0.01), "mse", steps_per_execution=2)
    prepared = prepare(model, Calls())
    assert prepared.job.rates == [pytest.approx(0.028)]  # three calls in each of six epochs
    prepared.job.rates = [0.01]
    assert_same_losses(prepared, plain_losses(auto(), Each()))


@pytest.mark.slow
def test_another_worker_takes_over_what_callbacks_were_seen_to_do(keras, auto, prepare, tmp_path):
    class Driving(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.beta.assign(0.5 * epoch)
            self.model.optimizer.learning_rate = 0.01 + 0.01 * epoch

    class Counting(Driving):
        calls = 0

        def on_epoch_begin(self, epoch, logs=None):
            type(self).calls += 1
            super().on_epoch_begin(epoch, logs)

    captured = prepare(auto(), Driving())
    expected = losses(ReferenceEngine(captured), captured)
    captured.job.save(tmp_path)
    rates, changes = captured.job.rates, captured.job.scheduled[0].changes
    del captured
    gc.collect()

    adopted = prepare(auto(), Counting(), adopted_from=tmp_path)
    job = adopted.job
    assert Counting.calls == 1, "what fit calls before its first step, and nothing later"
    assert job.rates == rates == [pytest.approx(0.06)]
    assert [(epoch, batch, float(value)) for epoch, batch, value in job.scheduled[0].changes] == [
        (epoch, batch, float(value)) for epoch, batch, value in changes
    ]
    np.testing.assert_allclose(losses(ReferenceEngine(adopted), adopted), expected, rtol=1e-6)


@pytest.mark.slow
def test_what_a_callback_does_before_the_first_step_is_where_probes_start(keras, auto, prepare, plain_losses):
    class Pretrained(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate = 0.02

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 0:
                self.model.beta.assign(1.5)

    expected = plain_losses(auto(), Pretrained())
    prepared = prepare(auto(), Pretrained())
    assert prepared.job.rates == [0.02]
    assert_same_losses(prepared, expected)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_resumed_training_goes_on_from_its_weights_and_epoch(keras, prepare, tmp_path):
    backup = str(tmp_path / "backup")

    def model():
        made = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        made.compile(keras.optimizers.Adam(0.01), "mse")
        return made

    trained = model()
    kept = keras.callbacks.BackupAndRestore(backup, delete_checkpoint=False)
    type(trained).fit.__wrapped__(trained, X, Y, batch_size=20, epochs=3, shuffle=False, verbose=0, callbacks=[kept])
    before = sorted((path.name, path.read_bytes()) for path in Path(backup).iterdir())
    job = prepare(model(), keras.callbacks.BackupAndRestore(backup)).job
    assert (job.course.first, job.total_steps) == (3, 15)
    np.testing.assert_allclose(job.state.value(job.model.weights[0]), trained.weights[0].numpy())
    np.testing.assert_allclose(job.state.value(job.optimizers[0].iterations), 15)
    assert before == sorted((path.name, path.read_bytes()) for path in Path(backup).iterdir())
    assert not job.model._initial_epoch


@pytest.fixture(scope="module")
def one_cycle(keras):
    class OneCycle(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.step, self.total = 0, self.params["epochs"] * self.params["steps"]

        def on_train_batch_begin(self, batch, logs=None):
            part = self.step / self.total
            self.model.optimizer.learning_rate = 0.5 * min(part / 0.5, (1 - part) / 0.5)
            self.step += 1

    return OneCycle


@pytest.mark.slow
def test_the_peak_of_rate_callbacks_is_the_rate_of_the_script(keras, auto, prepare, one_cycle):
    def scheduler():
        return keras.callbacks.LearningRateScheduler(lambda epoch, rate: min(0.4, rate * 2 if epoch else rate))

    assert prepare(auto(), one_cycle()).job.rates == [0.5]
    job = prepare(auto(), scheduler()).job
    assert (job.rates, job.schedule, job.rate_unknown) == ([0.32], "LearningRateScheduler", "")
    job = prepare(auto(), scheduler(), initial_epoch=3).job
    assert job.rates == [0.08], "only the epochs that are still to come"
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.5)
    job = prepare(auto(), plateau).job
    assert (job.rates, job.rate_unknown) == ([0.01], "")


@pytest.mark.slow
def test_a_schedule_that_a_callback_puts_into_the_optimizer_is_that_of_the_script(keras, auto, prepare):
    class Schedule(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate = keras.optimizers.schedules.ExponentialDecay(0.02, 100, 0.5)

    model, callback = auto(), Schedule()
    model.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.5)), "mse")
    prepared = prepare(model, callback)
    assert prepared.job.rates == [pytest.approx(0.02)]
    before = losses(ReferenceEngine(prepared), prepared)
    callback.set_model(prepared.job.model)
    callback.on_train_begin()  # as the rehearsal calls it
    assert losses(ReferenceEngine(prepared), prepared) == before


@pytest.mark.slow
def test_a_rate_that_depends_on_losses_is_unknown_and_a_search_is_named(keras, auto, prepare):
    class Bold(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            rate = float(self.model.optimizer.learning_rate)
            self.model.optimizer.learning_rate = rate * (1.5 if logs["loss"] < 1 else 1.0)

    class Finder(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate = 1e-6

        def on_train_batch_end(self, batch, logs=None):
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) * 2
            if float(self.model.optimizer.learning_rate) > 10:
                self.model.stop_training = True

    assert "Bold" in prepare(auto(), Bold(), epochs=30).job.rate_unknown
    job = prepare(auto(), Finder()).job
    assert [finding.code for finding in job.findings] == ["SW023"]
    assert "Finder" in job.rate_unknown


@pytest.mark.slow
def test_weights_that_a_callback_changes_later_are_named_and_set_back(keras, auto, prepare):
    class Shrink(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                for weight in self.model.trainable_weights:
                    weight.assign(weight * 0.5)

    class Best(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if logs["loss"] >= getattr(self, "best", 1e9):
                self.model.set_weights(self.weights)
            self.best, self.weights = logs["loss"], self.model.get_weights()

    for callback, step in ((Shrink(), 11), (Best(), 11)):
        prepared = prepare(auto(), callback)
        (finding,) = prepared.job.findings
        assert finding.code == "SW021"
        assert type(callback).__name__ in finding.title
        assert f"before step {step} " in finding.evidence
        assert not hasattr(callback, "best")
        prepared.start_from(0)
        plain = auto()
        plain(X[:1])
        for weight, expected in zip(prepared.job.model.weights, plain.weights, strict=True):
            np.testing.assert_array_equal(weight.numpy(), expected.numpy())


@pytest.mark.slow
def test_a_variable_that_a_callback_makes_is_none_of_those_that_training_begins_with(keras, auto, prepare):
    made = SimpleNamespace(count=None)

    class Counts(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            made.count = made.count if made.count is not None else keras.Variable(0.0)
            made.count.assign_add(1.0)

    job = prepare(auto(), Counts()).job
    assert made.count is not None
    assert (job.findings, job.scheduled) == ([], [])


class ByEpoch:
    """Batches whose spread is an entry of a dict, one of an array, and an attribute of a class."""

    spread = 1.0

    def __init__(self):
        self.settings = {"spread": 1.0, "other": 1.0}
        self.table = np.ones(2)

    def batches(self):
        while True:
            yield X[:20] * self.settings["spread"] * self.table[0] * self.spread, Y[:20]


@pytest.mark.slow
def test_what_callbacks_change_of_the_data_is_named_and_nothing_else(keras, auto, prepare):
    source = ByEpoch()

    class Harder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            source.settings["spread"] = epoch + 2.0
            source.table[0] *= 2

    class Wider(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            ByEpoch.spread = epoch + 2.0

    class Counts(keras.callbacks.Callback):
        seen, where = 0, {}

        def on_epoch_end(self, epoch, logs=None):
            self.seen += 1
            self.where[epoch] = logs["loss"]

    for callback, told in ((Harder(), ["settings['spread'] from 1.0 to 7.0", "ByEpoch.table"]), (Wider(), ["spread"])):
        ByEpoch.spread = 1.0
        job = prepare(auto(), callback, Counts(), data=(source.batches(),), steps_per_epoch=5).job
        (finding,) = job.findings
        assert finding.code == "SW021"
        assert f"the callback {type(callback).__name__} changes values" in finding.title
        assert all(words in finding.evidence for words in told)
        assert "other" not in finding.evidence
        assert (source.settings["spread"], source.table[0]) == (1.0, 1.0)
    ByEpoch.spread = 1.0
    assert not prepare(auto(), Counts(), data=(source.batches(),), steps_per_epoch=5).job.findings


@pytest.mark.slow
def test_a_variable_that_a_pipeline_reads_is_no_variable_that_probes_set(keras, tf, auto, prepare):
    spread = tf.Variable(1.0, trainable=False)
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(20).map(lambda x, y: (x * spread, y)).prefetch(1)

    class Harder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            spread.assign(epoch + 2.0)

    job = prepare(auto(), Harder(), data=(data,), batch_size=None).job
    (finding,) = job.findings
    assert "from 1.0 to 7.0" in finding.evidence
    assert not job.scheduled


@pytest.mark.slow
def test_a_layer_has_the_rate_of_the_first_step_in_every_probe(keras, prepare):
    class MoreDropout(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].rate = 0.1 + 0.1 * epoch

    for eager in (False, True):
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dropout(0.2, seed=1), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.01), "mse", run_eagerly=eager)
        prepared = prepare(model, MoreDropout())
        assert model.layers[0].rate == 0.1
        told = [change.detail for change in prepared.job.changes if "Dropout.rate from 0.1 to 0.6" in change.detail]
        assert bool(told) is eager
        model.layers[0].rate = 0.3  # as a rehearsal leaves it
        prepared.start_from(0)
        assert model.layers[0].rate == 0.1


@pytest.mark.slow
def test_the_callback_that_unfreezes_a_layer_is_named_and_no_other(keras, prepare):
    class Thaw(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = True

    class Later(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.last = epoch

    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4, trainable=False), keras.layers.Dense(1)])
    (finding,) = prepare(model, Thaw(), Later()).job.findings
    assert "the callback Thaw.on_epoch_end changes which weights are trained" in finding.title
    assert "in epoch 1 " in finding.evidence
    assert not model.layers[0].trainable


@pytest.mark.slow
def test_an_error_before_the_first_step_is_the_scripts_own(keras, auto, prepare):
    class Broken(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise KeyError("schedule")

    with pytest.raises(CallbackRaised, match="Broken.on_epoch_begin raised KeyError"):
        prepare(auto(), Broken())


@pytest.mark.slow
def test_an_error_without_training_is_a_note_and_hides_the_rate_only_where_the_code_may_set_it(keras, auto, prepare):
    class Plot(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("no history yet")

    class Decay(Plot):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch > 3:
                self.model.optimizer.learning_rate = 0.5

    job = prepare(auto(), Plot()).job
    assert ([finding.code for finding in job.findings], job.rate_unknown) == (["SW024"], "")
    assert "Plot.on_epoch_end could not be run without training, in epoch 1: RuntimeError" in job.findings[0].title
    assert "Decay" in prepare(auto(), Decay()).job.rate_unknown


@pytest.mark.slow
def test_a_callback_that_writes_and_ends_the_process_does_neither(keras, auto, prepare, tmp_path, monkeypatch):
    import os

    monkeypatch.chdir(tmp_path)

    class Leaving(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.save_weights("last.weights.h5")
            Path("log.txt").write_text(str(logs))
            if epoch == 2:
                os._exit(0)

    job = prepare(auto(), Leaving(), keras.callbacks.CSVLogger("log.csv")).job
    assert job.findings == []
    assert not list(tmp_path.iterdir())


@pytest.fixture
def eager_functions(tf):
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.slow
def test_what_a_callback_sets_for_eager_steps_is_named(keras, auto, prepare, eager_functions):
    """The steps run eagerly by TensorFlow's setting, of which the model says nothing."""

    class Sets(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.momentum = 0.9 if epoch == 0 else 0.3
            self.model.strength = 2.0 * epoch

    model = auto()
    model.strength = 0.0
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "mse")
    told = [change.detail for change in prepare(model, Sets()).job.changes if change.what == "callbacks"]
    assert any("SGD.momentum from 0.9 to 0.3" in detail for detail in told)
    assert any("Auto.strength from 0.0 to 10.0" in detail for detail in told)


@pytest.mark.slow
def test_a_callback_that_has_the_step_traced_anew_is_named(keras, auto, prepare):
    class Anew(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.make_train_function(force=True)

    (finding,) = prepare(auto(), Anew()).job.findings
    assert "Anew.on_epoch_begin" in finding.title
    assert "traced anew" in finding.title
    assert "in epoch 3 for the first time" in finding.evidence


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 6])
def test_what_the_validations_of_a_script_change_for_later_epochs_is_said(keras, prepare, every):
    class Fading(keras.layers.Layer):
        def build(self, shape):
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs):
            self.calls.assign_add(1.0)
            return inputs * (1 + keras.ops.exp(-self.calls / 10))

    model = keras.Sequential([keras.Input((5,)), Fading(), keras.layers.Dropout(0.1), keras.layers.Dense(1)])
    fit = prepare(model, validation_data=(X, Y), validation_freq=every)
    told = [change.detail for change in fit.job.changes if change.what == "validation"]
    assert len(told) == (1 if every == 1 else 0)
    assert all(detail.startswith("each validation of the script changes calls for") for detail in told)
    fit.start_from(0)
    assert float(model.layers[0].calls) == 0
