import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.recommend._chance import EdgeCounts, Expected, edge_beliefs, likelihood

STEP = 0.1


def trials(letters, *, first=-3.0, step=STEP):
    """One rate for each group of letters, a step apart: `H` for a probe that trains, `D` for one that fails."""
    groups = letters.split()
    return EdgeCounts(
        log_rates=tuple(first + step * i for i in range(len(groups))),
        beyond=tuple(group.count("D") for group in groups),
        number=tuple(len(group) for group in groups),
    )


def belief(letters, expected=None, **more):
    return edge_beliefs((likelihood(trials(letters, **more)),), (expected,))[0]


def test_the_edge_lies_between_the_last_rate_that_trains_and_the_first_that_fails():
    place = belief("H H H H D D D").rate()
    assert 10**-2.72 < place.rate < 10**-2.58
    assert place.low < place.rate < place.high
    assert math.log10(place.high / place.low) < 4 * STEP


def test_rates_further_apart_leave_more_doubt():
    fine, coarse = belief("H H H D D D"), belief("H H H D D D", step=0.5)
    assert coarse.error() > 2 * fine.error()


def test_seeds_that_disagree_leave_more_doubt_than_seeds_that_agree():
    sharp, ragged = belief("HHH HHH HHH DDD DDD"), belief("HHH HHD HDD HDD DDD")
    assert ragged.error() > sharp.error()
    spans = [one.at(10**-2.8) for one in (sharp, ragged)]
    assert spans[1].high > spans[0].high
    assert ragged.rate_at(0.1) < sharp.rate_at(0.1)


def test_the_chance_at_a_rate_is_that_at_which_it_is_reached():
    one = belief("HH HH HD DD DD")
    for chance in (0.05, 0.3, 0.5, 0.9):
        assert one.at(one.rate_at(chance)).probability == pytest.approx(chance, abs=0.02)


def test_without_a_failure_the_chance_is_small_up_to_the_highest_rate():
    assert belief("H H H H H").at(1e-3).probability < 0.02
    assert belief("H H H H H").at(10**-2.6).probability < 0.2


def test_where_everything_fails_the_edge_lies_below():
    one = belief("D D D")
    assert one.rate().rate < 1e-3
    assert one.at(1e-2).probability > 0.9


def test_one_failure_far_below_the_edge_does_not_pull_it_there():
    ragged = belief("HHH HHD HHH HHH HHH HHH HHH DDD DDD")
    assert ragged.rate().rate > 10**-2.5
    assert ragged.at(10**-2.9).probability < 0.1


def test_neighbours_decide_where_a_row_has_no_probes_near_and_give_way_where_it_has():
    near = Expected(log_rate=-1.5, error=0.1)
    assert belief("H H", near).rate().rate == pytest.approx(10**-1.5, rel=0.3)
    assert belief("H H H D D", near).rate().rate < 10**-2.5


def test_rows_share_the_width_of_their_edges():
    ragged = [likelihood(trials("HHH HHD HDD HDD DDD")) for _ in range(4)]
    alone = edge_beliefs((likelihood(trials("H H H D D")),), (None,))[0]
    among = edge_beliefs((likelihood(trials("H H H D D")), *ragged), (None,) * 5)[0]
    assert among.rate_at(0.1) < alone.rate_at(0.1)


@given(st.lists(st.sampled_from(["H", "D", "HH", "HD", "DD", "HHD"]), min_size=1, max_size=12))
def test_the_chance_never_falls_along_a_row_and_lies_in_its_interval(groups):
    one = belief(" ".join(groups))
    chances = [one.at(10**place) for place in np.arange(-3.5, 0.0, 0.25)]
    values = [chance.probability for chance in chances]
    assert all(a <= b + 1e-9 for a, b in pairwise(values))
    assert all(0 <= chance.low <= chance.high <= 1 for chance in chances)


def test_what_is_said_with_a_chance_comes_true_about_as_often():
    """Edges of known place and width, probed once a rate: of probes with a stated chance, that share fails."""
    rng = np.random.default_rng(7)
    stated, failed = [], []
    for _ in range(150):
        edge, width = rng.uniform(-2.6, -2.0), 0.03 * math.exp(0.5 * rng.standard_normal())
        places = -3.0 + STEP * np.arange(14)
        truth = 1 / (1 + np.exp(-(places - edge) / width))
        beyond = (rng.random(14) < truth).astype(int)
        row = EdgeCounts(log_rates=tuple(places), beyond=tuple(beyond.tolist()), number=(1,) * 14)
        one = edge_beliefs((likelihood(row),), (None,))[0]
        stated += [one.at(10**place).probability for place in places]
        failed += (rng.random(14) < truth).tolist()
    stated, failed = np.array(stated), np.array(failed)
    for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 0.95), (0.95, 1.0)):
        inside = (stated >= low) & (stated < high)
        assert failed[inside].mean() == pytest.approx(stated[inside].mean(), abs=0.1)
