from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.errors import UsageError
from sweeper.job import OptimizerInfo
from sweeper.settings import SCRIPT_BATCH_SIZE, Length, RateRange, Search
from sweeper.space import OptimizerChoice
from sweeper.sweep._axes import estimated_seconds, expected_probes, make_space
from tests.sweep.made import job, settings

SCRIPTS_OWN = OptimizerChoice(label="script", name="script")
WARM = OptimizerChoice(label="script(warmup=40)", name="script", warmup_steps=40)
CLIPPED = OptimizerChoice(label="script(clipnorm=1.0)", name="script", options=(("clipnorm", 1.0),))
SGD = OptimizerChoice(label="sgd", name="sgd")


def space_of(job_info=None, **asked):
    return make_space(settings(**asked), job_info or job())


def labels(space):
    return [choice.label for choice in space.optimizers]


def test_without_options_the_map_has_useful_axes():
    space, _ = space_of()
    assert labels(space) == ["script", "sgd", "momentum"]
    assert space.batch_sizes == (8, 32, 128)
    assert space.seeds == (0, 1, 2)
    assert space.steps == (40, 40, 40)
    assert (space.learning_rates, space.resolution) == ((1e-5, 10.0), 0.1)


def test_rates_that_are_listed_are_tried_as_they_are():
    space, _ = space_of(learning_rates=(1e-3, 0.02, 0.5))
    assert (space.learning_rates, space.resolution, space.seeds) == ((1e-3, 0.02, 0.5), None, (0,))


def test_a_range_is_searched_with_further_seeds_at_hand():
    space, _ = space_of(learning_rates=RateRange(low=1e-4, high=1.0), resolution=0.2)
    assert (space.learning_rates, space.resolution, space.seeds) == ((1e-4, 1.0), 0.2, (0, 1, 2))
    assert space_of(seeds=1)[0].seeds == (0,)


def test_the_ends_of_listed_rates_are_the_range_of_a_search_that_is_asked_for():
    assert space_of(learning_rates=(1e-3, 0.02, 0.5), search=Search.BOUNDARY)[0].learning_rates == (1e-3, 0.5)
    with pytest.raises(UsageError, match="one rate is no range"):
        space_of(learning_rates=(1e-3,), search=Search.BOUNDARY)


def test_a_grid_between_two_ends_has_two_rates_a_decade():
    space, _ = space_of(learning_rates=RateRange(low=1e-3, high=0.1), search=Search.GRID)
    assert space.learning_rates == (1e-3, 0.00316228, 0.01, 0.0316228, 0.1)


def test_the_scripts_own_rate_is_on_its_map():
    assert 0.002 in space_of(search=Search.GRID)[0].learning_rates


def test_a_rate_close_to_one_of_the_axis_is_not_doubled():
    close = job(optimizer=OptimizerInfo(name="Adam", learning_rate=0.00101))
    assert len(space_of(close, search=Search.GRID)[0].learning_rates) == 13


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (OptimizerInfo(name="SGD", learning_rate=0.1, settings=(("momentum", 0.0),)), ["momentum", "adam"]),
        (OptimizerInfo(name="SGD", learning_rate=0.1, settings=(("momentum", 0.9),)), ["sgd", "adam"]),
        (OptimizerInfo(name="Lion", learning_rate=0.1), ["sgd", "momentum", "adam"]),
    ],
)
def test_the_scripts_own_optimizer_is_not_probed_twice(own, others):
    assert labels(space_of(job(optimizer=own))[0]) == ["script", *others]


def test_an_optimizer_that_cannot_be_replaced_stays_alone_and_the_report_says_why():
    fixed = job(optimizer=OptimizerInfo(name="Adam + Adam", learning_rate=0.1, only="train_step uses two optimizers"))
    space, noted = space_of(fixed)
    assert labels(space) == ["script"]
    assert noted.changes[-1].detail.endswith("train_step uses two optimizers")
    with pytest.raises(UsageError, match="train_step uses two optimizers"):
        space_of(fixed, optimizers=(OptimizerChoice(label="sgd", name="sgd"),))


def test_an_optimizer_that_cannot_be_replaced_can_warm_up_but_not_clip():
    fixed = job(optimizer=OptimizerInfo(name="Adam + Adam", learning_rate=0.1, only="train_step uses two optimizers"))
    space, noted = space_of(fixed, optimizers=(WARM, CLIPPED, SGD))
    assert labels(space) == ["script(warmup=40)"]
    assert noted.changes[-1].detail == "script(clipnorm=1.0), sgd left out: train_step uses two optimizers"
    with pytest.raises(UsageError, match=r"--optimizer script\(clipnorm=1.0\): .* with its own settings"):
        space_of(fixed, optimizers=(CLIPPED,))


