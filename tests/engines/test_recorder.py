import math

import numpy as np
import pytest

from sweeper.curve import StopReason
from sweeper.engines._fit_runs import checkpoint_gap
from sweeper.engines._loss_source import NoLoss, loss_in, loss_keys
from sweeper.engines._recorder import CurveRecorder


def record(losses, *, steps=None, finite=lambda step: 1.0):
    recorder = CurveRecorder(steps=steps or len(losses), progress=lambda _: None)
    for number, loss in enumerate(losses, start=1):
        if recorder.step(loss, 1.0, finite(number)):
            break
    return recorder.curve(has_norm=True)


def test_a_whole_probe_is_recorded_and_not_called_early():
    curve = record([3.0, 2.0, 1.0])
    assert curve.train_loss == (3.0, 2.0, 1.0)
    assert curve.gradient_norm == (1.0, 1.0, 1.0)
    assert curve.stopped_early is None


def test_one_non_finite_loss_does_not_end_a_probe():
    curve = record([1.0, math.nan, 1.0, 0.9])
    assert curve.steps == 4
    assert curve.first_nonfinite_loss == 2
    assert curve.stopped_early is None


def test_five_non_finite_losses_in_a_row_end_it():
    curve = record([1.0, *[math.inf] * 20])
    assert curve.steps == 6
    assert curve.stopped_early is StopReason.NON_FINITE


def test_a_non_finite_weight_ends_it_at_once_and_is_dated():
    curve = record([1.0] * 20, finite=lambda step: 0.0 if step >= 3 else 1.0)
    assert (curve.steps, curve.first_nonfinite_weight) == (3, 3)
    assert curve.stopped_early is StopReason.NON_FINITE


def test_a_loss_that_stays_a_million_times_its_first_ends_it():
    curve = record([2.0, *[3e6] * 40])
    assert curve.steps == 11
    assert curve.stopped_early is StopReason.BLOWN_UP


def test_a_loss_just_below_that_or_with_a_return_does_not():
    assert record([2.0, *[1.9e6] * 40]).stopped_early is None
    assert record([2.0, *([3e6] * 9 + [1.0]) * 4]).stopped_early is None


def test_a_non_finite_last_step_is_not_an_early_stop():
    curve = record([1.0, 1.0], finite=lambda step: 0.0 if step == 2 else 1.0)
    assert curve.first_nonfinite_weight == 2
    assert curve.stopped_early is None


def test_validation_is_dated_by_the_steps_before_it():
    recorder = CurveRecorder(steps=4, progress=lambda _: None)
    recorder.validation(5.0)
    recorder.step(1.0, 1.0, 1.0)
    recorder.step(1.0, 1.0, 1.0)
    recorder.validation(4.0)
    curve = recorder.curve(has_norm=False)
    assert curve.val_steps == (0, 2)
    assert curve.val_loss == (5.0, 4.0)
    assert curve.gradient_norm == ()


@pytest.mark.parametrize(
    ("logs", "loss"),
    [
        ({"loss": 2.0, "kl_loss": 1.0}, 2.0),
        ({"accuracy": 1.0, "total_loss": 3.0}, 3.0),
        ({"d_loss": 1.0, "g_loss": 2.0, "accuracy": 9.0}, 3.0),
        (np.float32(4.0), 4.0),
    ],
)
def test_the_loss_is_found_among_what_a_step_returns(logs, loss):
    assert loss_in(logs) == loss


def test_a_step_without_a_loss_is_told():
    with pytest.raises(NoLoss, match="'accuracy'"):
        loss_in({"accuracy": 1.0})


@pytest.mark.parametrize(
    ("steps", "gap", "measured"),
    [
        (1, 1, 1),
        (20, 3, 7),
        (200, 25, 8),
        (224, 28, 8),
        (225, 25, 9),
        (1000, 25, 40),
        (1025, 26, 40),
        (20_000, 500, 40),
    ],
)
def test_longer_probes_are_validated_more_often_up_to_a_number(steps, gap, measured):
    assert checkpoint_gap(steps) == gap
    assert math.ceil(steps / gap) == measured


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["loss", "total_loss"], ("loss",)),
        (["kl_loss", "lossScale", "reconstruction_loss", "loss_weight"], ("kl_loss", "reconstruction_loss")),
        (["loss_g", "loss_d", "generator_lr"], ("loss_d", "loss_g")),
        (["data_loss", "totalLoss", "weight_loss", "loss_scale"], ("totalLoss",)),
        (["glossary", "blossom"], ()),
    ],
)
def test_log_entries_are_losses_by_their_words(names, keys):
    assert loss_keys(names) == keys
