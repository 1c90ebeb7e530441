"""What `vector` promises, on JAX: run by `test_vector.py` in a process of its own, since the tests use TensorFlow."""

import gc
import math
import os
import warnings
from dataclasses import replace

import numpy as np
import pytest

from sweeper.engines import FitTraining, ReferenceEngine, Unsuited, VectorEngine, choose_engine
from sweeper.job import Engine, EngineInfo
from sweeper.probes import Probe
from tests.engines import test_fidelity as fidelity
from tests.engines.test_fidelity import (
    BATCH,
    BOTH,
    CASES,
    CLIPPED,
    SAMPLES,
    STEPS,
    VALUES,
    WARM,
    Case,
    fresh,
    normal,
    taken,
)

assert os.environ["KERAS_BACKEND"] == "jax"
LANES = 5


def own_step(keras):
    import jax

    class Denoiser(keras.Model):
        def __init__(self):
            super().__init__()
            self.body = keras.Sequential([keras.layers.Dense(12, activation="tanh"), keras.layers.Dense(5)])
            self.drop = keras.layers.Dropout(0.2, seed=11)

        def call(self, x, training=False):
            return self.body(self.drop(x, training=training))

        def train_step(self, state, data):
            trainable, non_trainable, slots, metrics = state
            x, _ = data

            def loss_of(trainable, non_trainable):
                y, non_trainable = self.stateless_call(trainable, non_trainable, x, training=True)
                return keras.ops.mean((y - x) ** 2), non_trainable

            (loss, non_trainable), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, non_trainable)
            trainable, slots = self.optimizer.stateless_apply(slots, gradients, trainable)
            return {"loss": loss}, (trainable, non_trainable, slots, metrics)

        def test_step(self, state, data):
            trainable, non_trainable, metrics = state
            y, _ = self.stateless_call(trainable, non_trainable, data[0], training=False)
            return {"loss": keras.ops.mean((y - data[0]) ** 2)}, (trainable, non_trainable, metrics)

    model = Denoiser()
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    return model


def half_precision(keras):
    with_policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    inputs = keras.Input((5,))
    x = keras.layers.Dense(16, activation="relu", dtype=with_policy)(inputs)
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.05, momentum=0.9))
    return fidelity.compiled(keras, inputs, keras.layers.Dense(1)(x), optimizer)


OWN = {
    "own train_step": Case(make=own_step, x=normal(5), y=VALUES),
    "mixed precision": Case(make=half_precision, x=normal(5), y=VALUES),
}
ENGINES = {
    "one lane": EngineInfo(name=Engine.VECTOR),
    "step by step": EngineInfo(name=Engine.VECTOR, stepwise=True),
    "several lanes": EngineInfo(name=Engine.VECTOR, lanes=LANES),
    "several lanes, step by step": EngineInfo(name=Engine.VECTOR, lanes=LANES, stepwise=True),
}


@pytest.fixture(scope="module")
def keras():
    import keras

    yield keras
    gc.unfreeze()


def prepared(keras, interception, case, **options):
    gc.collect()
    gc.freeze()  # no variable of a case before is searched for
    model = fresh(keras, case.make)
    given = {"batch_size": BATCH, "validation_data": (case.x, case.y), **case.options, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FitTraining(taken(model, case.x, case.y, **given), interception=interception)


@pytest.fixture(scope="module")
def shared(request, keras, interception):
    """A case that is prepared once, with fit and every engine; tests of one case come one after the other."""
    ready = prepared(keras, interception, OWN.get(request.param) or CASES[request.param])
    ready.add_choices([WARM, CLIPPED, BOTH])
    return ready, ReferenceEngine(ready), {how: VectorEngine(ready, info) for how, info in ENGINES.items()}


def of_case(*names):
    """Lets a test share a case, or several one after the other."""
    return pytest.mark.parametrize("shared", names, indirect=True)


def probe_of(job, *, optimizer="script", times=1.0, seed=0, steps=STEPS):
    rate = job.rates[0] * times
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=BATCH, seed=seed, steps=steps)


def curves(engine, probes):
    """The curves of probes that run together if the engine has lanes for them, else one after another."""
    together = [probes] if engine._info.lanes > 1 else [[probe] for probe in probes]
    return [one.curve for some in together for one in engine.run_together(some, progress=lambda _: None)]


def alone(engine, probe):
    return engine.run(probe, progress=lambda _: None).curve


def assert_same_curve(found, expected, *, of=""):
    assert found.val_steps == expected.val_steps, of
    assert found.stopped_early == expected.stopped_early, of
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=2e-5, err_msg=of)
    np.testing.assert_allclose(found.val_loss, expected.val_loss, rtol=1e-4, err_msg=of)
    np.testing.assert_allclose(found.gradient_norm, expected.gradient_norm, rtol=1e-3, err_msg=of)


@pytest.mark.parametrize("name", ["two inputs", "class weights"])
def test_the_reference_trains_on_the_batches_of_plain_fit(keras, interception, name):
    case = CASES[name]
    model = fresh(keras, case.make)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, _ = fidelity.plain_fit(keras, model, case.x, case.y, batch_size=BATCH, **case.options)
    ready = prepared(keras, interception, case)
    np.testing.assert_allclose(alone(ReferenceEngine(ready), probe_of(ready.job)).train_loss, expected, rtol=1e-4)


