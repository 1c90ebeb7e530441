import math
import random
import statistics
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.ranges import EdgeKind
from sweeper.search import HIGHEST_RATE, LOWEST_RATE, BoundarySearch, search_named
from sweeper.search._lattice import Lattice, lattice_of
from sweeper.settings import Search
from tests.search.landscapes import (
    always,
    boundary_space,
    cells,
    fractal,
    full_rows,
    island,
    judge,
    lattice,
    monotone,
    rows_of,
    search,
    steps_apart,
)

FIFTH = len(lattice(boundary_space())) / 5
AXES = {"optimizers": 4, "sizes": (8, 32, 128)}

SHAPES = {
    "sharp": monotone,
    "noisy": lambda world: monotone(world, width=0.03),
    "noisier": lambda world: monotone(world, width=0.05),
    "dead before it diverges": lambda world: monotone(world, dead=0.7),
    "noisy and dead": lambda world: monotone(world, dead=0.7, width=0.03),
    "island of divergence": lambda world: island(world, below=0.9, wide=0.4),
    "healthy island above the first divergence": lambda world: island(world, below=-0.5, wide=0.3, what="H"),
}


def measured(make, *, workers=2, worlds=1, **axes):
    """The mean number of probes of a row and the share of rows with the edges of the whole grid."""
    counts, same = [], []
    for world in range(worlds):
        space, landscape = boundary_space(**(AXES | axes)), make(world)
        judged = search(space, landscape, workers=workers)
        whole = full_rows(space, landscape, low=-9, high=3)
        counts.append(len(cells(judged)) / len(whole))
        pairs = zip(rows_of(space, judged), whole, strict=True)
        same += [steps_apart(mine, theirs, space.resolution) <= 1 for mine, theirs in pairs]
    return statistics.mean(counts), statistics.mean(same)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_takes_a_fifth_of_the_grid_and_finds_its_edges(shape):
    probes, same = measured(SHAPES[shape])
    assert probes <= FIFTH
    assert same >= 0.95 if shape != "noisier" else same >= 0.9


def test_an_unclear_band_costs_little_more():
    probes, same = measured(lambda world: monotone(world, band=0.3))
    assert probes <= 1.15 * FIFTH
    assert same >= 0.95


def test_four_workers_cost_hardly_more_probes_than_one():
    alone, _ = measured(monotone, workers=1)
    four, same = measured(monotone, workers=4)
    assert four <= 1.1 * alone
    assert same == 1.0


@pytest.mark.parametrize("resolution", [0.25, 0.5])
def test_other_resolutions_find_the_edges_of_their_lattice(resolution):
    _, same = measured(monotone, resolution=resolution)
    assert same >= 0.95


def test_one_row_alone_finds_its_edges():
    space = boundary_space(optimizers=1, sizes=(32,))
    judged = search(space, monotone(3))
    assert len(cells(judged)) <= 18
    assert steps_apart(*rows_of(space, judged), *full_rows(space, monotone(3)), 0.1) == 0


def test_rows_with_neighbours_take_fewer_probes_than_the_first():
    space = boundary_space(optimizers=3)
    counts = {}
    for one in cells(search(space, monotone(1))):
        size = one.outcome.probe.batch_size
        counts[size] = counts.get(size, 0) + 1
    assert all(counts[size] < 0.85 * counts[32] for size in (8, 128, 512))


def test_the_upper_decade_of_the_healthy_rates_is_filled():
    space = boundary_space(optimizers=2)
    for row in rows_of(space, search(space, monotone(0))):
        fails = next(edge.high for edge in row.edges if edge.kind is EdgeKind.DIVERGES)
        healthy = [cell.learning_rate for cell in row.cells if fails / 10 < cell.learning_rate < fails]
        assert len(healthy) >= 3


@pytest.mark.parametrize("letter", "HSDUBN")
def test_a_row_without_an_edge_ends_at_the_limits(letter):
    space = boundary_space(optimizers=1, sizes=(32,))
    rates = [one.outcome.probe.learning_rate for one in cells(search(space, always(letter)))]
    assert min(rates) >= LOWEST_RATE
    assert max(rates) <= HIGHEST_RATE
    if letter in "HS":
        assert max(rates) == HIGHEST_RATE
    if letter in "HDB":
        assert min(rates) == LOWEST_RATE
    if letter == "N":
        assert len(rates) == 1


def test_the_range_extends_when_an_edge_lies_beyond_it():
    space = boundary_space(optimizers=1, sizes=(32,), rates=(1e-3, 1e-2))
    judged = search(space, monotone(0))
    assert steps_apart(*rows_of(space, judged), *full_rows(space, monotone(0)), 0.1) == 0


def test_a_row_out_of_memory_is_given_up_and_the_others_go_on():
    space = boundary_space(optimizers=1)
    plain = monotone(0)
    judged = search(space, lambda probe: "M" if probe.batch_size == 512 else plain(probe))
    assert sum(one.outcome.probe.batch_size == 512 for one in cells(judged)) == 3
    assert all(row.edges for row in rows_of(space, judged)[:3])


def test_rates_that_crash_are_stepped_around():
    space = boundary_space(optimizers=1, sizes=(32,))
    plain = monotone(0)

    def landscape(probe):
        return "M" if lattice_of(space).index(probe.learning_rate) % 3 == 0 else plain(probe)

    found, whole = (
        next(edge for edge in rows[0].edges if edge.kind is EdgeKind.DIVERGES)
        for rows in (rows_of(space, search(space, landscape)), full_rows(space, landscape))
    )
    assert (found.low, found.high) == (whole.low, whole.high)


