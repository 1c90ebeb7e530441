"""Whatever trains can be probed: a loop without Keras, behind the seam that fit calls use."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sweeper.capture import CapturedTraining
from sweeper.engines import AbstractTraining, ReferenceEngine
from sweeper.probes import Probe
from sweeper.space import SCRIPT, OptimizerChoice

pytestmark = pytest.mark.slow  # measuring memory starts the backend
STEPS = 12


class Loop(AbstractTraining):
    """Gradient descent on a square, in a loop of its own; a seed shifts where it begins."""

    has_norm = True
    validates = True

    def __init__(self):
        self.captured = CapturedTraining(batch_size=8, batch_size_fixed="the loop makes its own batches", rates=[0.1])
        self.captured.only = "the loop has one update rule"
        self.first_vals = {}
        self.choices = {SCRIPT}
        self.weight = math.nan
        self.evaluations = 0
        self.fails = False

    def add_choices(self, choices):
        self.choices |= {choice.label for choice in choices}

    def weights_seed(self, seed):
        return seed

    def start_from(self, seed):
        self.weight = 3.0 + seed

    def begin(self, probe):
        assert probe.optimizer in self.choices
        self.start_from(probe.seed)
        return probe

    def train(self, probe, recorder, *, validate):
        while True:
            loss, gradient = self.weight * self.weight, 2 * self.weight
            self.weight -= probe.learning_rate * gradient
            over = recorder.step(loss, abs(gradient), float(math.isfinite(self.weight)))
            if validate and recorder.taken % 4 == 0:
                recorder.validation(self.evaluate())
            if over:
                return

    def evaluate(self):
        self.evaluations += 1
        if self.fails:
            raise ValueError("no validation")
        return 2 * self.weight * self.weight

    def can_evaluate(self, error):
        self.validates = False
        return False


def probe(rate=0.1, seed=0):
    return Probe(optimizer=SCRIPT, learning_rate=rate, batch_size=8, seed=seed, steps=STEPS)


def run(engine, one):
    return engine.run(one, progress=lambda _: None).curve


def test_a_probe_of_a_loop_has_the_curve_of_the_loop():
    curve = run(ReferenceEngine(Loop()), probe())
    np.testing.assert_allclose(curve.train_loss, 9 * 0.8 ** (2 * np.arange(STEPS)))
    np.testing.assert_allclose(curve.gradient_norm, 6 * 0.8 ** np.arange(STEPS))
    assert curve.val_steps == (0, 4, 8, 12)
    assert curve.val_loss[0] == 18


def test_every_probe_starts_from_the_same_whatever_ran_before():
    engine = ReferenceEngine(Loop())
    first = run(engine, probe())
    assert run(engine, probe(rate=5.0)).train_loss[-1] > 1e6
    assert run(engine, probe(seed=1)).train_loss[0] == 16
    assert run(engine, probe()) == first


def test_a_loop_that_diverges_is_stopped_when_nothing_more_can_be_learned():
    curve = run(ReferenceEngine(Loop()), replace(probe(rate=1e200), steps=100))
    assert curve.stopped_early is not None
    assert curve.steps < 100


def test_the_start_is_validated_once_for_all_probes_of_a_seed():
    loop = Loop()
    engine = ReferenceEngine(loop)
    for rate in (0.1, 0.2, 0.3):
        engine.run(probe(rate), progress=lambda _: None)
    assert loop.evaluations == 1 + 3 * (STEPS // 4)
    assert loop.first_vals == {0: 18}


def test_where_the_start_cannot_be_validated_nothing_is():
    loop = Loop()
    loop.fails = True
    assert ReferenceEngine(loop).measure_start() is None
    assert not loop.validates


def test_optimizers_of_the_axis_reach_the_training():
    engine = ReferenceEngine(Loop())
    engine.training.add_choices([OptimizerChoice(label="adam", name="adam")])
    assert run(engine, replace(probe(), optimizer="adam")).steps == STEPS
