"""A script is said to fail only where its own fit fails too."""

import numpy as np
import pytest

from sweeper.capture import Call, CallSite, Interception, bind_fit
from sweeper.worker import failures
from sweeper.worker._own_training import own_training

pytestmark = pytest.mark.slow
X = np.random.default_rng(1).normal(size=(60, 4)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)
AT = CallSite(file=__file__, line=1, last_line=1)
ERROR = KeyError("what a probe raised")


@pytest.fixture
def tried(keras):
    def tried(x, y, *, callbacks=None, step=None):
        class Model(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = keras.layers.Dense(1)

            def call(self, inputs):
                return self.dense(inputs)

            def train_step(self, data):
                return (step or keras.Model.train_step)(self, data)

        model = Model()
        model.compile("sgd", "mse")
        original = getattr(keras.Model.fit, "__wrapped__", keras.Model.fit)
        arguments = bind_fit(original, model, (x, y), {"batch_size": 20, "callbacks": callbacks})
        call = Call(model=model, original=original, arguments=arguments, at=AT, number=1)
        seen = Interception(on_fit=lambda *_: None, on_legacy=lambda: None)
        return own_training(call, seen, alive=lambda _: None), call

    return tried


def test_a_script_that_trains_is_not_blamed(tried):
    own, call = tried(X, Y)
    assert own.works
    assert not own.fails_like(ERROR, call)
    finding = failures.not_probed(ERROR, AT, own)
    assert finding.code == "SW018"
    assert "nothing is wrong with it" in finding.evidence
    assert "fault of sweeper" in finding.remedy


def test_a_script_that_fails_by_itself_is(tried):
    own, call = tried(X, np.zeros((60, 7, 3), np.float32))
    assert not own.works
    assert own.fails_like(ERROR, call)


def test_of_an_iterator_only_the_same_error_shows_it(tried):
    own, call = tried((batch for batch in ()), None)
    assert not own.works
    assert not own.fails_like(ERROR, call)
    assert own.fails_like(own.error, call)
    assert "used up" in failures.not_probed(ERROR, AT, own).evidence


def test_what_a_callback_makes_is_told(keras, tried, tmp_path):
    class Making(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.weight = 0.5
            open(tmp_path / "written", "w").close()  # noqa: PTH123  as scripts do

    def step(model, data):
        return {"loss": keras.Model.train_step(model, data)["loss"] * model.weight}

    with pytest.raises(AttributeError):
        raise tried(X, Y, step=step)[0].error
    own, call = tried(X, Y, step=step, callbacks=[Making()])
    assert own.needs_callbacks
    assert not own.fails_like(ERROR, call)
    assert "fails without them" in failures.not_probed(ERROR, AT, own).evidence
    assert not (tmp_path / "written").exists(), "what it writes goes aside"
