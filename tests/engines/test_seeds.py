"""Seeds other than 0 begin with weights that the initializers draw again; all that was loaded or trained stays."""

import gc

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, OtherWeights, adopted_job, bind_fit, take_job
from sweeper.capture import _initial_weights as module
from sweeper.curve import same_curve
from sweeper.engines import FitTraining, GraphEngine, ReferenceEngine
from sweeper.probes import NULL_RATE, Probe

pytestmark = pytest.mark.slow
X = np.random.default_rng(1).normal(size=(120, 4)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def call_of(model):
    model.compile(optimizer="sgd", loss="mse")
    original = type(model).fit.__wrapped__
    arguments = bind_fit(original, model, (X, Y), {"batch_size": 20, "validation_split": 0.2})
    at = CallSite(file="train.py", line=1, last_line=1)
    return Call(model=model, original=original, arguments=arguments, at=at, number=1)


@pytest.fixture
def prepare(keras, interception):
    def prepare(*layers, model=None):
        keras.backend.clear_session()
        gc.collect()
        model = model or keras.Sequential([keras.Input((4,)), *layers])
        return FitTraining(take_job(call_of(model), Bounds(nbytes=1 << 24, steps=40)), interception=interception)

    return prepare


def fresh_names(prepared):
    weights = prepared.job.model.weights
    return [weights[number].path for number in prepared.job.fresh_weights()]


def start(prepared, seed):
    prepared.start_from(seed)
    return prepared.job.model.get_weights()


def probe(seed, rate=0.02):
    return Probe(optimizer="script", learning_rate=rate, batch_size=20, seed=seed, steps=12)


def curve(engine, *arguments):
    return engine.run(probe(*arguments), progress=lambda _: None).curve


def test_weights_are_fresh_whatever_layer_or_initializer_makes_them(keras, prepare):
    class Own(keras.layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")
            self.mix = self.add_weight(name="mix", shape=(shape[-1], 8), initializer="lecun_uniform")

        def call(self, inputs):
            return (inputs * self.scale) @ self.mix

    layers = keras.layers
    prepared = prepare(
        Own(),
        layers.Reshape((4, 2)),
        layers.LSTM(4, return_sequences=True),
        layers.Bidirectional(layers.GRU(3)),
        layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=7)),
        layers.BatchNormalization(),
        layers.Dense(1, use_bias=False),
    )
    names = [path.split("/")[-1] for path in fresh_names(prepared)]
    assert names == ["mix", *("kernel", "recurrent_kernel") * 3, "kernel", "kernel"]
    own, other = start(prepared, 0), start(prepared, 1)
    for number, (one, two) in enumerate(zip(own, other, strict=True)):
        assert np.array_equal(one, two) == (number not in prepared.job.fresh_weights())
    normal = next(n for n, weight in enumerate(own) if weight.shape == (6, 3))
    assert 0.2 < np.std(other[normal]) < 0.9, "drawn from the same distribution"


def test_loaded_trained_and_unknown_weights_are_not_fresh(keras, prepare):
    made = keras.initializers.GlorotUniform(seed=2)
    layers = [
        keras.layers.Dense(8, name="loaded"),
        keras.layers.Dense(8, name="trained"),
        keras.layers.Dense(8, name="own_function", kernel_initializer=lambda shape, dtype: made(shape, dtype) * 2),
        keras.layers.Dense(
            8, name="generator", kernel_initializer=keras.initializers.HeNormal(seed=keras.random.SeedGenerator(1))
        ),
        keras.layers.Dense(1, name="fresh"),
    ]
    model = keras.Sequential([keras.Input((4,)), *layers])
    layers[0].kernel.assign(np.full((4, 8), 0.1))
    layers[1].kernel.assign_add(np.full((8, 8), 1e-6))
    prepared = prepare(model=model)
    (name,) = fresh_names(prepared)
    assert name.endswith("fresh/kernel")
    for one, two in zip(start(prepared, 0)[:-2], start(prepared, 1)[:-2], strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_model_that_is_built_in_its_first_step_has_fresh_weights_too(keras, prepare):
    prepared = prepare(model=keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)]))
    assert len(fresh_names(prepared)) == 2


def test_seeds_draw_the_same_whatever_was_drawn_before_and_whether_it_is_kept(keras, prepare, monkeypatch):
    prepared = prepare(keras.layers.Dense(8), keras.layers.Dense(8), keras.layers.Dense(1))
    first = start(prepared, 1)
    assert not any(np.array_equal(one, two) for one, two in zip(first[::2], start(prepared, 2)[::2], strict=True))
    monkeypatch.setattr(module, "DRAWN_BYTES", 0)
    again = OtherWeights(prepared.job.model.weights, prepared.job.fresh_weights())
    for _ in range(2):
        prepared.start_from(0)
        again.write(1)
        for one, two in zip(first, prepared.job.model.get_weights(), strict=True):
            np.testing.assert_array_equal(one, two)