def test_the_scripts_own_setting_is_probed_only_where_its_plain_optimizer_is_on_the_axis():
    assert space_of(optimizers=(WARM, SCRIPTS_OWN))[0].script == (0.002, 32)
    assert space_of(optimizers=(WARM, CLIPPED, SGD))[0].script is None


def test_a_warm_up_longer_than_a_probe_is_said():
    longer = replace(WARM, label="script(warmup=41)", warmup_steps=41)
    _, noted = space_of(optimizers=(WARM, longer))
    (change,) = [change for change in noted.changes if change.what == "warm-up"]
    assert change.detail == (
        "script(warmup=41): probes of 40 steps end during the warm-up, before they reach the rate at which they stand "
        "on the map"
    )


def test_a_warm_up_is_held_against_the_steps_at_each_batch_size():
    _, noted = space_of(optimizers=(WARM,), length=Length(epochs=1), batch_sizes=(10, 20, 40, 50))
    (change,) = [change for change in noted.changes if change.what == "warm-up"]
    assert "probes of 20 and 25 steps end" in change.detail


def test_a_fixed_batch_size_is_the_only_one_and_the_report_says_why():
    space, noted = space_of(job(batch_size_fixed="a stateful layer"), batch_sizes=(16, 64))
    assert space.batch_sizes == (32,)
    assert noted.changes[-1].detail == "16, 64 left out: only 32 is probed: a stateful layer"


def test_batch_sizes_above_the_samples_are_left_out_or_refused():
    space, noted = space_of(batch_sizes=(64, 2000))
    assert space.batch_sizes == (64,)
    assert "2000 left out" in noted.changes[-1].detail
    with pytest.raises(UsageError, match="only 1,000 training samples"):
        space_of(batch_sizes=(2000,))


def test_the_scripts_own_batch_size_can_be_asked_for_by_name():
    assert space_of(batch_sizes=(SCRIPT_BATCH_SIZE, 64))[0].batch_sizes == (32, 64)


def test_epochs_are_passes_over_the_samples_at_each_batch_size():
    assert space_of(length=Length(epochs=2), batch_sizes=(10, 300))[0].steps == (200, 7)


def test_a_time_limit_becomes_steps_within_bounds():
    assert space_of(length=Length(seconds=3.0))[0].steps[0] == 300
    assert space_of(length=Length(seconds=0.001))[0].steps[0] == 20
    assert space_of(length=Length(seconds=1e6))[0].steps[0] == 5000
    assert space_of(job(step_seconds=None), length=Length(seconds=3.0))[0].steps[0] == 200


@given(own=st.integers(1, 5000), samples=st.integers(1, 10_000))
def test_default_batch_sizes_ascend_and_fit_the_samples(own, samples):
    sizes = space_of(job(batch_size=own, train_samples=samples))[0].batch_sizes
    assert sizes == tuple(sorted(set(sizes)))
    assert 1 <= sizes[0] <= sizes[-1] <= samples


def test_an_estimate_grows_with_the_map_and_is_none_without_a_timed_step():
    small, noted = space_of(batch_sizes=(32,))
    large, _ = space_of()
    assert estimated_seconds(noted, small, workers=1) < estimated_seconds(noted, large, workers=1)
    assert estimated_seconds(job(step_seconds=None), small, workers=1) is None


def test_a_boundary_search_also_probes_the_scripts_own_setting_where_its_row_is_on_the_map():
    assert space_of()[0].script == (0.002, 32)
    assert space_of(search=Search.GRID)[0].script is None
    assert space_of(optimizers=(OptimizerChoice(label="sgd", name="sgd"),))[0].script is None
    assert space_of(batch_sizes=(64,))[0].script is None


def test_the_probes_that_settings_lead_to_are_told_from_them_alone():
    one = OptimizerChoice(label="sgd", name="sgd")
    assert expected_probes(settings()) == 4 * 3 * 14
    assert expected_probes(settings(optimizers=(one,), batch_sizes=(SCRIPT_BATCH_SIZE,))) == 14
    assert expected_probes(settings(optimizers=(one,), batch_sizes=(8, 16), learning_rates=(0.1, 1.0), seeds=3)) == 12
    assert expected_probes(settings(max_probes=5)) == 5
