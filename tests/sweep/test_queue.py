from sweeper.probes import Probe
from sweeper.sweep._queue import Queue


def probe(optimizer="adam", rate=0.1, size=32):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=size, seed=0, steps=10)


def queue_of(*probes, head=None):
    queue = Queue(head=head)
    queue.fill(probes)
    return queue


A, B, C = probe("adam"), probe("sgd"), probe("lion")


def test_a_worker_stays_with_the_optimizer_that_it_has_traced():
    assert queue_of(A, B, C).take(last=probe("lion", 0.5), in_flight=[]) is C


def test_otherwise_it_takes_an_optimizer_that_no_other_worker_traces():
    assert queue_of(A, B, C).take(last=None, in_flight=[A]) is B
    assert queue_of(A, B).take(last=None, in_flight=[A, B]) is A


def test_null_probes_come_first():
    null = probe("script", 0.0)
    assert queue_of(null, A, B).take(last=B, in_flight=[]) is null


def test_near_the_head_of_a_search_the_order_counts_more_than_a_trace():
    line = [A, B, C, probe("rmsprop")]
    assert queue_of(*line, head=3).take(last=C, in_flight=[]) is C
    assert queue_of(*line, head=2).take(last=C, in_flight=[]) is A


def test_a_search_leaves_a_row_alone_in_which_a_probe_is_in_flight():
    assert queue_of(A, B, head=3).take(last=A, in_flight=[probe("adam", 0.5)]) is B
    assert queue_of(A, head=3).take(last=A, in_flight=[probe("adam", 0.5)]) is A


def test_what_waits_is_counted_by_row_and_without_null_probes():
    null = probe("script", 0.0)
    queue = queue_of(null, A, probe("adam", 0.2), B)
    assert (len(queue), queue.cells) == (4, 3)
    assert queue.groups == {("script", 32): 1, ("adam", 32): 2, ("sgd", 32): 1}
    queue.take(last=None, in_flight=[])
    assert (len(queue), queue.cells, queue.groups) == (3, 3, {("adam", 32): 2, ("sgd", 32): 1})
    queue.drop(("adam", 32))
    assert (len(queue), queue.groups) == (1, {("sgd", 32): 1})
    queue.put_back(null)
    assert (len(queue), queue.cells) == (2, 1)


def test_an_empty_line_has_nothing_to_take():
    assert queue_of().take(last=A, in_flight=[]) is None


def test_probes_of_one_row_can_be_taken_together():
    queue = queue_of(A, B, probe("adam", 0.2), probe("adam", 0.3), probe("adam", 0.4), probe("adam", 0.4, size=64))
    first = queue.take(last=None, in_flight=[])
    more = queue.take_like(first, most=2, alone={probe("adam", 0.2).id})
    assert [one.learning_rate for one in more] == [0.3, 0.4]
    assert len(queue) == 3
