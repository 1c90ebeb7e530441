"""The search on machines named by what makes them hard."""

from dataclasses import replace

import pytest

from sweeper.batch_size.sizing import advise, error_of_script, next_trial
from sweeper.memory import MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.trial import Goal
from tests.batch_size.sizing.machines import GB, MB, Machine, main_of, problem_of, search, sizes_of


def failures_of(trials):
    return sum(not trial.passed for trial in trials)


def used(problem, machine, trials):
    """Part of the target that the largest size found uses."""
    return machine.peak(advise(problem, trials).largest_that_fits) / problem.target


EASY = {
    "cnn": (Machine(slope=860_000, freed=20 * MB, noise=5 * MB), {"activation_bytes": 440_000}),
    "lstm whose outputs tell little": (Machine(slope=400_000, noise=5 * MB), {"activation_bytes": 552}),
    "attention": (Machine(slope=5_100_000, noise=5 * MB), {"activation_bytes": 132_000}),
    "estimate far too high": (Machine(slope=50_000, noise=5 * MB), {"activation_bytes": 2_000_000}),
    "nothing known of the layers": (Machine(slope=500_000, noise=5 * MB), {}),
    "large optimizer state": (
        Machine(limit=3 * GB, fixed=1.4 * GB, slope=150_000, noise=5 * MB),
        {"activation_bytes": 48_000, "slot_bytes": 800 * MB, "gradient_bytes": 400 * MB},
    ),
    "bent in the batch": (Machine(slope=400_000, square=60, noise=5 * MB), {"activation_bytes": 100_000}),
    "flat at first": (Machine(slope=300_000, freed=200 * MB, noise=5 * MB), {"activation_bytes": 100_000}),
    "noisy": (Machine(slope=800_000, noise=30 * MB), {"activation_bytes": 300_000}),
    "a script that peaks as it starts": (Machine(slope=400_000, burst=600 * MB), {"activation_bytes": 100_000}),
    "a first step that takes more": (Machine(slope=400_000, first_step=0.15), {"activation_bytes": 100_000}),
}


@pytest.mark.parametrize("name", EASY)
def test_the_largest_size_is_found_in_five_trials_without_a_failure(name):
    machine, facts = EASY[name]
    problem = problem_of(limit=machine.limit, samples=1_000_000, **facts)
    trials = search(problem, machine)
    assert len(trials) <= 5
    assert failures_of(trials) == 0
    assert 0.9 <= used(problem, machine, trials) <= 1.01
    assert trials[-1].request.goal is Goal.VERIFY


def test_memory_that_is_quadratic_in_the_batch_costs_one_failure():
    machine = Machine(slope=200_000, square=400, noise=5 * MB)
    problem = problem_of(samples=1_000_000, activation_bytes=60_000)
    trials = search(problem, machine)
    assert len(trials) <= 5
    assert failures_of(trials) == 1
    assert used(problem, machine, trials) >= 0.9


def test_a_tiny_model_on_little_data_takes_two_trials():
    problem = problem_of(samples=1797, activation_bytes=550, sample_bytes=256)
    trials = search(problem, Machine(slope=2_000))
    assert sizes_of(trials) == [32, 1797]
    assert advise(problem, trials).bound == "the 1,797 samples that the script trains on"


def test_a_tiny_slope_on_a_million_samples_ends_at_the_samples():
    problem = problem_of(samples=1_000_000, activation_bytes=300, sample_bytes=100)
    trials = search(problem, Machine(slope=1_500, noise=5 * MB))
    assert advise(problem, trials).largest_that_fits == 1_000_000
    assert len(trials) <= 5


def test_a_step_on_an_estimate_alone_is_bounded():
    problem = problem_of(samples=1_000_000, activation_bytes=3_000)
    first, second, *_ = search(problem, Machine(slope=30_000))
    assert second.request.batch_size <= 32 * first.request.batch_size


def test_without_a_number_of_samples_sizes_end_somewhere_sensible():
    problem = problem_of(samples=None, activation_bytes=300, sample_bytes=100)
    advice = advise(problem, search(problem, Machine(slope=100.0)))
    assert advice.largest_that_fits == 65_536
    assert "unknown" in advice.bound


def test_the_option_may_go_beyond_that():
    problem = problem_of(samples=None, activation_bytes=300, sample_bytes=100, max_batch_size=200_000)
    advice = advise(problem, search(problem, Machine(slope=100.0)))
    assert (advice.largest_that_fits, advice.bound) == (200_000, "--max-batch-size 200000")


def test_no_trial_is_larger_than_the_option_says():
    problem = problem_of(max_batch_size=20, activation_bytes=300)
    trials = search(problem, Machine(slope=1_000.0))
    assert sizes_of(trials) == [20]
    assert trials[0].request.goal is Goal.VERIFY


