"""What holds for the search on any machine, and how it does on many."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.batch_size.sizing import (
    advise,
    error_of_script,
    fit_memory,
    next_trial,
    peak_at,
    precision_comparison,
    upper_peak_at,
)
from sweeper.memory import MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.trial import Goal
from tests.batch_size.sizing.machines import GB, MB, Machine, main_of, problem_of, search, sizes_of

MOST_TRIALS = 8

machines = st.builds(
    Machine,
    limit=st.floats(1 * GB, 24 * GB),
    start=st.floats(10 * MB, 2 * GB),
    fixed=st.floats(10 * MB, 1 * GB),
    slope=st.floats(2, 8).map(lambda power: 10**power),
    square=st.one_of(st.just(0.0), st.floats(-3, 4).map(lambda power: 10**power)),
    freed=st.one_of(st.just(0.0), st.floats(0, 300 * MB)),
    burst=st.floats(0, 500 * MB),
    first_step=st.floats(0, 0.3),
    noise=st.floats(0, 30 * MB),
    seed=st.integers(0, 1000),
    memory_error_kind=st.sampled_from([OutcomeKind.OOM, OutcomeKind.CRASHED, OutcomeKind.TIMEOUT, OutcomeKind.ERROR]),
    compiled=st.booleans(),
)


@st.composite
def problems(draw, machine=None):
    return problem_of(
        limit=machine.limit if machine else draw(st.floats(1 * GB, 24 * GB)),
        headroom=draw(st.sampled_from([0.0, 0.1, 0.15, 0.5])),
        kind=draw(st.sampled_from(MemoryKind)),
        batch_size=draw(st.integers(1, 1024)),
        batch_size_fixed=draw(st.sampled_from(["", "", "", "its input has a fixed batch dimension"])),
        samples=draw(st.one_of(st.none(), st.integers(1, 1_000_000))),
        activation_bytes=draw(st.one_of(st.just(0), st.integers(10, 10_000_000))),
        sample_bytes=draw(st.integers(1, 1_000_000)),
        backend=draw(st.sampled_from(["tensorflow", "jax"])),
        max_batch_size=draw(st.one_of(st.none(), st.integers(1, 100_000))),
        effective_batch=draw(st.one_of(st.none(), st.integers(1, 100_000))),
        other_limits=draw(st.sampled_from([(), (2 * GB, 80 * GB)])),
        precision=draw(st.sampled_from([None, "mixed_float16"])),
    )


@settings(deadline=None)
@given(st.data())
def test_what_is_found_was_tried_and_fits(data):
    machine = data.draw(machines)
    problem = data.draw(problems(machine))
    trials = search(problem, machine)
    advice = advise(problem, trials)
    failed = {trial.request.batch_size for trial in main_of(trials) if not trial.passed}
    passed = {trial.request.batch_size for trial in main_of(trials) if trial.passed} - failed
    assert len(main_of(trials)) <= MOST_TRIALS
    if advice.largest_that_fits is None:
        assert advice.recommended is None
        # At the limit noise decides: what passed once above a size that failed is no size that fits.
        assert all(size > min(failed) for size in passed)
        assert min(sizes_of(trials)) == problem.least or error_of_script(trials) is not None
        return
    assert advice.largest_that_fits in passed
    assert machine.steady(advice.largest_that_fits) <= machine.limit + 5 * machine.noise
    timed = {speed.batch_size for trial in trials if trial.passed for speed in trial.extras.speeds}
    assert advice.recommended in passed | timed
    assert advice.recommended <= advice.largest_that_fits


@settings(deadline=None)
@given(st.data())
def test_the_headroom_is_left_free_where_any_size_that_passed_does(data):
    machine = replace(data.draw(machines), noise=0.0)
    problem = data.draw(problems(machine))
    trials = search(problem, machine)
    largest = advise(problem, trials).largest_that_fits
    well = [size for size in sizes_of([t for t in main_of(trials) if t.passed]) if machine.peak(size) <= problem.target]
    if well:
        assert largest == max(well)


@settings(deadline=None)
@given(st.data())
def test_every_request_can_be_run(data):
    machine = data.draw(machines)
    problem = data.draw(problems(machine))
    trials = search(problem, machine)
    for trial in trials:
        request = trial.request
        assert problem.least <= request.batch_size <= problem.most
        assert all(1 <= size <= request.batch_size for size in (*request.speed_sizes, *request.noise_sizes))
        assert len(request.noise_sizes) in {0, 2}
        assert len(set(request.speed_sizes)) == len(request.speed_sizes) <= 8
        assert all(1 <= size <= problem.most for size in request.compile_sizes)


@settings(deadline=None)
@given(st.data())
def test_the_next_trial_depends_on_the_trials_alone(data):
    machine = data.draw(machines)
    problem = data.draw(problems(machine))
    trials = search(problem, machine)
    for done in range(len(trials)):
        assert next_trial(problem, list(trials[:done])) == trials[done].request
    assert next_trial(problem, trials) is None


@settings(deadline=None)
@given(st.data())
def test_a_search_ends_whatever_its_trials_do(data):
    problem = data.draw(problems())
    random_of = random.Random(data.draw(st.integers(0, 10**6)))
    trials = []
    while (request := next_trial(problem, trials)) is not None:
        kind = random_of.choice([*OutcomeKind, *[OutcomeKind.COMPLETED] * 4])
        trial = Machine(limit=100 * problem.limit.limit_bytes).run(request, len(trials) + 1)
        start, steady, peak = sorted(random_of.randrange(problem.limit.limit_bytes) for _ in range(3))
        numbers = {"start_bytes": start, "steady_peak_bytes": steady, "peak_bytes": peak}
        trials.append(replace(trial, measured=replace(trial.measured, kind=kind, **numbers)))
        assert len(main_of(trials)) <= MOST_TRIALS
        assert len(trials) <= MOST_TRIALS + 3
        advise(problem, trials)
    fit = fit_memory(problem, trials)
    if fit is not None:
        assert upper_peak_at(fit, 100) >= peak_at(fit, 100)
    precision_comparison(problem, trials, verdicts_same=1, verdicts_compared=2)


def plain(chance):
    """A machine as they are, and the facts that would be known of the job on it."""
    on_device = chance.random() < 0.25
    start = (10 ** chance.uniform(-2, 0) if on_device else chance.uniform(0.45, 1.6)) * GB
    limit = max(chance.choice([1.5, 2, 3, 4, 6, 8, 12, 16, 24]) * GB, 1.5 * start)
    activations, sample = 10 ** chance.uniform(2.5, 6.7), 10 ** chance.uniform(1.5, 6)
    slope = activations * 10 ** chance.uniform(0.3, 1.6) + 2 * sample
    machine = Machine(
        limit=limit,
        start=start,
        fixed=chance.uniform(20, 100) * MB,
        slope=slope,
        noise=chance.uniform(2, 12) * MB,
        seed=chance.randrange(1000),
    )
    problem = problem_of(
        limit=limit,
        kind=MemoryKind.DEVICE if on_device else MemoryKind.HOST,
        batch_size=chance.choice([8, 16, 32, 64, 128, 256, 512]),
        samples=chance.choice([None, 1_000, 20_000, 60_000, 1_000_000]),
        sample_bytes=int(sample),
        activation_bytes=chance.choice([0, *[int(activations)] * 9]),
    )
    return problem, machine


def large_state(chance):
    problem, machine = plain(chance)
    slots = chance.uniform(0.2, 0.45) * (machine.limit - machine.start)
    facts = replace(problem.facts, slot_bytes=int(slots), gradient_bytes=int(slots / 2), weight_bytes=int(slots / 2))
    return replace(problem, facts=facts), replace(machine, fixed=machine.fixed + 1.5 * slots)


def changed(**change):
    def make(chance):
        problem, machine = plain(chance)
        return problem, replace(machine, **{name: value(chance, machine) for name, value in change.items()})

    return make


FAMILIES = {
    "plain": plain,
    "large state": large_state,
    "flat at first": changed(freed=lambda chance, _: chance.uniform(0, 200) * MB),
    "noisy": changed(noise=lambda _, __: 30 * MB),
    "peaks as it starts": changed(burst=lambda chance, _: chance.uniform(50, 500) * MB),
    "peaks in the first step": changed(first_step=lambda chance, _: chance.uniform(0, 0.15)),
    "bent": changed(
        square=lambda chance, it: chance.uniform(0, 0.5) * it.slope / max(1, it.largest(0.9 * it.limit, 10**7))
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_most_searches_take_five_trials_one_failure_and_use_nine_tenths(family):
    runs, quick, unhurt, full = 100, 0, 0, 0
    chance = random.Random(family)
    for _ in range(runs):
        problem, machine = FAMILIES[family](chance)
        trials = search(problem, machine)
        largest = advise(problem, trials).largest_that_fits
        assert largest <= machine.largest(machine.limit, problem.most)
        quick += len(trials) <= 5
        unhurt += sum(not trial.passed for trial in trials) <= 1
        full += largest == problem.most or machine.peak(largest) >= 0.9 * problem.target
    assert quick >= 0.9 * runs
    assert unhurt >= 0.95 * runs
    assert full >= 0.97 * runs


def test_the_last_trial_of_a_search_verifies():
    chance = random.Random(0)
    for _ in range(50):
        problem, machine = plain(chance)
        trials = search(problem, machine)
        largest = advise(problem, trials).largest_that_fits
        assert any(t.request.batch_size == largest and t.request.goal is Goal.VERIFY and t.passed for t in trials)
