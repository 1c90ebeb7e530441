"""What a person may wish for beside the largest size: an effective batch, other memory, another precision."""

from dataclasses import replace

import pytest

from sweeper.batch_size.sizing import advise, next_trial, precision_comparison
from sweeper.trial import Goal
from tests.batch_size.sizing.machines import GB, MB, Machine, problem_of, search

# 64 ends soonest, 128 is the knee, and about 270 fit.
MACHINE = Machine(slope=10 * MB, half_speed_size=8, noise_scale=1000.0)


def asked(machine=MACHINE, **more):
    given = {"samples": 1_000_000, "activation_bytes": 3_000_000} | more
    problem = problem_of(**given)
    trials = search(problem, machine)
    return problem, trials, advise(problem, trials)


def goals_of(trials, goal):
    return [(trial.request.batch_size, trial.request.accumulation) for trial in trials if trial.request.goal is goal]


def test_an_effective_batch_that_was_timed_needs_no_trial():
    _, trials, advice = asked(effective_batch=64)
    assert advice.recommended == 64
    assert goals_of(trials, Goal.ACCUMULATE) == []
    accumulation = advice.accumulation
    assert (accumulation.batch_size, accumulation.steps, accumulation.tried) == (64, 1, True)
    assert accumulation.sentence == "An effective batch of 64 needs no accumulation: `batch_size=64`."


def test_an_effective_batch_that_fits_is_tried_as_it_is():
    _, trials, advice = asked(effective_batch=100)
    assert goals_of(trials, Goal.ACCUMULATE) == [(100, 1)]
    assert (advice.accumulation.batch_size, advice.accumulation.tried) == (100, True)


def test_a_larger_effective_batch_is_split_evenly_and_tried():
    _, trials, advice = asked(effective_batch=1024)
    assert goals_of(trials, Goal.ACCUMULATE) == [(128, 8)]
    assert advice.accumulation.tried
    assert advice.accumulation.sentence == (
        "An effective batch of 1,024 takes 8 steps of 128: "
        "`optimizer=keras.optimizers.Adam(..., gradient_accumulation_steps=8)` and `batch_size=128`."
    )


def test_an_effective_batch_without_a_good_divisor_is_nearly_reached():
    _, _, advice = asked(effective_batch=1009)
    accumulation = advice.accumulation
    assert (accumulation.batch_size, accumulation.steps, accumulation.effective_batch) == (126, 8, 1008)
    assert "1,009 itself cannot be made of equal batches" in accumulation.sentence


def test_the_scripts_own_optimizer_class_is_named_as_it_is():
    _, _, advice = asked(effective_batch=1024, optimizer="MyAdam")
    assert "`optimizer=MyAdam(..., gradient_accumulation_steps=8)`" in advice.accumulation.sentence


def test_an_accumulation_that_fails_is_tried_once_more_with_smaller_batches():
    problem, trials, _ = asked(effective_batch=1024)
    before = list(trials[:-1])
    failing = Machine(limit=1)
    for number in range(2):
        before.append(failing.run(next_trial(problem, before), 100 + number))
    assert goals_of(before, Goal.ACCUMULATE) == [(128, 8), (64, 16)]
    assert next_trial(problem, before) is None
    accumulation = advise(problem, before).accumulation
    assert (accumulation.batch_size, accumulation.tried) == (32, False)
    assert "This was not tried, after a larger one failed: ended by oom." in accumulation.sentence


def test_a_fixed_size_is_accumulated_as_it_is():
    _, trials, advice = asked(effective_batch=200, batch_size=50, batch_size_fixed="its input has 50 rows")
    assert goals_of(trials, Goal.ACCUMULATE) == [(50, 4)]
    assert (advice.accumulation.effective_batch, advice.accumulation.tried) == (200, True)


def test_where_nothing_fits_nothing_is_accumulated():
    _, _, advice = asked(Machine(slope=8 * GB), effective_batch=1024)
    assert advice.accumulation is None


