import json
import math

import pytest
from benchmark_parts import boundary, figures, grid, words


def trial(seconds, *, steps=10, ended=0.0, optimizer="script", size=16, rate=0.1, **more):
    cell = {"optimizer": optimizer, "batch_size": size, "learning_rate": rate}
    return cell | {"seconds": seconds, "steps": steps, "ended": ended} | more


def told(*trials, **more):
    return {"began": 0.0, "ready": 10.0, "exited": 40.0, "trials": list(trials), "peak_mib": 900.0} | more


@pytest.mark.parametrize("name", grid.GRIDS)
def test_every_grid_has_its_job_and_survives_the_way_to_a_process(name):
    one = grid.GRIDS[name]
    assert one.script.is_file()
    assert grid.load(one.dump()) == one
    assert len(list(one.cells())) == one.probes


def test_the_digits_mlp_is_the_bar_of_54_probes_of_200_steps():
    assert (grid.GRIDS["mlp"].probes, grid.GRIDS["mlp"].steps) == (54, 200)


def test_a_number_of_probes_becomes_a_number_of_rates():
    assert grid.sized(grid.GRIDS["mlp"], probes=27, steps=50).probes == 27
    assert grid.sized(grid.GRIDS["mlp"], probes=1, steps=None).probes == 9


def test_the_lattice_has_both_ends_and_six_digits():
    rates = grid.lattice(1e-5, 10.0, 0.1)
    assert (len(rates), rates[0], rates[1], rates[-1]) == (61, 1e-5, 1.25893e-5, 10.0)


def test_start_up_is_no_part_of_a_probe_unless_it_is_said():
    found = figures.costs(told(trial(1.0, ended=15.0), trial(1.0, ended=20.0)))
    assert found == {"start_s": 10.0, "probe_s": 5.0, "probe_with_start_s": 20.0, "first_s": 15.0, "map_s": 40.0}


def test_a_trial_that_traces_and_one_that_ended_early_do_not_say_how_fast_steps_are():
    trials = [trial(5.0), trial(1.0), trial(0.2, steps=2, planned_steps=10)]
    assert figures.step_seconds(trials) == {("script", 16): 0.1}


def test_ratios_are_of_speeds_and_ascend():
    ours, theirs = {("a", 1): 0.2, ("b", 1): 0.1}, {("a", 1): 0.1, ("b", 1): 0.1, ("c", 1): 9.0}
    assert figures.speed_ratios(ours, theirs) == [0.5, 1.0]


def test_overhead_is_what_lies_between_probes():
    trials = [trial(1.0, ended=11.0), trial(1.0, ended=12.5), trial(1.0, ended=14.0)]
    assert figures.overhead_seconds(told(*trials)) == 0.5
    assert figures.overhead_seconds(told(trials[0])) is None


def curve(rate):
    return [2.3 * math.exp(min(rate, 0.2) * -0.2 * step) + 0.001 * math.sin(7 * step) for step in range(200)]


def test_verdicts_are_compared_with_those_of_the_reference_curves():
    cells = [trial(1.0, optimizer="sgd", rate=0.0), trial(1.0, rate=0.1), trial(1.0, rate=0.2)]
    reference = told(*(one | {"losses": curve(one["learning_rate"])} for one in cells), samples=1000)
    ours = told(trial(1.0, rate=0.1, verdict="healthy"), trial(1.0, rate=0.2, verdict="diverged"), constant_loss=None)
    assert figures.agreement(ours, reference) == {"alike": 1, "of": 2, "apart": {"diverged / healthy": 1}}


def test_a_contender_that_failed_is_named_and_leaves_the_others():
    runs = {
        "sweeper": [told(trial(0.5, ended=11.0))],
        "keras-tuner": [told(trial(0.5, ended=30.0))],
        "graph-xla": [told(given_up="9 times slower than without XLA")],
        "optuna": [{"began": 0.0, "exited": 1.0, "failed": "no memory"}],
    }
    found = figures.compared(runs)
    assert found["failed"] == {"graph-xla": "9 times slower than without XLA", "optuna": "no memory"}
    assert json.loads(json.dumps(found)) == found
    text = words.section(grid.GRIDS["mlp"], found)
    assert "20.0 times faster than KerasTuner GridSearch" in text
    assert "Optuna GridSampler around fit: no memory." in text


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        (0.1, 0.125893, True),
        (0.1, 0.158489, False),
        (None, None, True),
        (None, 0.1, False),
        (0.1, None, False),
        (50.0, None, True),
        (1e-6, None, True),
    ],
)
def test_edges_are_the_same_within_one_step_and_beyond_the_grid(ours, theirs, alike):
    assert boundary.same_edge(ours, theirs, resolution=0.1, last=(1e-5, 10.0)) is alike