def test_a_hundred_samples_are_the_largest_batch():
    problem = problem_of(samples=100, activation_bytes=20_000)
    assert sizes_of(search(problem, Machine(slope=60_000.0))) == [32, 100]


def test_fewer_samples_than_the_scripts_batch_are_one_trial():
    problem = problem_of(samples=10, batch_size=32)
    assert sizes_of(search(problem, Machine())) == [10]


def test_a_fixed_size_is_verified_and_nothing_else_is_tried():
    problem = problem_of(batch_size=50, batch_size_fixed="the model's input has a batch dimension of 50")
    trials = search(problem, Machine())
    assert [(trial.request.batch_size, trial.request.goal) for trial in trials] == [(50, Goal.VERIFY)]
    assert trials[0].request.noise_sizes == ()


def test_a_fixed_size_that_does_not_fit_ends_the_search():
    problem = problem_of(batch_size=50, batch_size_fixed="its input has a batch dimension of 50")
    trials = search(problem, Machine(slope=1 * GB))
    advice = advise(problem, trials)
    assert len(trials) == 1
    assert advice.largest_that_fits is None
    assert "batch size 50 (its input has a batch dimension of 50) did not pass" in advice.bound


def test_a_script_whose_own_size_does_not_fit_is_taken_down_and_up_again():
    machine = Machine(slope=10 * MB)
    problem = problem_of(batch_size=1024, samples=None, activation_bytes=10_000)
    trials = search(problem, machine)
    assert not trials[0].passed
    assert failures_of(trials) <= 2
    assert used(problem, machine, trials) >= 0.9


def test_a_first_size_that_is_estimated_to_take_too_much_is_not_tried():
    problem = problem_of(batch_size=1024, activation_bytes=2_000_000)
    assert next_trial(problem, ()).batch_size == 332


def test_where_nothing_fits_size_one_was_tried():
    problem = problem_of(batch_size=64)
    trials = search(problem, Machine(slope=8 * GB))
    assert sizes_of(trials)[-1] == 1
    advice = advise(problem, trials)
    assert (advice.largest_that_fits, advice.recommended) == (None, None)
    assert advice.bound == "even batch size 1 did not pass: ended by oom"


def test_a_first_trial_that_leaves_too_little_free_is_followed_by_smaller_ones():
    machine = Machine(slope=30 * MB, noise=5 * MB)
    problem = problem_of(batch_size=100)
    trials = search(problem, machine)
    assert machine.peak(100) > problem.target
    assert 0.9 <= used(problem, machine, trials) <= 1.0


def test_where_every_size_leaves_too_little_free_the_largest_that_passed_is_named_as_such():
    machine = Machine(start=3.7 * GB, slope=1 * MB)
    problem = problem_of(batch_size=32)
    advice = advise(problem, search(problem, machine))
    assert advice.largest_that_fits == 32
    assert advice.reasons[0].startswith("No size that passed leaves 10% of 4 GB free: 32 is the largest that passed")


def test_a_size_between_target_and_limit_is_followed_by_a_smaller_one():
    machine = Machine(slope=400_000, square=60)
    problem = problem_of(samples=None, activation_bytes=100_000)
    trials = search(problem, machine)
    largest = advise(problem, trials).largest_that_fits
    assert machine.peak(largest) <= problem.target


def test_an_error_is_run_again_at_half():
    machine = Machine(errors=(range(1, 10_000),))
    problem = problem_of()
    trials = search(problem, machine)
    assert [(trial.request.batch_size, trial.request.goal) for trial in trials] == [
        (32, Goal.MEASURE),
        (16, Goal.TRIAGE),
    ]
    assert error_of_script(trials) is trials[0]
    assert advise(problem, trials).largest_that_fits is None


@pytest.mark.parametrize("kind", [OutcomeKind.ERROR, OutcomeKind.CRASHED])
def test_an_error_whose_half_passes_was_for_memory(kind):
    machine = Machine(errors=(range(24, 10_000),), error_kind=kind)
    problem = problem_of()
    trials = search(problem, machine)
    assert error_of_script(trials) is None
    assert advise(problem, trials).largest_that_fits == 23


def test_an_error_above_a_size_that_passed_is_not_run_again():
    machine = Machine(memory_error_kind=OutcomeKind.CRASHED, slope=200_000, square=400)
    problem = problem_of(samples=20_000, activation_bytes=60_000)
    trials = search(problem, machine)
    assert any(trial.measured.kind is OutcomeKind.CRASHED for trial in trials)
    assert all(trial.request.goal is not Goal.TRIAGE for trial in trials)
    assert used(problem, machine, trials) >= 0.9
    assert any("ended without a word about memory" in reason for reason in advise(problem, trials).reasons)


