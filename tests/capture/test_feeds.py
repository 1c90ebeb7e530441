"""The parts of feeds that need neither Keras nor a backend."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.capture.data._generators import GeneratorFeed, Replay
from sweeper.capture.data._largest import FIRST_BATCHES, find_largest
from sweeper.capture.data._python_batches import copies_of, cut, joined, rebatched, rows


def batches_of(sizes):
    numbers = iter(range(10_000))
    return [(np.array([next(numbers) for _ in range(size)]), {"w": np.ones((size, 2))}) for size in sizes]


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12), size=st.integers(1, 20))
def test_rebatching_keeps_every_sample_in_its_order_in_batches_of_one_size(sizes, size):
    got = list(rebatched(batches_of(sizes), size))
    assert np.concatenate([x for x, _ in got]).tolist() == list(range(sum(sizes)))
    assert all(rows(batch) == size for batch in got[:-1])
    assert 1 <= rows(got[-1]) <= size
    assert all(len(x) == len(parts["w"]) for x, parts in got)


def test_batches_of_different_lengths_are_filled_up_to_the_longest():
    whole = joined([(np.ones((2, 3), np.int32),), (np.full((1, 5), 7, np.int32),)])
    assert whole[0].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [7, 7, 7, 7, 7]]
    assert whole[0].dtype == np.int32


def test_lists_of_a_generator_become_the_tuples_that_keras_wants():
    assert isinstance(next(rebatched([[np.ones(2), np.ones(2)]], 1)), tuple)


def test_a_cut_and_copies_keep_the_structure():
    batch = ({"a": np.arange(4)}, np.arange(4) * 2)
    assert cut(batch, 1, 3)[0]["a"].tolist() == [1, 2]
    copies = copies_of(cut(batch, 2, 3), 3)
    assert (copies[0]["a"].tolist(), copies[1].tolist()) == ([2, 2, 2], [4, 4, 4])


def test_what_was_looked_at_comes_again():
    source = iter(range(5))
    replay = Replay(source)
    look = replay.look()
    assert [next(look), next(look)] == [0, 1]
    again = replay.look()
    assert [next(again) for _ in range(3)] == [0, 1, 2]
    assert list(replay) == [0, 1, 2, 3, 4]


def test_closing_what_one_fit_drew_from_leaves_the_generator_open_for_the_next():
    def endless():
        while True:
            yield (np.ones((2, 1)),)

    feed = GeneratorFeed(Replay(endless()), 2)
    first = feed.at(3)["x"]
    assert rows(next(first)) == 3
    first.close()
    assert rows(next(feed.at(2)["x"])) == 2


def sequences(lengths):
    return [(np.ones((4, length, 2), np.float32), np.zeros(4)) for length in lengths]


def test_the_largest_sample_is_one_of_the_longest_batch():
    largest = find_largest(sequences([3, 9, 4]))
    assert largest.row[0].shape == (1, 9, 2)
    assert largest.nbytes == 9 * 2 * 4 + 8
    assert "80 bytes in all 12 samples; the smallest takes 32" in largest.found


def test_samples_of_one_size_have_no_largest_and_are_not_all_looked_at():
    drawn = []

    def batches():
        for number in range(1000):
            drawn.append(number)
            yield (np.ones((4, 3)),)

    assert find_largest(batches()) is None
    assert len(drawn) == FIRST_BATCHES + 1


def test_the_search_for_the_largest_sample_ends_with_the_bytes_that_it_may_read():
    largest = find_largest(sequences([3, 4, 50, 60]), most_bytes=3 * 4 * 32)
    assert largest.row[0].shape == (1, 50, 2)
    assert "the first 12 samples" in largest.found


@pytest.mark.parametrize("batch", [([np.ones(3)],), (np.ones((3, 1)), None)])
def test_structures_with_lists_and_gaps_can_be_cut(batch):
    assert rows(cut(batch, 0, 2)) == 2
