from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.probes import Outcome, OutcomeKind
from sweeper.search import AbstractSearch, GridSearch, GridWithoutNulls, search_named
from sweeper.search._grid import coarse_to_fine
from sweeper.settings import Search
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.verdict import Judged

SPACE = Space(
    optimizers=(OptimizerChoice(label="sgd", name="sgd"), OptimizerChoice(label="adam", name="adam")),
    learning_rates=(1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    batch_sizes=(16, 64),
    seeds=(0, 1),
    steps=(40, 20),
)


def axis(values, most):
    return st.lists(values, min_size=1, max_size=most, unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def spaces(draw):
    sizes = draw(axis(st.integers(1, 512), 3))
    labels = draw(axis(st.sampled_from(["script", "adam", "sgd", "lion"]), 3))
    return Space(
        optimizers=tuple(OptimizerChoice(label=label, name=label) for label in labels),
        learning_rates=draw(axis(st.floats(1e-8, 1e3), 8)),
        batch_sizes=sizes,
        seeds=draw(axis(st.integers(0, 9), 3)),
        steps=tuple(draw(st.integers(1, 500)) for _ in sizes),
    )


def judged(probes):
    return tuple(Judged(outcome=Outcome(probe=probe, kind=OutcomeKind.CRASHED), verdict=None) for probe in probes)


def first_probes(space=SPACE):
    return GridSearch().next_probes(space, ())


def test_null_probes_of_every_batch_size_and_seed_come_first():
    first = first_probes()[:4]
    assert all(probe.is_null and probe.optimizer == SCRIPT for probe in first)
    assert [(probe.batch_size, probe.seed) for probe in first] == [(16, 0), (64, 0), (16, 1), (64, 1)]


def test_a_probe_has_the_steps_of_its_batch_size():
    assert {(probe.batch_size, probe.steps) for probe in first_probes()} == {(16, 40), (64, 20)}


def test_the_optimizer_changes_only_once():
    labels = [probe.optimizer for probe in first_probes() if not probe.is_null]
    assert labels == ["sgd"] * 20 + ["adam"] * 20


def test_a_row_starts_in_the_middle_and_gets_finer():
    row = [probe.learning_rate for probe in first_probes() if (probe.optimizer, probe.seed) == ("adam", 0)]
    assert row == [rate for rate in (1e-2, 1e-4, 1e-1, 1e-3, 1.0) for _ in SPACE.batch_sizes]


def test_the_map_of_the_first_seed_is_whole_before_the_second_begins():
    seeds = [probe.seed for probe in first_probes() if probe.optimizer == "adam"]
    assert seeds == [0] * 10 + [1] * 10


@given(space=spaces())
def test_every_cell_is_probed_once_for_every_seed(space):
    probes = [probe for probe in first_probes(space) if not probe.is_null]
    cells = len(space.optimizers) * len(space.learning_rates) * len(space.batch_sizes) * len(space.seeds)
    assert len(probes) == len(set(probes)) == cells


@given(space=spaces(), data=st.data())
def test_what_is_judged_is_not_probed_again_and_the_rest_keeps_its_order(space, data):
    everything = first_probes(space)
    done = data.draw(st.sets(st.sampled_from(everything)))
    left = GridSearch().next_probes(space, judged(done))
    assert left == tuple(probe for probe in everything if probe not in done)


def test_the_search_is_done_when_everything_is_judged():
    assert GridSearch().next_probes(SPACE, judged(first_probes())) == ()


def test_a_probe_of_another_length_is_not_this_one():
    shorter = [replace(probe, steps=1) for probe in first_probes()]
    assert GridSearch().next_probes(SPACE, judged(shorter)) == first_probes()


@given(values=st.lists(st.integers(), unique=True).map(tuple))
def test_from_coarse_to_fine_loses_nothing(values):
    assert sorted(coarse_to_fine(values)) == sorted(values)


@given(count=st.integers(1, 200))
def test_every_beginning_of_coarse_to_fine_is_spread_evenly(count):
    order = coarse_to_fine(tuple(range(count)))
    for known in range(1, count + 1):
        marks = [-1, *sorted(order[:known]), count]
        widest = max(high - low for low, high in pairwise(marks))
        assert widest <= 2 * (count + 1) / 2 ** (known.bit_length() - 1)


@pytest.mark.parametrize("name", Search)
def test_every_named_search_is_there(name):
    assert isinstance(search_named(name), AbstractSearch)


@given(spaces())
def test_without_null_probes_a_grid_is_the_same_otherwise(space):
    grid, unpaired = GridSearch().next_probes(space, ()), GridWithoutNulls().next_probes(space, ())
    assert unpaired == tuple(probe for probe in grid if not probe.is_null)
    finished = tuple(
        Judged(outcome=Outcome(probe=probe, kind=OutcomeKind.COMPLETED), verdict=None) for probe in unpaired[1:]
    )
    assert GridWithoutNulls().next_probes(space, finished) == unpaired[:1]