def test_an_error_at_size_one_has_no_half():
    problem = problem_of(batch_size=1)
    trials = search(problem, Machine(errors=(range(1, 10_000),)))
    assert error_of_script(trials) is trials[0]
    assert len(trials) == 1


def test_an_error_at_a_fixed_size_has_no_half():
    problem = problem_of(batch_size=50, batch_size_fixed="its input has a batch dimension of 50")
    trials = search(problem, Machine(errors=(range(1, 10_000),)))
    assert error_of_script(trials) is trials[0]
    assert len(trials) == 1


def test_a_triage_that_runs_out_of_memory_explains_the_error():
    machine = Machine(slope=400 * MB, errors=(range(20, 100),))
    problem = problem_of(batch_size=32)
    trials = search(problem, machine)
    assert [trial.request.goal for trial in trials[:2]] == [Goal.MEASURE, Goal.TRIAGE]
    assert error_of_script(trials) is None
    assert machine.fits(advise(problem, trials).largest_that_fits)


def test_a_trial_that_ran_out_of_time_did_not_fit():
    machine = Machine(slope=10 * MB, memory_error_kind=OutcomeKind.TIMEOUT)
    problem = problem_of(batch_size=1024, samples=None)
    trials = search(problem, machine)
    assert trials[1].request.goal is Goal.MEASURE
    assert used(problem, machine, trials) >= 0.9


def test_only_the_jax_backend_compiles_sizes():
    assert next_trial(problem_of(backend="jax", samples=None), ()).compile_sizes == (32, 128, 512)
    assert next_trial(problem_of(backend="jax", samples=160), ()).compile_sizes == (10, 40, 160)
    assert next_trial(problem_of(), ()).compile_sizes == ()


def test_compiled_sizes_save_a_trial():
    facts = {"activation_bytes": 20_000, "sample_bytes": 4_000, "samples": 1_000_000}
    machine = Machine(slope=300_000, compiled=True)
    compiled = search(problem_of(backend="jax", **facts), machine)
    assert len(compiled) == 3
    assert len(search(problem_of(**facts), machine)) == 4


def test_a_verified_size_is_timed_at_powers_of_two_and_its_own():
    problem = problem_of(batch_size=48, samples=None, activation_bytes=100_000)
    *_, last = search(problem, Machine(slope=300_000))
    sizes = last.request.speed_sizes
    assert sizes[0] == 8
    assert {48, last.request.batch_size} <= set(sizes)
    assert len(sizes) <= 8
    assert max(sizes) == last.request.batch_size


def test_gradient_norms_are_measured_at_two_sizes():
    assert search(problem_of(batch_size=4, samples=4), Machine())[0].request.noise_sizes == (1, 4)
    assert search(problem_of(batch_size=1, samples=1), Machine())[0].request.noise_sizes == ()
    assert search(problem_of(samples=5_000), Machine(slope=100.0))[-1].request.noise_sizes == (32, 512)


def test_an_accelerators_memory_is_less_noisy_so_its_prediction_is_closer():
    facts = {"samples": None, "activation_bytes": 100_000}
    machine = Machine(start=100 * MB, slope=400_000)
    shares = [
        used(problem := problem_of(kind=kind, **facts), machine, search(problem, machine))
        for kind in (MemoryKind.DEVICE, MemoryKind.HOST)
    ]
    assert shares[0] > shares[1] > 0.95


def test_without_headroom_the_whole_limit_may_be_used():
    machine = Machine(slope=400_000)
    problem = problem_of(headroom=0.0, samples=None, activation_bytes=100_000)
    assert used(problem, machine, search(problem, machine)) > 0.95


def test_a_search_that_was_cut_off_goes_on_as_it_would_have():
    machine, facts = EASY["bent in the batch"]
    problem = problem_of(samples=1_000_000, effective_batch=8192, precision="mixed_bfloat16", **facts)
    trials = search(problem, machine)
    for done in range(len(trials)):
        assert next_trial(problem, list(trials[:done])) == trials[done].request


def test_later_goals_do_not_open_the_search_again():
    problem = problem_of(samples=1_000_000, effective_batch=100, precision="mixed_bfloat16", activation_bytes=100_000)
    trials = search(problem, Machine(slope=300_000, noise=5 * MB))
    goals = [trial.request.goal for trial in trials]
    assert goals[-3:] == [Goal.VERIFY, Goal.ACCUMULATE, Goal.PRECISION]
    assert len(main_of(trials)) == len(trials) - 2


def test_a_failure_below_a_size_that_passed_does_not_hide_it():
    problem = problem_of(samples=100)
    machine = Machine(slope=1_000)
    passed = machine.run(next_trial(problem, ()), 1)
    failed = replace(
        passed, number=2, request=replace(passed.request, batch_size=16), measured=replace(passed.measured, kind="oom")
    )
    assert next_trial(problem, (passed, failed)).batch_size > 32
