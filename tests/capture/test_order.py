"""The order in which probes take their samples, and how it is stored."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.capture import NO_SAMPLE, Reshuffle, SampleOrder
from sweeper.capture.data._order import load_order


def order(*passes, **facts):
    return SampleOrder(passes=tuple(np.array(taken) for taken in passes), **{"own_size": 2} | facts)


def taken(rows):
    return [row[row != NO_SAMPLE].tolist() for row in rows]


def test_a_pass_ends_with_a_smaller_batch_as_in_fit():
    rows = order([2, 0, 1], [1, 2, 0]).rows(batch_size=2, steps=5)
    assert taken(rows) == [[2, 0], [1], [1, 2], [0], [2, 0]]


def test_passes_of_a_source_without_an_end_flow_into_each_other():
    assert taken(order([2, 0, 1], ends=False).rows(batch_size=2, steps=3)) == [[2, 0], [1, 2], [0, 1]]


def test_a_remainder_that_the_script_drops_is_not_trained_on():
    assert taken(order([2, 0, 1], drops_remainder=True).rows(batch_size=2, steps=2)) == [[2, 0], [2, 0]]


def test_a_batch_larger_than_the_data_is_all_of_it():
    assert taken(order([2, 0, 1], drops_remainder=True).rows(batch_size=8, steps=2)) == [[2, 0, 1]] * 2


def test_batches_of_different_sizes_stay_as_they_are_at_the_own_size_only():
    uneven = order([0, 1, 2, 3, 4], own_sizes=(np.array([1, 3, 1]),), own_size=3)
    assert taken(uneven.rows(batch_size=3, steps=4)) == [[0], [1, 2, 3], [4], [0]]
    assert taken(uneven.rows(batch_size=4, steps=2)) == [[0, 1, 2, 3], [4]]


@pytest.mark.parametrize("kind", Reshuffle)
def test_another_seed_changes_what_another_run_of_the_script_would(kind):
    data = np.arange(20)
    shuffled = order(data, own_size=4, reshuffle=kind)
    own, other = (shuffled.rows(batch_size=4, steps=10, seed=seed).tolist() for seed in (0, 1))
    assert own == [*data.reshape(5, 4).tolist()] * 2
    assert (own == other) is (kind is Reshuffle.NOTHING)
    assert sorted(chain(*other[:5])) == sorted(chain(*other[5:])) == data.tolist()
    if kind is Reshuffle.BATCHES:
        assert sorted(other[:5]) == own[:5]


def test_a_smaller_last_batch_stays_last_when_batches_are_shuffled():
    rows = order(np.arange(9), own_size=4, reshuffle=Reshuffle.BATCHES).rows(batch_size=4, steps=3, seed=3)
    assert taken(rows)[2] == [8]


orders = st.builds(
    lambda count, size, kind, ends: order(np.arange(count), own_size=size, reshuffle=kind, ends=ends),
    *(st.integers(1, 40), st.integers(1, 50), st.sampled_from(Reshuffle), st.booleans()),
)


@given(one=orders, steps=st.integers(1, 30), seed=st.integers(0, 3))
def test_a_longer_training_begins_with_the_shorter_one_and_no_pass_repeats_a_sample(one, steps, seed):
    size, count = one.own_size, len(one.passes[0])
    longer, shorter = (one.rows(batch_size=size, steps=wanted, seed=seed) for wanted in (steps + 1, steps))
    assert (longer[:-1] == shorter).all()
    if one.reshuffle is Reshuffle.BATCHES and not one.ends:
        return  # a batch may reach from one pass into the next
    stream = list(chain(*taken(longer)))
    for start in range(0, len(stream) - count + 1, count):
        assert sorted(stream[start : start + count]) == list(range(count))


def test_what_is_left_out_is_gone_and_the_rest_keeps_its_order():
    uneven = order([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], own_sizes=(np.array([1, 3, 1]), np.array([2, 2, 1])), own_size=3)
    left = uneven.without(np.array([0, 2]))
    # 1, 3 and 4 are 0, 1 and 2 now.
    assert taken(left.rows(batch_size=3, steps=4)) == [[0, 1], [2], [2, 1], [0]]


@pytest.mark.parametrize("sizes", [None, (np.array([2, 1]), np.array([3]))])
def test_an_order_is_the_same_for_another_worker(tmp_path, sizes):
    one = order([2, 0, 1], [1, 2, 0], own_sizes=sizes, ends=False, drops_remainder=True, reshuffle=Reshuffle.BATCHES)
    one.save(tmp_path / "order.npz")
    other = load_order(tmp_path / "order.npz")
    assert (other.rows(batch_size=2, steps=9, seed=4) == one.rows(batch_size=2, steps=9, seed=4)).all()
    assert (other.ends, other.drops_remainder, other.reshuffle) == (False, True, Reshuffle.BATCHES)