def test_every_engine_trains_a_seed_from_the_same_weights_whatever_ran_before(keras, prepare):
    prepared = prepare(keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1))
    fit, graph = ReferenceEngine(prepared), GraphEngine(prepared, xla=False)
    expected = [curve(fit, seed) for seed in (1, 0, 1)]
    assert same_curve(expected[0], expected[2])
    assert expected[0].val_loss[0] != expected[1].val_loss[0], "each has its own validation loss before any update"
    prepared.first_vals.clear()
    for wanted, seed in zip(expected, (1, 0, 1), strict=True):
        found = curve(graph, seed)
        np.testing.assert_allclose(found.train_loss, wanted.train_loss, rtol=1e-5)
        np.testing.assert_allclose(found.val_loss, wanted.val_loss, rtol=1e-5)
    null = curve(graph, 1, NULL_RATE)
    assert null.train_loss[0] == pytest.approx(expected[0].train_loss[0], rel=1e-6), "its null probe has them too"


def test_an_adopted_job_takes_over_which_weights_are_fresh(keras, prepare, interception, tmp_path):
    def model():
        layers = [keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(8), keras.layers.Dense(1)]
        made = keras.Sequential([keras.Input((4,)), *layers])
        layers[1].kernel.assign(np.eye(8))
        return made

    captured = prepare(model=model())
    expected = [curve(ReferenceEngine(captured), seed) for seed in (0, 1)]
    captured.job.save(tmp_path)
    keras.backend.clear_session()

    job = adopted_job(call_of(model()), tmp_path)
    adopted = FitTraining(job, interception=interception)
    job.load_state(tmp_path)
    assert job.fresh == captured.job.fresh == [0, 4]
    for wanted, seed in zip(expected, (0, 1), strict=True):
        np.testing.assert_allclose(curve(ReferenceEngine(adopted), seed).train_loss, wanted.train_loss, rtol=1e-6)


def test_a_script_whose_weights_begin_otherwise_in_another_process_is_refused(keras, prepare, interception, tmp_path):
    prepare(keras.layers.Dense(1)).job.save(tmp_path)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    job = adopted_job(call_of(model), tmp_path)
    FitTraining(job, interception=interception)
    with pytest.raises(ValueError, match="weight 1 of the model was drawn at random before and is not now"):
        job.load_state(tmp_path)


def pair(keras, outside=(), **settings):
    """A model with a student, a teacher that begins as its copy in all but the last layer, and variables `outside`."""

    def net():
        return keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, **settings), keras.layers.Dense(3)])

    class Pair(keras.Model):
        def __init__(self):
            super().__init__()
            self.student, self.teacher, self.head = net(), net(), keras.layers.Dense(1)
            self.teacher.layers[0].set_weights(self.student.layers[0].get_weights())
            self.teacher.trainable = False
            # A list of the user's own is not tracked: its variables are no part of the model.
            object.__setattr__(self, "_outside", [make(self.student.layers[1].kernel) for make in outside])

        def call(self, x):
            return self.head(self.student(x)) + 0 * keras.ops.sum(self.teacher(x))

    return Pair()


def test_copies_of_a_weight_are_drawn_together_with_it(keras, prepare):
    import tensorflow as tf

    outside = [
        lambda kernel: keras.Variable(kernel, trainable=False),
        lambda kernel: tf.Variable(tf.cast(kernel.value, tf.float16), trainable=False),
        lambda kernel: tf.Variable(2 * kernel.value, trainable=False),
    ]
    model = pair(keras, outside)
    prepared = prepare(model=model)
    own_last, own_other = model.teacher.layers[1].kernel.numpy(), model._outside[2].numpy()
    seen = []
    for seed in (1, 0, 2, 1):
        prepared.start_from(seed)
        student, teacher = (net.layers[0].kernel.numpy() for net in (model.student, model.teacher))
        np.testing.assert_array_equal(student, teacher)
        kernel = model.student.layers[1].kernel.numpy()
        assert not np.array_equal(kernel, model.teacher.layers[1].kernel.numpy()), "drawn by itself"
        np.testing.assert_array_equal(kernel, model._outside[0].numpy())
        np.testing.assert_array_equal(kernel.astype(np.float16), model._outside[1].numpy())
        np.testing.assert_array_equal(own_other, model._outside[2].numpy())
        seen.append(student)
    assert not any(np.array_equal(seen[0], other) for other in seen[1:3])
    np.testing.assert_array_equal(seen[0], seen[3])
    prepared.start_from(0)
    np.testing.assert_array_equal(own_last, model.teacher.layers[1].kernel.numpy())


def test_weights_that_one_seeded_initializer_drew_alike_stay_alike(keras, prepare):
    model = pair(keras, kernel_initializer=keras.initializers.HeNormal(seed=3))
    prepared = prepare(model=model)
    for seed in (0, 1):
        prepared.start_from(seed)
        np.testing.assert_array_equal(model.student.layers[0].kernel, model.teacher.layers[0].kernel)


def test_an_adopted_job_keeps_copies_that_another_process_drew_otherwise(keras, prepare, interception, tmp_path):
    outside = [lambda kernel: keras.Variable(kernel, trainable=False)]
    first = pair(keras, outside)
    captured = prepare(model=first)
    captured.job.save(tmp_path)
    expected = {seed: start(captured, seed) for seed in (0, 1)}
    keras.backend.clear_session()

    model = pair(keras, outside)
    job = adopted_job(call_of(model), tmp_path)
    adopted = FitTraining(job, interception=interception)
    job.load_state(tmp_path)
    for seed, wanted in expected.items():
        for one, two in zip(start(adopted, seed), wanted, strict=True):
            np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(model._outside[0], model.student.layers[1].kernel)