def test_in_a_zone_of_chance_the_first_divergence_is_searched_downwards_and_the_effort_is_bounded():
    space = boundary_space(optimizers=2)
    judged = search(space, fractal(0))
    probes = len(cells(judged)) / 8
    assert probes <= 1.3 * FIFTH
    for row in rows_of(space, judged):
        edge = next(edge for edge in row.edges if edge.kind is EdgeKind.DIVERGES)
        assert all(cell.label != "diverged" for cell in row.cells if cell.learning_rate < edge.high)


def test_more_seeds_are_used_only_beside_the_edges():
    space = boundary_space(optimizers=2, seeds=(0, 1, 2))
    judged = search(space, monotone(1, width=0.05))
    extra = [one for one in cells(judged) if one.outcome.probe.seed > 0]
    assert 0 < len(extra) < len(cells(judged)) / 3
    for row in rows_of(space, judged):
        several = {cell.learning_rate for cell in row.cells if cell.judged > 1}
        ends = [end for edge in row.edges for end in (edge.low, edge.high) if end is not None]
        assert all(min(abs(math.log10(rate / end)) for end in ends) < 0.65 for rate in several)


def test_null_probes_come_first_and_further_seeds_bring_their_own():
    space = boundary_space(optimizers=2, seeds=(0, 1))
    first = BoundarySearch().next_probes(space, ())
    assert [probe.is_null for probe in first[:4]] == [True] * 4
    judged = search(space, monotone(1, width=0.05))
    seen = set()
    for one in judged:
        probe = one.outcome.probe
        seen.add((probe.is_null, probe.batch_size, probe.seed))
        assert (True, probe.batch_size, probe.seed) in seen


def test_the_first_probes_are_of_different_optimizers():
    first = [probe.optimizer for probe in BoundarySearch().next_probes(boundary_space(), ()) if not probe.is_null]
    assert len(set(first[:5])) == 5


def test_there_is_work_for_several_workers_at_any_time():
    space, landscape, judged = boundary_space(optimizers=2), monotone(2), ()
    waiting = []
    while probes := BoundarySearch().next_probes(space, judged):
        waiting.append(len(probes))
        judged += (judge(probes[0], landscape(probes[0]) if not probes[0].is_null else "H"),)
    assert sum(number >= 4 for number in waiting) > 0.85 * len(waiting)


letters = st.sampled_from("SUHDBM")


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    alphabet=st.lists(letters, min_size=1, max_size=5),
    seeds=st.sampled_from([(0,), (0, 1)]),
)
def test_any_landscape_ends_within_the_limits_without_a_probe_asked_for_twice(seed, alphabet, seeds):
    space = boundary_space(optimizers=2, sizes=(8, 32), seeds=seeds, resolution=0.2)

    def landscape(probe):
        return random.Random(f"{seed}{probe.id}").choice(alphabet)

    judged = search(space, landscape, workers=2, most=4 * 26 * len(seeds) + 8)
    probes = [one.outcome.probe for one in judged]
    assert len(set(probes)) == len(probes)
    on = Lattice(resolution=0.2, low=-30, high=5)
    for probe in probes:
        if not probe.is_null:
            assert on.index(probe.learning_rate) is not None
            assert LOWEST_RATE <= probe.learning_rate <= HIGHEST_RATE


@settings(max_examples=20)
@given(world=st.integers(0, 1000), cut=st.floats(0, 1), chance=st.randoms(use_true_random=False))
def test_the_order_of_outcomes_does_not_matter_and_a_resumed_search_goes_on_alike(world, cut, chance):
    space = boundary_space(optimizers=2, sizes=(8, 32), resolution=0.25)
    judged = search(space, monotone(world, width=0.1))
    part = judged[: int(len(judged) * cut)]
    shuffled = list(part)
    chance.shuffle(shuffled)
    wanted = BoundarySearch().next_probes(space, part)
    assert BoundarySearch().next_probes(space, tuple(shuffled)) == wanted
    assert not wanted or wanted[0] == judged[len(part)].outcome.probe


def test_the_setting_names_it():
    assert isinstance(search_named(Search.BOUNDARY), BoundarySearch)


@given(index=st.integers(-90, 30), resolution=st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0]))
def test_a_rate_of_the_lattice_gives_its_index_back(index, resolution):
    on = Lattice(resolution=resolution, low=0, high=1)
    assert on.index(on.rate(index)) == index


def test_the_ends_of_a_range_are_rounded_into_it():
    on = lattice_of(boundary_space(rates=(1.1e-6, 9.0)))
    assert (on.low, on.high) == (-59, 9)
    assert (on.floor, on.ceiling) == (-90, 30)


@pytest.mark.parametrize("rate", [3e-4, 1e-3, 1e-8])
def test_the_scripts_own_setting_is_probed_first_and_once_wherever_it_lies(rate):
    space = replace(boundary_space(optimizers=2), script=(rate, 32))
    judged = cells(search(space, monotone(0), workers=1))
    own = [one.outcome.probe for one in judged if one.outcome.probe.learning_rate == rate]
    assert judged[0].outcome.probe == own[0]
    assert [(probe.optimizer, probe.batch_size) for probe in own].count(("script", 32)) == 1
    assert steps_apart(rows_of(space, judged)[1], full_rows(space, monotone(0))[1], 0.1) <= 1
