"""The loop inside a TensorFlow function: what probes share, where it ends early, and where it is not used."""

import gc
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, bind_fit, live_variables, take_job
from sweeper.curve import StopReason
from sweeper.engines import FitTraining, GraphEngine, ReferenceEngine, Unsuited, choose_engine
from sweeper.job import Engine
from sweeper.probes import NULL_RATE, Probe
from sweeper.space import OptimizerChoice

pytestmark = pytest.mark.slow
X = np.random.default_rng(1).normal(size=(200, 6)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def prepare(keras, interception):
    def prepare(model=None, x=X, y=Y, **compiling):
        keras.backend.clear_session()
        gc.collect()
        model = model or keras.Sequential(
            [keras.Input((6,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
        )
        model.compile(**({"optimizer": keras.optimizers.Adam(0.01), "loss": "mse", "metrics": ["mae"]} | compiling))
        original = type(model).fit.__wrapped__
        arguments = bind_fit(original, model, (x, y), {"batch_size": 20, "validation_split": 0.2})
        at = CallSite(file="train.py", line=1, last_line=1)
        call = Call(model=model, original=original, arguments=arguments, at=at, number=1)
        return FitTraining(take_job(call, Bounds(nbytes=1 << 24, steps=40)), interception=interception)

    return prepare


def probe(rate=0.01, *, optimizer="script", batch_size=20, seed=0, steps=24):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=batch_size, seed=seed, steps=steps)


def curve(engine, *arguments, **options):
    return engine.run(probe(*arguments, **options), progress=lambda _: None).curve


def test_one_trace_serves_every_rate_batch_size_and_seed(prepare):
    engine = GraphEngine(prepare(), xla=False)
    engine.training.add_choices([OptimizerChoice(label="sgd", name="sgd")])
    for optimizer in ("script", "sgd"):
        for number, size in enumerate((1, 7, 20, 33)):
            curve(engine, 10.0 ** -(number + 1), optimizer=optimizer, batch_size=size, seed=number)
    traces = {label: loop.experimental_get_tracing_count() for label, loop in engine._loops.items()}
    assert traces == {"script": 1, "sgd": 1}


def test_many_probes_leave_nothing_behind(prepare):
    engine = GraphEngine(prepare(), xla=False)

    def left():
        gc.collect()
        return len(live_variables()), len(gc.get_objects())

    # The weights and the first validation of a seed are kept, so that all seeds come before it is counted.
    for number in range(20):
        curve(engine, seed=number % 10, steps=4)
    before = left()
    for number in range(100):
        curve(engine, seed=number % 10, steps=4)
    after = left()
    assert after[0] == before[0]
    assert after[1] - before[1] < 100, "less than one object a probe"


def test_a_curve_does_not_depend_on_what_ran_before(prepare):
    engine = GraphEngine(prepare(), xla=False)
    first = curve(engine)
    curve(engine, 1e9, seed=3)
    assert curve(engine) == first


WARM = OptimizerChoice(label="script(warmup=30)", name="script", warmup_steps=30)
CLIPPED = OptimizerChoice(label="script(clipvalue=0.01)", name="script", options=(("clipvalue", 0.01),))
ADAM = OptimizerChoice(label="adam", name="adam")
WARM_ADAM = OptimizerChoice(label="adam(clipnorm=1,warmup=3)", name="adam", options=(("clipnorm", 1),), warmup_steps=3)


@pytest.mark.parametrize("make", [ReferenceEngine, partial(GraphEngine, xla=False)], ids=["fit", "graph"])
def test_nothing_of_a_warm_up_or_of_clipping_is_left_for_the_next_probe(prepare, make):
    engine = make(prepare(optimizer="sgd"))
    engine.training.add_choices([WARM, CLIPPED, ADAM, WARM_ADAM])
    labels = ["script", WARM.label, CLIPPED.label, ADAM.label, WARM_ADAM.label]
    first = {label: curve(engine, optimizer=label) for label in labels}
    assert len({found.train_loss for found in first.values()}) == len(labels)
    for label in reversed(labels):
        assert curve(engine, optimizer=label) == first[label], label
    curve(engine, 1e9, optimizer=WARM.label, seed=3)
    assert curve(engine) == first["script"]
    assert curve(engine, NULL_RATE, optimizer=WARM.label) == curve(engine, NULL_RATE)


def test_a_warm_up_ends_at_the_rate_of_the_probe(prepare):
    engine = ReferenceEngine(prepare(optimizer="sgd"))
    none = replace(WARM, label="script(warmup=1)", warmup_steps=1)
    engine.training.add_choices([WARM, replace(WARM, label="script(warmup=2)", warmup_steps=2), none])
    plain = curve(engine)
    assert curve(engine, optimizer="script(warmup=1)") == plain, "its first step is at the rate already"
    short = curve(engine, optimizer="script(warmup=2)")
    assert short.train_loss[0] == plain.train_loss[0]
    assert short.train_loss[1] != plain.train_loss[1]
    rate = float(engine.training.job.compiled.learning_rate)
    assert rate == pytest.approx(0.01)
    curve(engine, optimizer=WARM.label)
    assert float(engine.training.job.compiled.learning_rate) == pytest.approx(0.01 * 24 / 30)


def test_an_optimizer_of_the_persons_own_is_clipped_too(keras, prepare):
    class Halved(keras.optimizers.SGD):
        """It cannot be made from its settings."""

        def __init__(self, share):
            super().__init__(learning_rate=0.02)
            self.share = share

        def get_config(self):
            raise NotImplementedError

        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient * self.share, variable, learning_rate)

    found = []
    for optimizer, rate in ((Halved(0.5), 0.02), (keras.optimizers.SGD(), 0.01)):
        keras.utils.set_random_seed(3)
        engine = GraphEngine(prepare(optimizer=optimizer), xla=False)
        engine.training.add_choices([CLIPPED])
        found.append(curve(engine, rate, optimizer=CLIPPED.label).train_loss)
    np.testing.assert_allclose(*found, rtol=1e-5)


@pytest.fixture(scope="module")
def with_sgd(prepare):
    """The engine and the reference on one job."""
    prepared = prepare(optimizer="sgd")
    return GraphEngine(prepared, xla=False), ReferenceEngine(prepared)


@pytest.mark.parametrize("rate", [NULL_RATE, 0.01, 1e4, 1e30])
def test_a_probe_ends_where_the_reference_ends_it(with_sgd, rate):
    found, expected = (curve(engine, rate) for engine in with_sgd)
    assert (found.steps, found.stopped_early, found.first_nonfinite_weight) == (
        expected.steps,
        expected.stopped_early,
        expected.first_nonfinite_weight,
    )
    assert found.val_steps == expected.val_steps
    for name in ("train_loss", "gradient_norm", "val_loss"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-4)


def test_weights_that_are_not_finite_end_a_probe_at_once(with_sgd):
    found = curve(with_sgd[0], 1e30)
    assert found.stopped_early is StopReason.NON_FINITE
    assert found.steps == found.first_nonfinite_weight < 24


def test_every_engine_measures_the_same_validation_loss_before_any_update(with_sgd):
    first = []
    for engine in with_sgd:
        engine.training.first_vals.clear()
        first.append(engine.measure_start())
    assert first[0] == pytest.approx(first[1], rel=1e-6)


def test_the_gradient_norm_is_that_before_clipping(with_sgd):
    engine, _ = with_sgd
    engine.training.add_choices([CLIPPED])
    clipped, plain = curve(engine, optimizer=CLIPPED.label), curve(engine)
    assert clipped.gradient_norm[0] == plain.gradient_norm[0] > 1


def test_a_step_that_draws_from_tensorflow_draws_the_same_in_each_probe(keras, prepare):
    import tensorflow as tf

    class Noisy(keras.layers.Layer):
        def call(self, inputs):
            return inputs + tf.random.normal(tf.shape(inputs), stddev=0.5)

    def noisy():
        return keras.Sequential([keras.Input((6,)), Noisy(), keras.layers.Dense(1)])

    engine = GraphEngine(prepare(noisy()), xla=False)
    first = curve(engine)
    assert curve(engine) == first
    assert len(set(curve(engine, NULL_RATE, batch_size=160).train_loss)) == 24, "the same samples, other noise"


def own_step(keras):
    import tensorflow as tf

    class Own(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}

    return Own


def test_a_train_step_that_keeps_its_first_trace_has_no_other_optimizer(keras, prepare):
    import tensorflow as tf

    class Kept(own_step(keras)):
        train_step = tf.function(own_step(keras).train_step)

    prepared = prepare(Kept([keras.Input((6,)), keras.layers.Dense(1)]), metrics=None)
    assert "in a tf.function of its own" in prepared.job.only
    prepared.add_choices([WARM])
    engine = GraphEngine(prepared, xla=False)
    plain, warm = curve(engine), curve(engine, optimizer=WARM.label)
    assert plain.train_loss[0] == warm.train_loss[0]
    assert plain.train_loss[-1] < warm.train_loss[-1], "its rate can be set all the same"


def test_a_train_step_with_a_loop_inside_is_traced_anew_for_each_optimizer(keras, prepare):
    import tensorflow as tf

    class Looped(own_step(keras)):
        def train_step(self, data):
            step = super().train_step
            _, loss = tf.while_loop(
                lambda done, _: done < 1, lambda done, _: (done + 1, step(data)["loss"]), (0, tf.constant(0.0))
            )
            return {"loss": loss}

    prepared = prepare(Looped([keras.Input((6,)), keras.layers.Dense(1)]), metrics=None)
    assert prepared.job.only == ""


def test_a_model_that_runs_eagerly_is_left_to_fit(prepare):
    prepared = prepare(run_eagerly=True)
    with pytest.raises(Unsuited, match="runs eagerly"):
        GraphEngine(prepared, xla=False)
    chosen = choose_engine(prepared, Engine.AUTO, steps=100)
    assert chosen.info.name is Engine.FIT
    assert "the model runs eagerly" in chosen.info.reason


def test_a_model_with_a_train_function_of_its_own_is_left_to_fit(keras, prepare):
    class Own(keras.Sequential):
        def make_train_function(self, force=False):
            return super().make_train_function(force)

    with pytest.raises(Unsuited, match="make_train_function"):
        GraphEngine(prepare(Own([keras.Input((6,)), keras.layers.Dense(1)])), xla=False)


def test_a_test_step_that_raises_costs_the_validation_and_nothing_else(keras, prepare):
    class NoTest(keras.Sequential):
        def test_step(self, data):
            raise RuntimeError("not for validation")

    prepared = prepare(NoTest([keras.Input((6,)), keras.layers.Dense(1)]))
    chosen = choose_engine(prepared, Engine.GRAPH, steps=100)
    assert chosen.info.name is Engine.GRAPH
    assert prepared.job.val is None
    assert "evaluating raised RuntimeError: not for validation" in prepared.job.val_source
    found = curve(chosen.engine)
    assert (found.steps, found.val_steps) == (24, ())


def test_a_run_that_does_not_repeat_itself_is_said_to(keras, prepare):
    import tensorflow as tf

    class Counts(keras.layers.Layer):
        calls = iter(range(1000))

        def call(self, inputs):
            drawn = tf.numpy_function(lambda: np.float32(next(self.calls)), [], tf.float32)
            return inputs + tf.ensure_shape(drawn, [])

    prepared = prepare(keras.Sequential([keras.Input((6,)), Counts(), keras.layers.Dense(1)]))
    choose_engine(prepared, Engine.FIT, steps=100)
    (change,) = [change for change in prepared.job.changes if change.what == "repeatability"]
    assert "gave a loss of" in change.detail


def test_the_choice_says_what_was_measured(prepare):
    prepared = prepare()
    chosen = choose_engine(prepared, Engine.GRAPH, steps=100)
    assert chosen.info.name is Engine.GRAPH
    assert "a step takes fit" in chosen.info.reason
    assert chosen.step_seconds > 0
    assert choose_engine(prepared, Engine.FIT, steps=100).info.name is Engine.FIT
