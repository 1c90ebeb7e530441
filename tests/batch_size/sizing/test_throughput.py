import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.batch_size.sizing import advise, knee, next_trial
from sweeper.batch_size.values import valleys
from sweeper.noise import GradientNorms, noise_scale
from sweeper.trial import Goal, Speed, TrialExtras
from tests.batch_size.sizing.machines import Machine, problem_of, search


def speeds(**by_size):
    return [Speed(batch_size=int(size[1:]), samples_per_second=speed) for size, speed in by_size.items()]


def norms(*pairs):
    return [GradientNorms(batch_size=size, mean_square=square, batches=8) for size, square in pairs]


def test_the_knee_is_the_smallest_size_with_95_percent_of_the_best():
    assert knee(speeds(b8=500, b16=949, b32=950, b64=1000, b128=990)) == 32


def test_two_timed_sizes_show_no_knee():
    assert knee(speeds(b8=500, b16=900)) is None
    assert knee([]) is None


def test_speed_that_only_grows_has_its_knee_at_the_end():
    assert knee(speeds(b8=1, b16=2, b32=4, b64=8)) == 64


@given(signal=st.floats(1e-6, 1e6), noise=st.floats(1e-6, 1e6), small=st.integers(1, 64), ratio=st.integers(2, 64))
def test_the_noise_scale_is_what_the_norms_were_made_of(signal, noise, small, ratio):
    if not 1e-4 < noise / signal < 1e4:
        return
    large = small * ratio
    found = noise_scale(norms((small, signal + noise / small), (large, signal + noise / large)))
    assert found == pytest.approx(noise / signal, rel=1e-3)


@given(signal=st.floats(1e-6, 1e6), noise=st.floats(1e-6, 1e6), small=st.integers(1, 64), ratio=st.integers(2, 64))
def test_a_loss_that_is_a_sum_has_the_noise_scale_of_its_mean(signal, noise, small, ratio):
    if not 1e-4 < noise / signal < 1e4:
        return
    sums = [
        replace(one, mean_square=one.mean_square * one.batch_size**2, loss=2.5 * one.batch_size, loss_error=0.1)
        for one in norms(*((size, signal + noise / size) for size in (small, small * ratio)))
    ]
    assert noise_scale(sums) == pytest.approx(noise / signal, rel=1e-3)


def test_a_loss_that_contrasts_samples_has_no_noise_scale():
    contrasts = [replace(one, loss=math.log(one.batch_size)) for one in norms((16, 2.0), (256, 1.0))]
    assert noise_scale(contrasts) is None


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(32, 1.0)],
        [(32, 1.0), (32, 2.0)],
        [(32, 1.0), (512, 1.0)],
        [(32, 1.0), (512, 2.0)],
        [(32, 16.0), (512, 1.0)],
        [(32, math.nan), (512, 1.0)],
        [(32, math.inf), (512, 1.0)],
        [(32, 1e308), (512, 1e308)],
        [(32, 0.0), (512, 0.0)],
    ],
)
def test_norms_that_do_not_tell_noise_from_signal_give_no_noise_scale(pairs):
    assert noise_scale(norms(*pairs)) is None


def test_a_size_is_a_valley_when_smaller_and_larger_ones_are_faster():
    assert valleys(speeds(b8=500, b16=900, b32=600, b64=1000, b128=1100)) == (32,)
    assert valleys(speeds(b8=500, b16=900, b32=600, b64=590, b128=1100)) == (32, 64)  # one and the same disturbance


@pytest.mark.parametrize(
    "steady",
    [
        {"b8": 100, "b16": 180, "b32": 300, "b64": 350},  # it only grows
        {"b8": 300, "b16": 350, "b32": 300, "b64": 200},  # a top, then too large for a cache
        {"b8": 300, "b16": 280, "b32": 310},  # within noise
        {"b8": 300},
    ],
)
def test_speeds_that_grow_and_fall_once_contradict_nothing(steady):
    assert valleys(speeds(**steady)) == ()


def slowed(trials, size, factor):
    """The trials as if other work had slowed down one reading."""

    def slow(trial):
        read = tuple(
            replace(one, samples_per_second=one.samples_per_second * (factor if one.batch_size == size else 1))
            for one in trial.extras.speeds
        )
        return replace(trial, extras=replace(trial.extras, speeds=read))

    return tuple(slow(trial) for trial in trials)


def test_a_trial_that_times_sizes_times_those_again_that_contradict_each_other():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = search(problem, Machine(slope=300_000, noise_scale=1e6))
    first = next(at for at, trial in enumerate(trials) if len(trial.extras.speeds) > 2)
    middle = trials[first].extras.speeds[1].batch_size
    until = slowed(trials[: first + 1], middle, 0.1)
    while (request := next_trial(problem, until)) is not None and request.goal is not Goal.VERIFY:
        until = (*until, Machine(slope=300_000).run(request, len(until) + 1))
    if request is None:  # the search was over: nothing is timed again, and the page says what is odd
        assert any(f"{middle:,} is slower" in reason for reason in advise(problem, until).reasons)
    else:
        assert middle in request.speed_sizes


def test_a_speed_that_goes_on_contradicting_is_said_with_its_readings():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = search(problem, Machine(slope=300_000, noise_scale=1e6))
    timed = next(trial for trial in trials if len(trial.extras.speeds) > 2)
    middle = timed.extras.speeds[1].batch_size
    read = tuple(replace(one, readings=3 if one.batch_size == middle else 1) for one in timed.extras.speeds)
    trials = tuple(
        replace(trial, extras=TrialExtras(speeds=read, norms=trial.extras.norms)) if trial is timed else trial
        for trial in trials
    )
    assert not any("is slower" in reason for reason in advise(problem, trials).reasons)
    (said,) = [reason for reason in advise(problem, slowed(trials, middle, 0.1)).reasons if "is slower" in reason]
    assert said.startswith(f"{middle:,} is slower")
    assert "the best of 3 readings" in said


def test_a_size_that_was_timed_alone_is_timed_beside_others_too():
    trials = search(problem_of(samples=1_000_000, activation_bytes=100_000), Machine(slope=300_000, noise_scale=1e6))
    alone = trials[0].request.batch_size
    together = next(trial.request for trial in trials if len(trial.request.speed_sizes) > 2)
    assert alone != together.batch_size
    assert alone in together.speed_sizes
