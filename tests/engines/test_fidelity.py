"""The reference engine trains as the script's own fit does: the same losses and the same weights, step by step.

Everything runs in this one process, with TensorFlow; the batches that plain fit gets are put together here.
"""

import contextlib
import gc
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, bind_fit, take_job
from sweeper.capture.data._samples import load_samples
from sweeper.engines import FitTraining, GraphEngine, ReferenceEngine
from sweeper.probes import Probe
from sweeper.space import OptimizerChoice

pytestmark = pytest.mark.slow
SAMPLES, BATCH, STEPS, CLASSES = 85, 16, 14, 3  # the last batch of each epoch is smaller
EPOCHS = 3
GENERATOR = np.random.default_rng(5)
LABELS = GENERATOR.integers(0, CLASSES, SAMPLES)
VALUES = GENERATOR.normal(size=(SAMPLES, 1)).astype(np.float32)


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=(SAMPLES, *shape)).astype(np.float32)


def compiled(keras, inputs, outputs, optimizer):
    loss = "mse" if outputs.shape[-1] == 1 else "sparse_categorical_crossentropy"
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=optimizer, loss=loss, metrics=["mae"] if loss == "mse" else ["accuracy"])
    return model


def perceptron(keras):
    layers = keras.layers
    inputs = keras.Input((5,))
    x = layers.Dropout(0.3)(layers.Dense(16, activation="relu")(inputs))
    x = layers.GaussianNoise(0.2)(layers.Dropout(0.5, seed=3)(x))
    return compiled(keras, inputs, layers.Dense(1)(x), keras.optimizers.Adam(0.01))


def convolution(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 1))
    x = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(4, 3)(inputs)))
    x = layers.Dense(CLASSES, activation="softmax")(layers.GlobalAveragePooling2D()(x))
    return compiled(keras, inputs, x, keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True))


def recurrent(keras, dropout=0.0):
    inputs = keras.Input((6, 3))
    x = keras.layers.LSTM(8, dropout=dropout)(inputs)
    return compiled(keras, inputs, keras.layers.Dense(1)(x), keras.optimizers.RMSprop(0.01))


def embedding(keras):
    inputs = keras.Input((7,), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 8, mask_zero=True)(inputs))
    return compiled(keras, inputs, keras.layers.Dense(1)(x), keras.optimizers.Adam(0.05, clipnorm=0.5))


def attention(keras):
    layers = keras.layers
    inputs = keras.Input((6, 8))
    x = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(2, 4, dropout=0.1)(inputs, inputs))
    x = layers.Dense(CLASSES, activation="softmax")(layers.GlobalAveragePooling1D()(x))
    # With Adam the bias of the keys, whose gradient is nothing but rounding, would differ from run to run.
    return compiled(keras, inputs, x, keras.optimizers.SGD(0.1, momentum=0.9))


def own_step(keras):
    import tensorflow as tf

    class Denoiser(keras.Model):
        def __init__(self):
            super().__init__()
            self.body = keras.Sequential([keras.layers.Dense(12, activation="tanh"), keras.layers.Dense(5)])
            self.noise = keras.random.SeedGenerator(11)
            self.tracker = keras.metrics.Mean(name="loss")

        @property
        def metrics(self):
            return [self.tracker]

        def call(self, x):
            return self.body(x)

        def train_step(self, data):
            x, _ = data
            noisy = x + keras.random.normal(tf.shape(x), stddev=0.3, seed=self.noise)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(noisy, training=True) - x) ** 2)
            weights = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            self.tracker.update_state(loss)
            return {"loss": self.tracker.result()}

        def test_step(self, data):
            x, _ = data
            self.tracker.update_state(tf.reduce_mean((self(x, training=False) - x) ** 2))
            return {"loss": self.tracker.result()}

    model = Denoiser()
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    return model


def two_inputs(keras):
    layers = keras.layers
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6, 3), name="deep")
    x = layers.Concatenate()([wide, layers.Flatten()(deep)])
    x = layers.Dense(8, activation="relu", kernel_regularizer="l2")(x)
    return compiled(keras, {"wide": wide, "deep": deep}, layers.Dense(1)(x), keras.optimizers.Adagrad(0.1))


