import random

import pytest

from sweeper.sweep._pace import FEWEST, Pace

SIZES = (16, 64, 256)
OPTIMIZERS = ("script", "sgd", "momentum", "adam", "lion")


def test_nothing_is_said_of_the_first_probes():
    pace = Pace(began=0.0)
    for number in range(1, FEWEST):
        pace.note(optimizer="adam", batch_size=32, seconds=1.0, now=float(number))
        assert pace.seconds_left({("adam", 32): 10}) is None


def test_probes_that_take_no_time_leave_none():
    pace = Pace(began=0.0)
    for _ in range(5):
        pace.note(optimizer="adam", batch_size=32, seconds=0.0, now=0.0)
    assert pace.seconds_left({("adam", 32): 10}) == 0


def test_an_optimizer_that_was_not_traced_yet_costs_its_trace():
    pace = Pace(began=0.0)
    for number, seconds in enumerate((5.0, 1.0, 1.0, 1.0)):
        pace.note(optimizer="adam", batch_size=32, seconds=seconds, now=sum((5.0, 1.0, 1.0, 1.0)[: number + 1]))
    assert pace.seconds_left({("adam", 32): 10}) == pytest.approx(10)
    assert pace.seconds_left({("sgd", 32): 10}) == pytest.approx(14)


def run(*, workers, seed):
    """A simulated sweep; when each probe ended, and what was said then of the time left."""
    chance = random.Random(seed)
    cost = {16: 0.5, 64: 0.7, 256: 1.6}
    line = [(optimizer, size) for optimizer in OPTIMIZERS for _ in range(13) for size in SIZES]
    free, traced = [0.0] * workers, set()
    ends = []
    for optimizer, size in line:
        worker = free.index(min(free))
        seconds = cost[size] * chance.uniform(0.8, 1.2) * (0.3 if chance.random() < 0.25 else 1.0)
        seconds += 0.0 if optimizer in traced else 3.0
        traced.add(optimizer)
        free[worker] += seconds
        ends.append((free[worker], seconds, optimizer, size))
    pace, said = Pace(began=0.0), []
    waiting = {(optimizer, size): 13 for optimizer in OPTIMIZERS for size in SIZES}
    for now, seconds, optimizer, size in sorted(ends):
        waiting[optimizer, size] -= 1
        pace.note(optimizer=optimizer, batch_size=size, seconds=seconds, now=now)
        said.append((now, pace.seconds_left({group: left for group, left in waiting.items() if left})))
    return said


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_after_a_tenth_the_time_left_is_right_within_30_percent(workers):
    right = []
    for seed in range(20):
        said = run(workers=workers, seed=seed)
        end = said[-1][0]
        right += [abs(left / (end - now) - 1) <= 0.3 for now, left in said[len(said) // 10 : len(said) * 8 // 10]]
    assert sum(right) >= 0.97 * len(right)


def test_a_long_probe_counts_for_as_many_as_its_steps_are_worth():
    pace = Pace(began=0.0)
    for number in range(1, 4):
        pace.note(optimizer="adam", batch_size=32, seconds=1.0, now=float(number))
    pace.note(optimizer="adam", batch_size=32, seconds=10.0, now=13.0, worth=10.0)
    assert pace.seconds_left({("adam", 32): 5.0}) == pytest.approx(5.0)
