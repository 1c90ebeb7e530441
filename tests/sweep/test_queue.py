from sweeper.probes import Probe
from sweeper.sweep._queue import Queue


def probe(optimizer="adam", rate=0.1, size=32):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=size, seed=0, steps=10)


def queue_of(*probes, head=None, in_flight=()):
    queue = Queue(head=head)
    for probe in in_flight:
        queue.fill([probe])
        taken(queue)
    queue.fill(probes)
    return queue


def taken(queue, last=None):
    """The one probe that is taken."""
    (probe,) = queue.take(last=last, lanes=lambda _: 1)
    return probe


A, B, C = probe("adam"), probe("sgd"), probe("lion")


def test_a_worker_stays_with_the_optimizer_that_it_has_traced():
    assert taken(queue_of(A, B, C), last=probe("lion", 0.5)) is C


def test_otherwise_it_takes_an_optimizer_that_no_other_worker_traces():
    assert taken(queue_of(A, B, C, in_flight=[probe("adam", 0.5)]), last=None) is B
    assert taken(queue_of(A, B, in_flight=[probe("adam", 0.5), probe("sgd", 0.5)]), last=None) is A


def test_null_probes_come_first():
    null = probe("script", 0.0)
    assert taken(queue_of(null, A, B), last=B) is null


def test_near_the_head_of_a_search_the_order_counts_more_than_a_trace():
    line = [A, B, C, probe("rmsprop")]
    assert taken(queue_of(*line, head=3), last=C) is C
    assert taken(queue_of(*line, head=2), last=C) is A


def test_a_search_leaves_a_row_alone_in_which_a_probe_is_in_flight():
    assert taken(queue_of(A, B, head=3, in_flight=[probe("adam", 0.5)]), last=A) is B
    assert taken(queue_of(A, head=3, in_flight=[probe("adam", 0.5)]), last=A) is A


def test_what_waits_is_counted_by_row_and_without_null_probes():
    null = probe("script", 0.0)
    queue = queue_of(null, A, probe("adam", 0.2), B)
    assert (len(queue), queue.cells) == (4, 3)
    assert queue.groups == {("script", 32): 1, ("adam", 32): 2, ("sgd", 32): 1}
    assert taken(queue) == null
    assert (len(queue), queue.cells, queue.groups) == (3, 3, {("adam", 32): 2, ("sgd", 32): 1})
    queue.drop(("adam", 32))
    assert (len(queue), queue.groups) == (1, {("sgd", 32): 1})
    queue.put_back([null])
    assert (len(queue), queue.cells) == (2, 1)


def test_an_empty_line_has_nothing_to_take():
    assert queue_of().take(last=A, lanes=lambda _: 4) == ()


def test_what_was_taken_is_in_flight_until_it_has_ended():
    queue = queue_of(A, B)
    assert taken(queue) is A
    assert (queue.in_flight, queue.cells_in_flight, queue.waiting) == ((A,), 1, (B,))
    queue.fill([A, B, C])
    assert queue.waiting == (B, C)
    queue.ended(A)
    queue.fill([A, C])
    assert (queue.in_flight, queue.waiting) == ((), (A, C))


def test_probes_of_one_row_can_be_taken_together():
    alone = probe("adam", 0.2)
    queue = queue_of(alone)
    queue.put_back(queue.take(last=None, lanes=lambda _: 1))
    queue.fill([A, B, alone, probe("adam", 0.3), probe("adam", 0.4), probe("adam", 0.4, size=64)])
    together = queue.take(last=None, lanes=lambda _: 3)
    assert [one.learning_rate for one in together] == [0.1, 0.3, 0.4]
    assert len(queue) == 3