@of_case(*CASES, *OWN)
def test_curves_are_those_of_fit(shared):
    ready, fit, engines = shared
    probes = [
        probe_of(ready.job),
        probe_of(ready.job, times=1e30),
        probe_of(ready.job, times=0.1),
        replace(probe_of(ready.job), learning_rate=0.0),
        probe_of(ready.job, times=0.5, seed=1),
    ]
    expected = [alone(fit, probe) for probe in probes]
    assert len(set(expected[0].train_loss)) == STEPS
    for how, engine in engines.items():
        together = [probe for probe in probes if not (probe.is_null and ENGINES[how].lanes > 1)]
        found = dict(zip(together, curves(engine, together), strict=True))
        for number, probe in enumerate(probes):
            if number != 1 and probe in found:
                assert_same_curve(found[probe], expected[number], of=f"{how}: {probe.id}")
        assert found[probes[1]].train_loss[0] == pytest.approx(expected[1].train_loss[0], rel=1e-5)


@of_case("dropout and noise", "embedding", *OWN)
def test_warm_ups_and_clipping_are_those_of_fit(shared):
    ready, fit, engines = shared
    seen = []
    for label in (WARM.label, "script", CLIPPED.label, BOTH.label):
        probes = [
            probe_of(ready.job, optimizer=label),
            probe_of(ready.job, optimizer=label, times=3),
            probe_of(ready.job, optimizer=label, times=0.5, seed=1),
        ]
        expected = [alone(fit, probe) for probe in probes]
        seen.append(expected[0].train_loss)
        for how, engine in engines.items():
            for probe, found, wanted in zip(probes, curves(engine, probes), expected, strict=True):
                assert_same_curve(found, wanted, of=f"{how}: {probe.id}")
    assert len(set(seen)) == 4, "each trains differently"
    assert alone(fit, probe_of(ready.job)).train_loss == seen[1], "nothing is left of what ran in between"


def penalised(keras):
    class Penalised(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.out = keras.layers.Dense(6, activation="tanh"), keras.layers.Dense(1)
            self.share = self.add_weight(name="share", shape=(2,), initializer="zeros", trainable=False)

        def call(self, x):
            code = self.dense(x)
            self.add_loss(self.share[0] * keras.ops.mean(code**2) + self.share[1] * keras.ops.mean(keras.ops.abs(code)))
            return self.out(code)

    model = Penalised()
    model.compile(keras.optimizers.SGD(0.05), "mse")
    return model


def test_variables_that_callbacks_drive_are_driven_in_every_lane(keras, interception):
    class Anneal(keras.callbacks.Callback):
        seen = 0

        def on_train_batch_begin(self, batch, logs=None):
            self.model.share.assign([0.1 * self.seen, 1.0])
            self.seen += 1

    case = Case(make=penalised, x=normal(5), y=VALUES)
    ready = prepared(keras, interception, case, callbacks=[Anneal()], epochs=4)
    assert [scheduled.by for scheduled in ready.job.scheduled] == ["Anneal.on_train_batch_begin"]
    probes = [probe_of(ready.job, times=times) for times in (1.0, 2.0, 0.5)]
    expected = [alone(ReferenceEngine(ready), probe) for probe in probes]
    without = ready.job.scheduled.pop()
    assert alone(ReferenceEngine(ready), probes[0]).train_loss[-1] < 0.9 * expected[0].train_loss[-1]
    ready.job.scheduled.append(without)
    for info in (EngineInfo(name=Engine.VECTOR, stepwise=True), EngineInfo(name=Engine.VECTOR, lanes=LANES)):
        for found, wanted in zip(curves(VectorEngine(ready, info), probes), expected, strict=True):
            assert_same_curve(found, wanted, of=info.text)


@of_case("embedding")
def test_lanes_of_several_seeds_begin_with_the_weights_that_each_has_alone(shared):
    ready, fit, engines = shared
    assert len(ready.job.fresh_weights()) == 2
    probes = [probe_of(ready.job, seed=seed, times=times) for seed, times in ((0, 1), (0, 2), (1, 1), (1, 2), (2, 1))]
    expected = [alone(fit, probe) for probe in probes]
    assert len({curve.train_loss[0] for curve in expected}) == 3
    assert len({curve.val_loss[0] for curve in expected}) == 3
    for how, engine in engines.items():
        for again in (probes, probes[::-1]):
            found = dict(zip(again, curves(engine, again), strict=True))
            for probe, wanted in zip(probes, expected, strict=True):
                assert_same_curve(found[probe], wanted, of=f"{how}: {probe.id}")


@of_case("class weights")
def test_lanes_that_warm_up_share_one_program_for_every_rate_and_length(shared):
    ready, fit, _ = shared
    longer = replace(WARM, label="script(warmup=9)", warmup_steps=9)
    ready.add_choices([WARM, longer])
    engine = VectorEngine(ready, EngineInfo(name=Engine.VECTOR, lanes=2))
    for choice in (WARM, longer):
        pair = [probe_of(ready.job, optimizer=choice.label, times=times) for times in (1, 2)]
        for probe, found in zip(pair, curves(engine, pair), strict=True):
            assert_same_curve(found, alone(fit, probe))


@of_case("dropout and noise")
def test_a_lane_whose_weights_overflow_ends_and_leaves_the_others_alone(shared):
    ready, _, engines = shared
    engine = engines["several lanes"]
    sound, other = probe_of(ready.job), probe_of(ready.job, times=0.3)
    broken = probe_of(ready.job, times=1e38)
    with_it = curves(engine, [sound, broken, other])
    without = curves(engine, [sound, other])
    assert with_it[1].stopped_early is not None
    assert with_it[1].steps < STEPS
    assert [with_it[0], with_it[2]] == without


@of_case("batch normalisation")
def test_the_weights_after_a_probe_are_those_that_fit_leaves(shared):
    ready, fit, engines = shared
    found = []
    for engine in (fit, engines["one lane"]):
        alone(engine, probe_of(ready.job))
        found.append([np.asarray(weight.value) for weight in ready.job.model.weights])
    for weight, expected in zip(*found[::-1], strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)


def test_several_validation_batches_of_which_the_last_is_smaller_give_the_loss_of_evaluate(keras, interception):
    x, y = np.tile(normal(5), (4, 1)), np.tile(VALUES, (4, 1))
    assert len(x) == 4 * SAMPLES
    ready = prepared(keras, interception, CASES["dropout and noise"], validation_data=(x[:-1], y[:-1]))
    expected = alone(ReferenceEngine(ready), probe_of(ready.job))
    for info in ENGINES.values():
        engine = VectorEngine(ready, info)
        for curve in curves(engine, [probe_of(ready.job), probe_of(ready.job)]):
            assert_same_curve(curve, expected)


@of_case("dropout and noise")
def test_nothing_is_compiled_or_kept_for_a_new_rate_or_seed(shared):
    import jax

    ready, *_ = shared
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, *_, **__: compiled.append(event) if "backend_compile" in event else None
    )
    engine = VectorEngine(ready, EngineInfo(name=Engine.VECTOR, lanes=LANES))

    def train(numbers):
        for number in numbers:
            alone(engine, probe_of(ready.job, times=1.01**number, seed=number % 7, steps=4))
            some = [probe_of(ready.job, times=1 + lane, seed=number * (lane % 2), steps=4) for lane in range(LANES)]
            curves(engine, some)

    train(range(3))
    assert compiled
    compiled.clear()
    gc.collect()
    before = len(jax.live_arrays())
    train(range(3, 40))
    gc.collect()
    assert compiled == []
    assert len(jax.live_arrays()) <= before


