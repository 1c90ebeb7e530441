import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.classify import Context, Thresholds, noise_floor
from sweeper.classify._case import open_case
from sweeper.curve import Curve
from sweeper.robust import jitter, running_median, spread, tail_length, tail_level

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=50)


def test_the_noise_floor_is_the_spread_of_normal_losses():
    losses = np.random.default_rng(0).normal(2.3, 0.05, 400)
    assert noise_floor(Curve(train_loss=tuple(losses))) == pytest.approx(0.05, rel=0.1)


def test_one_wild_batch_does_not_move_the_noise_floor():
    losses = [2.0, 2.1, 2.2, 2.3, 2.4]
    assert noise_floor(Curve(train_loss=(*losses, 1e9))) == pytest.approx(noise_floor(Curve(train_loss=(*losses, 2.5))))


def test_the_noise_floor_of_a_whole_sample_batch_is_zero():
    assert noise_floor(Curve(train_loss=(2.3,) * 10)) == 0.0


@pytest.mark.parametrize("losses", [(), (1.0,), (1.0, math.nan)])
def test_the_noise_floor_needs_two_finite_losses(losses):
    assert math.isnan(noise_floor(Curve(train_loss=losses)))


def test_jitter_sees_noise_and_not_the_trend():
    steps = np.arange(300.0)
    noise = np.random.default_rng(1).normal(0.0, 0.1, 300)
    assert jitter(noise - 5.0 * steps) == pytest.approx(0.1, rel=0.2)
    assert jitter(-5.0 * steps) == 0.0


@given(NUMBERS, st.integers(-20, 20))
def test_statistics_scale_with_their_values(values, power):
    array = np.asarray(values)
    assert spread(array * 2.0**power) == spread(array) * 2.0**power
    assert jitter(array * 2.0**power) == jitter(array) * 2.0**power


@given(NUMBERS)
def test_running_medians_stay_within_the_values(values):
    ends, levels = running_median(np.asarray(values), 3)
    assert ends.tolist() == list(range(3, len(values) + 1))
    assert levels.min() >= min(values)
    assert levels.max() <= max(values)


def test_running_medians_of_a_long_curve_are_spread_over_all_of_it():
    ends, levels = running_median(np.arange(100_000.0), 10_000)
    assert (len(ends), ends[0], ends[-1]) == (256, 10_000, 100_000)
    assert levels[-1] == pytest.approx(94_999.5)


@pytest.mark.parametrize(("steps", "length"), [(1, 1), (4, 2), (9, 4), (10, 5), (51, 5), (200, 20)])
def test_the_tail_is_a_tenth_at_least_five_and_at_most_half(steps, length):
    assert tail_length(steps, share=0.1, least=5) == length


@pytest.mark.parametrize("losses", [(), (1.0, math.nan)])
def test_a_tail_without_finite_losses_has_no_level(losses):
    assert math.isnan(tail_level(losses, share=0.1, least=5))


def signals_of(losses, *, null=None, noise=None):
    context = Context(planned_steps=len(losses), passes=None, val_samples=0, noise=noise)
    baseline = None if null is None else Curve(train_loss=tuple(null))
    return open_case(Curve(train_loss=tuple(losses)), null=baseline, context=context, thresholds=Thresholds()).signals


def test_a_shorter_null_curve_tells_the_initial_level_as_well_as_its_steps_do():
    chance = np.random.default_rng(0)
    null, losses = chance.normal(1.0, 0.1, size=100), chance.normal(0.5, 0.001, size=1000)
    short = signals_of(losses, null=null)
    assert short.start == pytest.approx(1.0, abs=0.03)
    # The median of 100 values that scatter by 0.1; a single one would leave it open by 0.1.
    assert short.error == pytest.approx(1.25 * 0.1 / 100**0.5, rel=0.3)
    assert signals_of(losses, noise=0.1).error == pytest.approx(0.1, rel=0.01)