def classifier(keras):
    inputs = keras.Input((5,))
    x = keras.layers.Dense(8, activation="relu")(inputs)
    x = keras.layers.Dense(CLASSES, activation="softmax")(x)
    return compiled(keras, inputs, x, keras.optimizers.AdamW(0.02, weight_decay=0.01))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    make: Callable[[Any], Any]
    x: Any
    y: Any
    options: dict[str, Any] = field(default_factory=dict)
    """Further arguments of fit: weights, by sample or by class."""


CASES = {
    "dropout and noise": Case(make=perceptron, x=normal(5), y=VALUES),
    "batch normalisation": Case(make=convolution, x=normal(8, 8, 1), y=LABELS),
    "LSTM": Case(make=recurrent, x=normal(6, 3), y=VALUES),
    "embedding": Case(make=embedding, x=GENERATOR.integers(0, 20, (SAMPLES, 7)), y=VALUES),
    "attention": Case(make=attention, x=normal(6, 8), y=LABELS),
    "own train_step": Case(make=own_step, x=normal(5), y=VALUES),
    "two inputs": Case(make=two_inputs, x={"wide": normal(5), "deep": normal(6, 3)}, y=VALUES),
    "sample weights": Case(
        make=classifier, x=normal(5), y=LABELS, options={"sample_weight": np.abs(normal(1)[:, 0]) * 3}
    ),
    "class weights": Case(make=classifier, x=normal(5), y=LABELS, options={"class_weight": {0: 0.2, 1: 4.0, 2: 1.0}}),
}

FURTHER = {
    # Keras draws its masks in a validation too; what it drew there is taken back.
    "dropout inside a recurrent layer": Case(make=partial(recurrent, dropout=0.2), x=normal(6, 3), y=VALUES),
}
"""Cases that the engine for JAX need not repeat."""


class Enough(Exception):
    """Plain fit has trained for as many steps as a probe."""


