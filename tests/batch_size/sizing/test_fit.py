import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.batch_size.sizing import fit_memory, largest_within, peak_at, upper_peak_at
from sweeper.memory import MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.trial import CompiledSize, Goal, TrialExtras, TrialRequest
from tests.batch_size.sizing.machines import GB, MB, Machine, problem_of


def trials_at(machine, *sizes, goal=Goal.MEASURE):
    return [machine.run(TrialRequest(batch_size=size, goal=goal), i) for i, size in enumerate(sizes, start=1)]


def fit_at(machine, *sizes, **more):
    return fit_memory(problem_of(**more), trials_at(machine, *sizes))


def test_points_on_a_line_give_that_line():
    machine = Machine(slope=500_000)
    fit = fit_at(machine, 32, 500, 3000)
    assert fit.bytes_per_sample == pytest.approx(500_000)
    assert fit.base_bytes == pytest.approx(machine.start + machine.fixed)
    assert (fit.curved, fit.source) == (False, "measured")
    assert [point.batch_size for point in fit.points] == [32, 500, 3000]


def test_the_spread_is_at_least_the_noise_of_the_memory():
    assert fit_at(Machine(), 32, 500, 3000).spread_bytes == 10 * MB
    assert fit_at(Machine(), 32, 500, 3000, kind=MemoryKind.DEVICE).spread_bytes == 1 * MB


def test_points_that_scatter_have_a_larger_spread():
    assert fit_at(Machine(noise=20 * MB, seed=4), 32, 500, 1500, 3000).spread_bytes > 10 * MB


def test_one_point_is_no_line():
    assert fit_at(Machine(), 32) is None
    assert fit_memory(problem_of(), ()) is None


def test_a_flat_beginning_is_curved_and_left_out_of_the_line():
    machine = Machine(slope=500_000, freed=600 * MB)
    fit = fit_at(machine, 32, 2000, 4000)
    assert fit.curved
    assert fit.bytes_per_sample == pytest.approx(500_000)
    assert peak_at(fit, 5000) == pytest.approx(machine.steady(5000))


def test_memory_that_grows_less_at_the_top_is_scatter_and_not_a_bend():
    peaks = {32: 950, 387: 1219, 835: 1699, 1072: 1827, 1166: 1718}
    machines = [(size, Machine(start=0, fixed=peak * MB, slope=0)) for size, peak in peaks.items()]
    fit = fit_memory(problem_of(), [trial for size, machine in machines for trial in trials_at(machine, size)])
    assert not fit.curved
    assert 1100 < largest_within(fit, 2070 * MB, None) < 1400


def test_predictions_below_a_curved_fits_line_follow_the_points():
    machine = Machine(slope=500_000, freed=600 * MB)
    fit = fit_at(machine, 32, 1000, 2000, 4000)
    assert peak_at(fit, 100) == pytest.approx(machine.steady(100))


def test_predictions_above_a_curved_fits_line_follow_the_bend():
    machine = Machine(slope=100_000, square=200)
    fit = fit_at(machine, 32, 1500, 3000)
    assert fit.curved
    assert peak_at(fit, 4000) < machine.steady(4000) < upper_peak_at(fit, 4000)


def test_two_sizes_that_are_close_do_not_make_the_slope_of_a_curved_fit():
    machine = Machine(slope=500_000, freed=600 * MB, noise=10 * MB, seed=3)
    fit = fit_at(machine, 32, 2000, 3990, 4000)
    assert fit.curved
    assert fit.bytes_per_sample == pytest.approx(500_000, rel=0.1)


def test_memory_that_does_not_grow_has_no_negative_slope():
    fit = fit_at(Machine(slope=0.0, noise=30 * MB, seed=2), 32, 64, 128, 256)
    assert fit.bytes_per_sample >= 0


def test_failures_and_other_goals_are_no_points():
    machine, failing = Machine(slope=500_000), Machine(limit=1 * GB, slope=500_000)
    trials = trials_at(machine, 32, 500) + trials_at(failing, 3000) + trials_at(machine, 100, goal=Goal.ACCUMULATE)
    assert trials[2].measured.kind is OutcomeKind.OOM
    assert [point.batch_size for point in fit_memory(problem_of(), trials).points] == [32, 500]


def compiled_fit(**more):
    machine = Machine(slope=500_000)
    (trial,) = trials_at(machine, 32)
    sizes = tuple(CompiledSize(batch_size=size, step_bytes=int(500_000 * size)) for size in (32, 128, 512))
    trial = type(trial)(
        number=1,
        request=trial.request,
        measured=trial.measured,
        extras=TrialExtras(compiled=sizes),
        seconds=1.0,
    )
    problem = problem_of(backend="jax", sample_bytes=1000, **more)
    return fit_memory(problem, [trial]), fit_memory(problem, [trial, *trials_at(Machine(slope=400_000), 500)])


def test_the_compiler_gives_the_slope_and_one_trial_the_base():
    fit, _ = compiled_fit(kind=MemoryKind.DEVICE)
    assert (fit.source, fit.curved) == ("compiled", False)
    assert peak_at(fit, 32) == pytest.approx(Machine(slope=500_000).steady(32))
    assert fit.bytes_per_sample == pytest.approx(500_000)


def test_on_the_host_copies_of_the_batch_are_added_to_what_the_compiler_tells():
    fit, _ = compiled_fit()
    assert fit.bytes_per_sample == pytest.approx(503_000)


def test_a_second_measured_point_replaces_the_compilers():
    _, fit = compiled_fit()
    assert (fit.source, len(fit.points)) == ("measured", 2)


@given(
    slope=st.floats(1e2, 1e7), square=st.floats(0, 100), seed=st.integers(0, 99), amount=st.floats(0.9 * GB, 30 * GB)
)
def test_the_largest_size_within_an_amount_is_within_it_and_the_next_is_not(slope, square, seed, amount):
    fit = fit_at(Machine(limit=1e15, slope=slope, square=square, noise=5 * MB, seed=seed), 16, 200, 900)
    size = largest_within(fit, amount, 1_000_000)
    if size is None:
        assert upper_peak_at(fit, 1) > amount
        return
    assert upper_peak_at(fit, size) <= amount
    assert size == 1_000_000 or upper_peak_at(fit, size + 1) > amount


def test_the_largest_size_is_bounded_where_the_data_are():
    fit = fit_at(Machine(slope=1_000), 32, 500, 3000)
    assert largest_within(fit, 4 * GB, 5000) == 5000
    assert largest_within(fit, 4 * GB, None) > 100_000
    assert largest_within(fit, 0.5 * GB, 5000) is None


def test_a_bound_below_the_points_of_the_fit_is_kept():
    fit = fit_at(Machine(slope=500_000), 32, 500, 3000)
    assert largest_within(fit, 1 * GB, 100) == 100
    assert largest_within(fit, 0.93 * GB, 100) < 100
