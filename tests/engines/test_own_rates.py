"""Trainings that set their rate themselves, or move weights without it: plain Keras trains them, a map would lie."""

import gc

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, OverriddenRate, bind_fit, peak_rate, take_job
from sweeper.capture._optimizers import _highest
from sweeper.engines import FitTraining, choose_engine
from sweeper.job import Engine

X = np.random.default_rng(1).normal(size=(200, 6)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def test_the_highest_rate_is_found_in_few_looks_wherever_the_schedule_jumps():
    looks = []

    def rate_at(step):
        looks.append(step)
        return 0.5 if 41_000 <= step < 41_300 else 0.1 + 1e-7 * step

    assert _highest(rate_at, 0, 99_999) == 0.5
    assert len(looks) < 500
    assert _highest(lambda step: float(step == 137), 100, 250) == 1.0, "of few steps, each is looked at"
    assert _highest(lambda step: 0.3, 7, 7) == 0.3


@pytest.fixture(scope="module")
def prepare(keras, interception):
    def prepare(model, **compiling):
        model.compile(**({"optimizer": keras.optimizers.Adam(0.01), "loss": "mse"} | compiling))
        gc.collect()
        original = type(model).fit.__wrapped__
        arguments = bind_fit(original, model, (X, Y), {"batch_size": 20})
        call = Call(
            model=model,
            original=original,
            arguments=arguments,
            at=CallSite(file="train.py", line=1, last_line=1),
            number=1,
        )
        return FitTraining(take_job(call, Bounds(nbytes=1 << 24, steps=40)), interception=interception)

    return prepare


@pytest.fixture(scope="module")
def stepping(keras):
    """A regression whose train step does something of its own before the update, and after it."""

    class Stepping(keras.Model):
        def __init__(self, before=None, after=None, **layer):
            super().__init__()
            self.dense = keras.layers.Dense(1, **layer)
            self.before, self.after = before, after

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            import tensorflow as tf

            x, y = data
            if self.before:
                self.before(self)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
            self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
            if self.after:
                self.after(self)
            return {"loss": loss}

    return Stepping


@pytest.mark.slow
@pytest.mark.parametrize("form", ["assign", "attribute", "later"])
def test_a_step_that_sets_the_rate_is_refused_with_rate_and_place(prepare, stepping, form):
    import tensorflow as tf

    def assign(model):
        model.optimizer.learning_rate.assign(
            3e-3 * tf.minimum(1.0, 0.5 + tf.cast(model.optimizer.iterations, "float32"))
        )

    def attribute(model):
        model.optimizer.learning_rate = 3e-3

    def later(model):
        rate = model.optimizer.learning_rate
        rate.assign(tf.where(model.optimizer.iterations >= 3, 3e-3, tf.convert_to_tensor(rate)))

    model = stepping(
        **{"after" if form == "later" else "before": {"assign": assign, "attribute": attribute, "later": later}[form]}
    )
    with pytest.raises(OverriddenRate, match="0.003|3e-3") as raised:
        choose_engine(prepare(model), Engine.FIT, steps=50)
    if form != "later":
        assert __file__.rpartition("/")[2] in raised.value.place


@pytest.mark.slow
def test_a_step_that_multiplies_its_rate_still_obeys_it_and_this_is_said(prepare, stepping):
    def decay(model):
        model.optimizer.learning_rate.assign(model.optimizer.learning_rate * 0.99)

    prepared = prepare(stepping(after=decay))
    choose_engine(prepared, Engine.FIT, steps=50)
    (said,) = [change.detail for change in prepared.job.changes if change.what == "learning rate"]
    assert "changes its rate itself" in said
    assert not prepared.job.findings


@pytest.mark.slow
def test_weights_that_move_without_a_rate_are_named(prepare, stepping):
    def shrink(model):
        model.dense.bias.assign_add([0.01])

    (finding,) = prepare(stepping(after=shrink)).job.findings
    assert finding.code == "SW022"
    assert "1 of 2 trainable weights moved" in finding.evidence
    assert "bias" in finding.evidence


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "constraint", "ema", "ftrl", "weight decay", "adafactor"])
def test_what_an_optimizer_or_constraint_does_at_rate_zero_is_no_finding(keras, prepare, stepping, kind):
    optimizers = keras.optimizers
    optimizer = {
        "ema": lambda: optimizers.Adam(1e-3, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2),
        "ftrl": lambda: optimizers.Ftrl(1e-2),
        "weight decay": lambda: optimizers.AdamW(1e-3, weight_decay=0.1),
        "adafactor": lambda: optimizers.Adafactor(1e-2),
    }.get(kind, lambda: optimizers.SGD(1e-2))()
    layer = {"kernel_constraint": keras.constraints.UnitNorm()} if kind == "constraint" else {}
    assert prepare(stepping(**layer), optimizer=optimizer).job.findings == []


@pytest.mark.slow
def test_a_resumed_optimizer_goes_on_from_its_own_updates(keras):
    schedule = keras.optimizers.schedules.CosineDecay(1e-6, 2000, warmup_target=3e-3, warmup_steps=200)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build([keras.Variable([1.0])])
    assert peak_rate(optimizer, 2040) == pytest.approx(3e-3)
    optimizer.iterations.assign(1530)
    assert peak_rate(optimizer, 510) == pytest.approx(float(schedule(1530)), rel=1e-5)
    assert int(optimizer.iterations) == 1530, "left as it was"


@pytest.mark.slow
def test_a_schedule_of_any_form_has_its_peak_and_a_broken_one_none(keras):
    import tensorflow as tf

    base = keras.optimizers.schedules.LearningRateSchedule

    class Noam(base):
        def __call__(self, step):
            step = tf.cast(step, tf.float32)
            return 512**-0.5 * tf.minimum(tf.math.rsqrt(step), step * 400**-1.5)

    class Table(base):
        def __call__(self, step):
            return tf.gather(tf.constant([1e-3] * 50 + [1e-2] * 50), tf.minimum(step, 99))

    class Infinite(base):
        def __call__(self, step):
            return 1 / tf.cast(step, tf.float32)

    class Raising(base):
        def __call__(self, step):
            raise KeyError(step)

    def peak(rate, steps):
        return peak_rate(keras.optimizers.Adam(rate), steps)

    assert peak(Noam(), 192) == pytest.approx(512**-0.5 * 191 * 400**-1.5, rel=1e-5)
    assert peak(Noam(), 5000) == pytest.approx(512**-0.5 * 400**-0.5, rel=1e-5)
    assert (peak(Table(), 40), peak(Table(), 60)) == (1e-3, 1e-2)
    assert peak(lambda: 3e-3, None) == 3e-3
    assert peak(Infinite(), 10) is None
    assert peak(Raising(), 10) is None
