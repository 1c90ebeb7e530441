import math

import pytest

from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.sweep._limits import Budget, TooLarge
from tests.sweep.made import settings


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_time_counts_from_the_first_probe_of_a_sitting():
    clock = Clock()
    budget = Budget(settings(budget_s=45.0), clock)
    clock.now += 1000.0
    assert (budget.spent(0), budget.seconds_left) == ("", math.inf)
    budget.begin()
    clock.now += 44.0
    budget.begin()
    assert (budget.spent(0), budget.seconds_left) == ("", 1.0)
    clock.now += 1.0
    assert (budget.spent(0), budget.seconds_left) == ("--budget of 45 s is spent", 0.0)


@pytest.mark.parametrize(("begun", "spent"), [(999, ""), (1000, "--max-probes of 1,000 is reached")])
def test_probes_count_from_the_first_sitting_on(begun, spent):
    budget = Budget(settings(max_probes=1000), Clock())
    assert budget.spent(begun) == spent
    assert budget.probes_left(begun) == 1000 - begun
    assert (budget.capped(7), budget.capped(7000)) == (7, 1000)


def test_without_a_limit_nothing_is_ever_spent():
    budget = Budget(settings(), Clock())
    budget.begin()
    assert (budget.spent(10**9), budget.probes_left(10**9), budget.capped(7)) == ("", math.inf, 7)


def test_a_size_is_too_large_once_it_or_a_smaller_one_ran_out_of_memory_twice():
    def outcome(size, kind=OutcomeKind.OOM):
        probe = Probe(optimizer="sgd", learning_rate=0.1, batch_size=size, seed=0, steps=10)
        return Outcome(probe=probe, kind=kind)

    found = TooLarge()
    for size in (256, 64, 128):
        found.note(outcome(size))
    found.note(outcome(64, OutcomeKind.COMPLETED))
    assert 256 not in found
    found.note(outcome(128))
    assert [size in found for size in (64, 127, 128, 512)] == [False, False, True, True]
    assert found.outcome(outcome(256).probe).cause == "not tried: batch size 128 ran out of memory in 2 probes"
