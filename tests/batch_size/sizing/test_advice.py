from dataclasses import replace

import pytest

from sweeper.batch_size.sizing import SizeThresholds, advise, batch_axis
from sweeper.batch_size.sizing._throughput import soonest
from sweeper.batch_size.values import MemoryAdvice
from sweeper.noise import GradientNorms
from sweeper.thresholds import described
from sweeper.trial import Goal, Speed, TrialExtras
from tests.batch_size.sizing.machines import MB, Machine, facts_of, problem_of, search


def advice_for(machine, **more):
    given = {"samples": 1_000_000, "activation_bytes": 100_000} | more
    problem = problem_of(**given)
    return advise(problem, search(problem, machine))


def test_a_size_below_the_knee_is_recommended_where_noise_is_small():
    advice = advice_for(Machine(slope=300_000, half_speed_size=16, noise_scale=20.0))
    assert advice.noise_scale == pytest.approx(20)
    assert advice.recommended < advice.knee
    assert "The gradient noise scale is about 20 samples" in " ".join(advice.reasons)
    assert advice.reasons[-1].endswith("it fits, and larger ones reach the same loss no sooner.")


def test_the_knee_is_recommended_where_noise_is_large():
    advice = advice_for(Machine(slope=300_000, half_speed_size=16, noise_scale=1e6))
    assert advice.recommended == advice.knee


def test_a_machine_that_slows_down_with_the_batch_gets_a_small_one_however_large_the_noise():
    speeds = [Speed(batch_size=size, samples_per_second=7000 / size) for size in (8, 16, 32, 64)]
    assert soonest(speeds, 1e9) == 8


def test_without_noise_scale_or_speeds_nothing_is_said_of_the_soonest_end():
    speeds = [Speed(batch_size=size, samples_per_second=1.0) for size in (8, 16, 32)]
    assert soonest(speeds, None) is None
    assert soonest(speeds[:2], 10.0) is None


def test_what_fits_is_recommended_where_more_would_pay():
    advice = advice_for(Machine(slope=10 * MB, noise_scale=1e7, half_speed_size=1e5))
    assert advice.recommended == advice.largest_that_fits
    assert advice.reasons[-1].endswith("the largest that fits: memory decides.")


def test_the_bound_of_the_search_is_named_where_it_decides():
    advice = advice_for(Machine(slope=1_000, noise_scale=1e6), max_batch_size=64)
    assert advice.recommended == 64
    assert advice.bound == "--max-batch-size 64"
    assert advice.reasons[-1].endswith("the bound of the search decides.")
    assert "Larger sizes were not tried: --max-batch-size 64." in advice.reasons


def test_an_epoch_keeps_five_steps():
    advice = advice_for(Machine(slope=1_000, noise_scale=1e6), samples=1000)
    assert advice.largest_that_fits == 1000
    assert advice.recommended == 128
    assert "More than 200 of the 1,000 samples a step would leave an epoch fewer than 5 steps." in advice.reasons
    assert advice.reasons[-1] == "128 is recommended: the number of samples decides."


def test_the_scripts_own_size_is_not_cut_for_short_epochs():
    assert advice_for(Machine(slope=1_000, noise_scale=1e6), samples=100, batch_size=50).recommended == 50


def without(extras, **changes):
    return TrialExtras(**{"speeds": extras.speeds, "norms": extras.norms} | changes)


def test_without_a_noise_scale_the_scripts_own_size_stands_in():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000, batch_size=256)
    trials = search(problem, Machine(slope=300_000, half_speed_size=0.1))
    trials = [replace(trial, extras=without(trial.extras, norms=())) for trial in trials]
    advice = advise(problem, trials)
    assert (advice.noise_scale, advice.knee, advice.recommended) == (None, 8, 256)
    assert "could not be measured; the script's own 256 stands in for it" in " ".join(advice.reasons)
    assert advice.reasons[-1].endswith("the script's own size decides that larger ones pay no more.")