@of_case("dropout and noise")
def test_a_probe_that_raises_leaves_the_engine_usable(shared, monkeypatch):
    ready, fit, engines = shared
    engine = engines["one lane"]
    expected = alone(engine, probe_of(ready.job))

    def fails(*_args, **_options):
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setitem(engine._loops, "script", fails)
        with pytest.raises(RuntimeError, match="no"):
            alone(engine, probe_of(ready.job))
    assert alone(engine, probe_of(ready.job)) == expected
    assert_same_curve(alone(fit, probe_of(ready.job)), expected)


@pytest.mark.parametrize("option", ["run_eagerly", "jit_compile"])
def test_a_step_that_is_not_compiled_is_left_to_fit(keras, interception, option):
    ready = prepared(keras, interception, CASES["class weights"])
    setattr(ready.job.model, option, option == "run_eagerly")
    with pytest.raises(Unsuited, match="not compiled"):
        VectorEngine(ready, EngineInfo(name=Engine.VECTOR))


@of_case("dropout and noise")
def test_the_choice_names_what_it_measured_and_trains_as_fit_does(shared, monkeypatch):
    monkeypatch.setattr("sweeper.engines._choice.HOPELESS", math.inf)  # programs are compiled badly in tests
    ready, fit, _ = shared
    expected = alone(fit, probe_of(ready.job))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = choose_engine(ready, Engine.VECTOR, steps=2000)
    assert chosen.info.name is Engine.VECTOR
    assert "fit" in chosen.info.reason
    assert "vector step by step" in chosen.info.reason
    assert_same_curve(alone(chosen.engine, probe_of(ready.job)), expected)


def test_a_model_that_makes_its_own_train_function_is_left_to_fit(keras, interception):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.body = keras.layers.Dense(1)

        def call(self, x):
            return self.body(x)

        def make_train_function(self, force=False):
            return super().make_train_function(force)

    def own(keras):
        model = Own()
        model.compile(optimizer="sgd", loss="mse")
        return model

    ready = prepared(keras, interception, Case(make=own, x=normal(5), y=VALUES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = choose_engine(ready, Engine.AUTO, steps=200)
    assert chosen.info.name is Engine.FIT
    assert "has a make_train_function of its own" in chosen.info.reason
