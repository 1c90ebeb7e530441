import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.classify import Context, VerdictThresholds, classify
from sweeper.classify._case import open_case
from sweeper.curve import Curve
from sweeper.robust import (
    autocorrelation,
    distinct,
    effective_size,
    jitter,
    noise_floor,
    running_median,
    scatter,
    spread,
    tail_length,
    tail_level,
    trend,
)
from sweeper.verdict import Label

NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=3, max_size=50)


def test_the_noise_floor_is_the_spread_of_normal_losses():
    losses = np.random.default_rng(0).normal(2.3, 0.05, 400)
    assert noise_floor(losses) == pytest.approx(0.05, rel=0.1)


def test_one_wild_batch_does_not_move_the_noise_floor():
    losses = [2.0, 2.1, 2.2, 2.3, 2.4]
    assert noise_floor((*losses, 1e9)) == pytest.approx(noise_floor((*losses, 2.5)))


def test_the_noise_floor_of_a_whole_sample_batch_is_zero():
    assert noise_floor((2.3,) * 10) == 0.0


@pytest.mark.parametrize("losses", [(), (1.0,), (1.0, math.nan)])
def test_the_noise_floor_needs_two_finite_losses(losses):
    assert math.isnan(noise_floor(losses))


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


def walk(correlation, *, steps=4000, seed=3):
    random = np.random.default_rng(seed)
    values = [random.normal()]
    for fresh in random.normal(0.0, (1 - correlation**2) ** 0.5, steps - 1):
        values.append(correlation * values[-1] + fresh)
    return np.array(values)


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_autocorrelation_is_seen_with_its_error_on_top_and_through_a_trend(correlation):
    values = walk(correlation)
    assert correlation - 0.05 < autocorrelation(values) < correlation + 0.1
    assert autocorrelation(values + np.arange(values.size)) == pytest.approx(autocorrelation(values))
    assert scatter(values, correlation) == pytest.approx(1.0, rel=0.15)
    assert jitter(values) < 0.7


def test_independent_noise_and_few_values_have_no_autocorrelation():
    assert autocorrelation(np.random.default_rng(0).normal(size=400)) == 0.0
    assert autocorrelation(walk(0.9, steps=29)) == 0.0
    assert autocorrelation(np.zeros(100)) == 0.0


def test_the_same_few_batches_over_and_over_have_no_autocorrelation():
    for seed in range(30):
        passes = np.tile(np.random.default_rng(seed).normal(4000.0, 380.0, size=16), 13)
        assert distinct(passes) == 16
        assert autocorrelation(passes, number=distinct(passes)) == 0.0
    many = np.tile(walk(0.9, steps=400), 4)
    assert distinct(many) == 400
    assert autocorrelation(many, number=distinct(many)) > 0.8
    assert distinct(np.ones(50)) == 50
    assert distinct(np.random.default_rng(0).normal(size=50)) == 50


@pytest.mark.parametrize("number", [8, 16, 25])
def test_a_loss_that_fell_to_a_thirtieth_is_progress_however_few_batches_make_a_pass(number):
    for seed in range(40):
        random = np.random.default_rng(seed)
        batches = np.tile(random.normal(4000.0, 380.0, size=number), 200 // number + 1)[:200]
        left = 0.03 + 0.97 * np.exp(-np.arange(200) / 20.0)
        verdict = classify(
            Curve(train_loss=tuple((batches * left).tolist())),
            null=Curve(train_loss=tuple(batches.tolist())),
            context=Context(planned_steps=200, passes=None, val_samples=0),
        )
        assert verdict.label is Label.HEALTHY


def test_values_that_remember_count_for_fewer():
    assert effective_size(100, 0.0) == 100.0
    assert effective_size(100, 0.9) == pytest.approx(100 / 19)
    assert effective_size(10, 0.9) == 1.0


@pytest.mark.parametrize("steps", [2, 5, 60, 61, 1000])
def test_a_trend_is_the_slope_by_step_at_any_length(steps):
    values = 3.0 - 0.25 * np.arange(steps, dtype=np.float64)
    assert trend(values) == pytest.approx(-0.25)


def test_a_trend_is_not_moved_by_a_wild_value():
    values = -0.1 * np.arange(40.0)
    values[7] = 1e9
    assert trend(values) == pytest.approx(-0.1)
    assert trend(np.array([1.0])) == 0.0


def signals_of(losses, *, null=None, noise=None):
    context = Context(planned_steps=len(losses), passes=None, val_samples=0, noise=noise)
    baseline = None if null is None else Curve(train_loss=tuple(null))
    return open_case(
        Curve(train_loss=tuple(losses)), null=baseline, context=context, thresholds=VerdictThresholds()
    ).signals


def test_a_shorter_null_curve_tells_the_initial_level_as_well_as_its_steps_do():
    chance = np.random.default_rng(0)
    null, losses = chance.normal(1.0, 0.1, size=100), chance.normal(0.5, 0.001, size=1000)
    short = signals_of(losses, null=null)
    assert short.start == pytest.approx(1.0, abs=0.03)
    # The median of 100 values that scatter by 0.1; a single one would leave it open by 0.1.
    assert short.error == pytest.approx(1.25 * 0.1 / 100**0.5, rel=0.3)
    assert signals_of(losses, noise=0.1).error == pytest.approx(0.1, rel=0.01)
