import pytest

from sweeper.search import BoundarySearch, Issue, planned_total, unresolved
from tests.search.landscapes import always, boundary_space, fractal, monotone, search


@pytest.mark.parametrize(("world", "shape"), tuple(enumerate([{}, {"width": 0.05}, {"dead": 0.7}, {"band": 0.3}])))
def test_after_a_tenth_the_total_is_known_within_three_tenths(world, shape):
    space = boundary_space()
    judged = search(space, monotone(world, **shape), workers=2)
    for share in (0.1, 0.3, 0.5, 0.8):
        assert planned_total(space, judged[: int(len(judged) * share)]) == pytest.approx(len(judged), rel=0.3)


def test_when_nothing_is_left_the_total_is_what_was_done():
    space = boundary_space(optimizers=1)
    judged = search(space, monotone(0))
    assert planned_total(space, judged) == len(judged)


def test_a_finished_search_of_sharp_rows_leaves_nothing_open():
    space = boundary_space(optimizers=2)
    assert unresolved(space, search(space, monotone(0))) == ()


def test_before_the_first_probe_every_row_is_open():
    space = boundary_space()
    found = unresolved(space, ())
    assert len(found) == 20
    assert {one.issue for one in found} == {Issue.OPEN}
    assert found[0].what == "No probe of this row was judged."


def test_an_open_row_says_between_which_rates_its_edges_lie():
    space = boundary_space(optimizers=1, sizes=(32,))
    judged = search(space, monotone(0))
    texts = [unresolved(space, judged[:number])[0].what for number in range(2, 8)]
    assert all("the lowest rate that fails lies " in text.lower() for text in texts[:3])
    assert any(" above " in text and ", at " in text for text in texts)


def test_a_row_is_open_exactly_while_the_search_wants_probes_of_it():
    space = boundary_space(optimizers=2, sizes=(8, 32))
    judged = search(space, monotone(5))
    for number in range(0, len(judged), 7):
        wanted = {
            (probe.optimizer, probe.batch_size)
            for probe in BoundarySearch().next_probes(space, judged[:number])
            if not probe.is_null
        }
        found = unresolved(space, judged[:number])
        assert {(one.optimizer, one.batch_size) for one in found if one.issue is Issue.OPEN} == wanted


def test_a_row_that_trains_above_a_failure_is_mixed():
    space = boundary_space(optimizers=1, sizes=(32,))

    def landscape(probe):
        if 0.015 < probe.learning_rate < 0.045 or probe.learning_rate > 0.15:
            return "D"
        return "H" if probe.learning_rate > 1e-4 else "S"

    found = unresolved(space, search(space, landscape))
    assert [one.issue for one in found] == [Issue.MIXED]
    assert "1.58e-2 fails though 0.126 above it trains" in found[0].what


def test_a_zone_of_chance_with_seeds_that_disagree_is_mixed():
    space = boundary_space(optimizers=1, seeds=(0, 1, 2))
    found = unresolved(space, search(space, fractal(0)))
    assert {one.issue for one in found} == {Issue.MIXED}


def test_a_row_without_a_verdict_says_so():
    space = boundary_space(optimizers=1, sizes=(32,))
    found = unresolved(space, search(space, always("M")))
    assert [one.issue for one in found] == [Issue.LOST]