def test_without_any_extras_the_scripts_own_size_is_recommended():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = [replace(trial, extras=TrialExtras()) for trial in search(problem, Machine(slope=300_000))]
    advice = advise(problem, trials)
    assert advice.recommended == 32
    assert "Speed is left out: 0 sizes timed, and a knee takes 3." in advice.reasons


def test_the_best_of_several_readings_of_one_speed_counts():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = list(search(problem, Machine(slope=300_000)))
    slow = TrialExtras(speeds=tuple(Speed(batch_size=size, samples_per_second=1.0) for size in (8, 32, 128)))
    assert (
        advise(problem, [*trials[:-2], replace(trials[-2], extras=slow), trials[-1]]).knee
        == advise(problem, trials).knee
    )


def test_norms_of_two_trials_are_not_mixed():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = list(search(problem, Machine(slope=300_000, noise_scale=100.0)))
    other = TrialExtras(norms=(GradientNorms(batch_size=1, mean_square=1e9, batches=8),))
    trials[-2] = replace(trials[-2], extras=other)
    assert advise(problem, trials).noise_scale == pytest.approx(100)


def test_the_first_reason_says_what_the_largest_size_used():
    problem = problem_of(samples=None, activation_bytes=100_000)
    advice = advise(problem, search(problem, Machine(slope=300_000)))
    assert advice.reasons[0].startswith(f"{advice.largest_that_fits:,} is the largest size that was tried and fits: ")
    assert " of 4 GB and leaves 1" in advice.reasons[0]
    assert advice.bound == "memory"


def test_before_any_trial_there_is_no_advice():
    advice = advise(problem_of(), ())
    assert (advice.largest_that_fits, advice.recommended) == (None, None)
    assert advice.bound == "the search was stopped before any size had passed"


def axis(largest, **facts):
    advice = MemoryAdvice(
        largest_that_fits=largest, bound="memory", knee=None, noise_scale=None, recommended=largest, reasons=()
    )
    return batch_axis(advice, facts_of(**facts))


def test_the_axis_holds_powers_of_two_up_to_the_largest():
    assert axis(255) == (8, 16, 32, 64, 128)
    assert axis(256) == (8, 16, 32, 64, 128, 256)


def test_a_long_axis_holds_every_other_power():
    assert axis(1837) == (16, 32, 64, 256, 1024)
    assert axis(100_000, batch_size=64) == (64, 256, 1024, 4096, 16384, 65536)


def test_the_axis_holds_the_scripts_own_size_if_it_fits():
    assert axis(100, batch_size=50) == (8, 16, 32, 50, 64)
    assert axis(40, batch_size=50) == (8, 16, 32)


def test_an_axis_of_small_sizes_is_the_largest_one():
    assert axis(5) == (5,)
    assert axis(5, batch_size=2) == (2, 5)


def test_a_fixed_size_is_the_whole_axis():
    assert axis(50, batch_size=50, batch_size_fixed="its input has a batch dimension of 50") == (50,)


def test_where_nothing_fits_the_axis_is_empty():
    assert axis(None) == ()


def test_every_threshold_has_its_unit_and_reason():
    assert all(item.unit and item.reason for item in described(SizeThresholds()))


def test_a_size_that_was_timed_once_is_not_timed_again():
    machine = Machine(slope=100_000, square=3_000)
    problem = problem_of(activation_bytes=30_000)
    verified = [trial for trial in search(problem, machine) if trial.request.goal is Goal.VERIFY]
    assert len(verified) > 1
    first, *later = (set(trial.request.speed_sizes) - {trial.request.batch_size} for trial in verified)
    assert first
    assert not any(first & sizes for sizes in later)
    assert not any(trial.request.noise_sizes for trial in verified[1:] if verified[0].passed)


def test_a_search_that_was_stopped_does_not_say_that_memory_ends_it():
    problem = problem_of(samples=1_000_000, activation_bytes=100_000)
    trials = search(problem, Machine(slope=300_000))
    assert advise(problem, trials).bound == "memory"
    assert "the search was stopped" in advise(problem, trials[:1]).bound
    assert "before any size had passed" in advise(problem, ()).bound