def plain_fit(keras, model, *data, **arguments):
    """The loss of every step of plain fit, and the weights that it leaves."""

    class Losses(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()  # else the loss is a running mean

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(logs["loss"])
            if len(self.seen) == STEPS:
                raise Enough

    losses = Losses()
    with contextlib.suppress(Enough):
        model.fit(*data, **{"epochs": EPOCHS} | arguments, verbose=0, callbacks=[losses])
    return losses.seen, model.get_weights()


def taken(model, *data, **arguments):
    """The job that the fit call becomes."""
    original = type(model).fit.__wrapped__
    call = Call(
        model=model,
        original=original,
        arguments=bind_fit(original, model, data, arguments),
        at=CallSite(file="train.py", line=1, last_line=1),
        number=1,
    )
    return take_job(call, Bounds(nbytes=1 << 24, steps=STEPS))


PLAIN = OptimizerChoice(label="script", name="script")
WARM = OptimizerChoice(label="script(warmup=5)", name="script", warmup_steps=5)
CLIPPED = OptimizerChoice(label="script(global_clipnorm=0.2)", name="script", options=(("global_clipnorm", 0.2),))
BOTH = replace(CLIPPED, label="script(global_clipnorm=0.2,warmup=20)", warmup_steps=20)
ENGINES = {"fit": ReferenceEngine, "graph": partial(GraphEngine, xla=False), "xla": partial(GraphEngine, xla=True)}
WITHOUT_CHANCE = ["batch normalisation", "LSTM", "two inputs", "class weights"]
"""Cases that draw no random numbers: XLA has a generator of its own, and what is drawn differs."""


def probed(engine, choice=PLAIN):
    """The curve of a probe at the script's own rate, in an engine that has trained at another rate and seed before."""
    job = engine.training.job
    engine.training.add_choices([choice])
    for label, seed, rate in (("script", 1, job.rates[0] * 30), (choice.label, 0, job.rates[0])):
        probe = Probe(optimizer=label, learning_rate=rate, batch_size=BATCH, seed=seed, steps=STEPS)
        curve = engine.run(probe, progress=lambda _: None).curve
    assert len(curve.val_loss) > 1, "a probe also measures the validation loss, which must not disturb it"
    return curve.train_loss, job.model.get_weights()


def fresh(keras, make):
    """The model as a script with a fixed seed makes it."""
    keras.backend.clear_session()
    gc.collect()
    keras.utils.set_random_seed(3)
    return make(keras)


def assert_same_training(found, expected):
    (losses, weights), (expected_losses, expected_weights) = found, expected
    assert len(set(expected_losses)) == STEPS
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for weight, expected_weight in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(weight, expected_weight, rtol=1e-4, atol=1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    name: str
    case: Case
    expected: Any
    """What plain fit does."""
    engine: Callable[[str], Any]
    """The engine of a name, on one job for all."""


@pytest.fixture(scope="module")
def compared(request, keras, interception):
    """A case of all engines; tests of the same case come one after the other and share what was traced."""
    case = (CASES | FURTHER)[request.param]
    expected = plain_fit(keras, fresh(keras, case.make), case.x, case.y, batch_size=BATCH, **case.options)
    model = fresh(keras, case.make)
    job = taken(model, case.x, case.y, batch_size=BATCH, validation_data=(case.x, case.y), **case.options)
    prepared = FitTraining(job, interception=interception)
    return Compared(
        name=request.param, case=case, expected=expected, engine=cache(lambda name: ENGINES[name](prepared))
    )


@pytest.mark.parametrize("engine", ["fit", "graph"])
@pytest.mark.parametrize("compared", CASES | FURTHER, indirect=True)
def test_a_probe_is_the_training_that_plain_fit_does(compared, engine):
    assert_same_training(probed(compared.engine(engine)), compared.expected)


@pytest.mark.parametrize("compared", WITHOUT_CHANCE, indirect=True)
def test_so_is_a_probe_that_xla_compiled(compared):
    assert_same_training(probed(compared.engine("xla")), compared.expected)


@pytest.mark.parametrize("kind", ["Keras's own", "a variable of TensorFlow"])
def test_validations_of_a_probe_leave_the_state_that_layers_carry(keras, interception, kind):
    import tensorflow as tf

    class Counting(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.count = tf.Variable(0.0, trainable=False)

        def call(self, x):
            return x / (1 + self.count.assign_add(1.0))

    def make(keras):
        inputs = keras.Input(batch_shape=(BATCH, 6, 3))
        x = keras.layers.LSTM(8, stateful=True)(inputs) if kind == "Keras's own" else Counting()(inputs[:, 0])
        return compiled(keras, inputs, keras.layers.Dense(1)(x), keras.optimizers.RMSprop(0.01))

    x, y = np.resize(normal(6, 3), (16 * BATCH, 6, 3)), np.resize(VALUES, (16 * BATCH, 1))
    expected = plain_fit(keras, fresh(keras, make), x, y, batch_size=BATCH, shuffle=False)
    job = taken(fresh(keras, make), x, y, batch_size=BATCH, shuffle=False, validation_data=(x[:BATCH], y[:BATCH]))
    assert any("to the next epoch" in change.detail for change in job.changes) == (kind == "Keras's own")
    assert_same_training(probed(ReferenceEngine(FitTraining(job, interception=interception))), expected)


def warming_up(keras, model, choice):
    """Gives the script's optimizer a schedule of Keras that rises as the choice asks."""
    peak, over = float(model.optimizer.learning_rate), choice.warmup_steps
    rising = keras.optimizers.schedules.PolynomialDecay(peak / over, over - 1, end_learning_rate=peak)
    model.optimizer.learning_rate = rising


def clipping(model, choice):
    """Makes the script's optimizer again as if it had been made to clip so."""
    config = model.optimizer.get_config() | {"clipnorm": None} | dict(choice.options)
    model.optimizer = type(model.optimizer).from_config(config)


CHOSEN = {
    "batch normalisation": WARM,
    "own train_step": WARM,
    "embedding": CLIPPED,  # the script clips in another way
    "class weights": CLIPPED,
    "two inputs": BOTH,
    "dropout and noise": BOTH,
}


@pytest.mark.parametrize("compared", CHOSEN, indirect=True)
def test_a_warm_up_and_clipping_are_those_of_plain_fit(keras, compared):
    case, choice = compared.case, CHOSEN[compared.name]
    keras.utils.set_random_seed(3)
    model = case.make(keras)
    if choice.options:
        clipping(model, choice)
    if choice.warmup_steps:
        warming_up(keras, model, choice)
    expected = plain_fit(keras, model, case.x, case.y, batch_size=BATCH, **case.options)
    assert not np.allclose(expected[0], compared.expected[0], rtol=1e-3), "it matters here"

    for engine in ("fit", "graph", *(["xla"] if compared.name in WITHOUT_CHANCE else [])):
        assert_same_training(probed(compared.engine(engine), choice), expected)


class Scene(NamedTuple):
    image: Any
    label: Any

    @property
    def flat(self):
        return self.image[:, :, 0]


class Words(NamedTuple):
    tokens: Any
    weights: Any


def own_step_with_named_tuples(keras):
    import tensorflow as tf

    class Recogniser(keras.Sequential):
        def train_step(self, data):
            assert type(data) is Scene
            with tf.GradientTape() as tape:
                loss = self.compute_loss(y=data.label, y_pred=self(data.flat, training=True))
            self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
            return {"loss": loss}

        def test_step(self, data):
            return {"loss": self.compute_loss(y=data.label, y_pred=self(data.flat))}

    model = Recogniser([keras.Input((5,)), keras.layers.Dense(CLASSES, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="sparse_categorical_crossentropy")
    return model


def tagger(keras):
    """A model that gets named tuples and whose loss leaves labels of -1 out."""

    class Tagger(keras.Model):
        def __init__(self):
            super().__init__()
            self.embed = keras.layers.Embedding(20, 8)
            self.head = keras.layers.Dense(CLASSES, activation="softmax")

        def call(self, words):
            assert type(words) is Words
            return self.head(self.embed(words.tokens) * words.weights[..., None])

    model = Tagger()
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss=loss)
    return model


def scenes(tf):
    return tf.data.Dataset.from_tensor_slices(Scene(normal(5, 1), LABELS)).batch(BATCH)


def sentences(tf):
    """Batches that are padded to their longest: tokens and weights with 0, labels with -1."""
    sizes = np.random.default_rng(3).integers(2, 15, SAMPLES)
    texts = [np.random.default_rng(number).integers(1, 20, size) for number, size in enumerate(sizes)]

    def samples():
        for text in texts:
            yield Words(text, np.ones(len(text), np.float32)), text % CLASSES

    whole, part = tf.TensorSpec([None], tf.int64), tf.TensorSpec([None], tf.float32)
    dataset = tf.data.Dataset.from_generator(samples, output_signature=(Words(whole, part), whole))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(SAMPLES))
    return dataset.padded_batch(BATCH, padding_values=(Words(np.int64(0), np.float32(0)), np.int64(-1)))


@pytest.mark.parametrize(
    ("make", "pipeline"),
    [(own_step_with_named_tuples, scenes), (tagger, sentences)],
    ids=["own train_step", "padded"],
)
def test_a_pipeline_of_named_tuples_trains_as_it_does_by_itself(keras, interception, tmp_path, make, pipeline):
    import tensorflow as tf

    expected = plain_fit(keras, fresh(keras, make), pipeline(tf), shuffle=False)

    everything = pipeline(tf)
    job = taken(fresh(keras, make), everything, validation_data=everything)
    job.train.save(tmp_path)  # as for another worker
    job.train = load_samples(tmp_path)

    assert_same_training(probed(ReferenceEngine(FitTraining(job, interception=interception))), expected)


@pytest.mark.parametrize("arguments", [{}, {"validation_freq": 2, "validation_steps": 1}], ids=["each", "some"])
def test_validations_that_read_the_same_shuffled_source_move_its_order_on(keras, interception, arguments):
    import tensorflow as tf

    def split():
        x = normal(5)
        data = tf.data.Dataset.from_tensor_slices((x, x.sum(axis=1, keepdims=True))).shuffle(SAMPLES, seed=4)
        return data.take(60).batch(BATCH), data.skip(60).batch(BATCH)

    def linear(keras):
        inputs = keras.Input((5,))
        return compiled(keras, inputs, keras.layers.Dense(1)(inputs), keras.optimizers.Adam(0.01))

    model = fresh(keras, linear)
    train, val = split()
    expected = plain_fit(keras, model, train, validation_data=val, epochs=9, shuffle=False, **arguments)

    model = fresh(keras, linear)
    train, val = split()
    job = taken(model, train, validation_data=val, epochs=9, shuffle=False, **arguments)
    assert_same_training(probed(ReferenceEngine(FitTraining(job, interception=interception))), expected)