def test_without_a_wish_there_is_no_accumulation():
    assert asked()[2].accumulation is None


def test_other_memory_is_predicted_not_tried():
    _, trials, advice = asked(other_limits=(24 * GB, 500 * MB))
    more, less = advice.elsewhere
    assert more.batch_size == pytest.approx(MACHINE.largest(0.9 * 24 * GB, 10**6), rel=0.05)
    assert more.batch_size not in {trial.request.batch_size for trial in trials}
    assert f"In 24 GB, with 10% of it free, the largest size is predicted to be {more.batch_size:,}." in more.sentence
    assert "predicted, not tried" in more.sentence
    assert less.batch_size is None
    assert "not even one sample" in less.sentence


def test_other_memory_is_bounded_by_the_samples_too():
    _, _, advice = asked(other_limits=(800 * GB,), samples=500)
    assert advice.elsewhere[0].batch_size == 500
    assert "(the 500 samples that the script trains on)" in advice.elsewhere[0].sentence


def test_one_measured_size_predicts_nothing_but_itself():
    limits = (24 * GB, 500 * MB)
    _, _, advice = asked(other_limits=limits, batch_size=50, batch_size_fixed="its input has 50 rows")
    assert [item.batch_size for item in advice.elsewhere] == [50, None]
    assert "the one size that was measured, fits if" in advice.elsewhere[0].sentence


def test_where_nothing_fits_nothing_is_predicted():
    assert asked(Machine(slope=8 * GB), other_limits=(24 * GB,))[2].elsewhere == ()


def comparison(problem, trials, **more):
    return precision_comparison(problem, trials, **{"verdicts_same": 0, "verdicts_compared": 0} | more)


def at_half(problem, trials):
    """Trials of one search, the last of them on a machine where another precision takes half."""
    half = Machine(slope=MACHINE.slope / 2, best_speed=2 * MACHINE.best_speed, half_speed_size=MACHINE.half_speed_size)
    return [*trials[:-1], half.run(trials[-1].request, trials[-1].number)]


def test_another_precision_is_compared_at_the_recommended_size():
    problem, trials, advice = asked(precision="mixed_bfloat16")
    assert trials[-1].request.precision == "mixed_bfloat16"
    found = comparison(problem, at_half(problem, trials), verdicts_same=3, verdicts_compared=4)
    assert found.batch_size == advice.recommended == 64
    assert found.peak_bytes < found.own_peak_bytes
    assert found.samples_per_second == pytest.approx(2 * found.own_samples_per_second)
    assert found.sentence == (
        "mixed_bfloat16 at batch size 64 used 1.18 GB instead of 1.5 GB (by the fit), 79% of it. "
        "It ran at 17,778 instead of 8,889 samples/s, 2 times as fast. 3 of 4 rates got the same verdict."
    )


def test_a_precision_that_fails_is_said_to():
    problem, trials, _ = asked(precision="mixed_float16")
    failed = Machine(limit=1).run(trials[-1].request, trials[-1].number)
    found = comparison(problem, [*trials[:-1], failed])
    assert found.peak_bytes is None
    assert found.sentence == "mixed_float16 at batch size 64 did not pass: ended by oom."


def test_a_precision_is_compared_with_the_one_size_that_was_measured():
    problem, trials, _ = asked(precision="mixed_float16", samples=32)
    assert trials[-1].request.batch_size == 32
    assert "(by the fit)" not in comparison(problem, trials).sentence


def test_speeds_that_are_missing_are_said_to_be():
    problem, trials, _ = asked(precision="mixed_float16")
    bare = replace(trials[-1], extras=replace(trials[-1].extras, speeds=()))
    assert "Its speed was not measured at both." in comparison(problem, [*trials[:-1], bare]).sentence


def test_without_a_precision_there_is_no_comparison():
    problem, trials, _ = asked()
    assert comparison(problem, trials) is None
