"""What a fit call on a pipeline becomes: samples for training and validation, and what is noted of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.capture import Bounds, Call, CallSite, FitArguments, take_job

MODEL = SimpleNamespace(inputs=None, optimizer=None, _flatten_layers=list)
BOUNDS = Bounds(nbytes=1 << 20)


def take(elements, bounds=BOUNDS, **arguments):
    call = Call(
        model=MODEL,
        original=lambda *_: None,
        arguments=FitArguments(values={"x": iter(elements), "shuffle": True, **arguments}),
        at=CallSite(file="train.py", line=1, last_line=1),
        number=1,
    )
    return take_job(call, bounds)


def batches(samples, *, size):
    rows = np.arange(samples, dtype=np.float32)
    return [(rows[start : start + size], rows[start : start + size]) for start in range(0, samples, size)]


def whole(elements):
    """Elements that cannot be split into samples, since they hold a scalar."""
    return [(np.arange(4.0), np.float32(number)) for number in range(elements)]


def changes(job):
    return {change.what: change.detail for change in job.changes}


@pytest.mark.parametrize(("samples", "held"), [(8, 0), (49, 0), (50, 5), (99, 9), (100, 10), (10_000, 512)])
def test_a_tenth_is_held_out_unless_that_is_too_little_to_show_anything(samples, held):
    job = take(batches(samples, size=8))
    assert (len(job.train), len(job.val) if job.val else 0) == (samples - held, held)
    if held:
        assert job.val_source == "held out"
        assert f"{held} of its {samples:,} samples were held out" in changes(job)["validation"]
    else:
        assert job.val_source == f"none: {samples} samples are too few to hold some out"
        assert "validation" not in changes(job)


@pytest.mark.parametrize(("elements", "held"), [(1, 0), (9, 0), (10, 1), (30, 3)])
def test_whole_elements_count_as_they_are(elements, held):
    job = take(whole(elements))
    assert job.train.whole_elements
    assert (len(job.train), len(job.val) if job.val else 0) == (elements - held, held)


def test_held_out_samples_are_not_trained_on():
    job = take(batches(60, size=8))
    rows = [samples.batch(np.arange(len(samples)))[0] for samples in (job.train, job.val)]
    assert sorted(np.concatenate(rows).tolist()) == list(range(60))


def test_class_weights_that_cannot_be_applied_are_noted():
    job = take(whole(4), class_weight={0: 1.0, 1: 5.0})
    assert "cannot be split into samples" in changes(job)["class_weight"]


@pytest.mark.parametrize("class_weight", [None, {}])
def test_without_class_weights_nothing_is_noted(class_weight):
    assert "class_weight" not in changes(take(whole(4), class_weight=class_weight))


SHORT = Bounds(nbytes=1 << 20, steps=5, times=10)
"""Short probes of 5 steps, and a long training that passes over ten times what they draw."""


def test_for_a_long_training_all_of_a_source_that_ends_is_taken():
    # 5 steps of batches of up to 4 x 8 samples are 160.
    job = take(batches(1000, size=8), replace(SHORT, times=1))
    assert (len(job.train) + len(job.val), job.available) == (160, None)
    job = take(batches(1000, size=8), SHORT)
    assert (len(job.train) + len(job.val), job.available) == (1000, 1000)


def test_no_more_than_ten_times_as_much_is_taken():
    job = take(batches(5000, size=8), SHORT)
    assert len(job.train) + len(job.val) == 1600


def test_of_a_source_without_a_known_end_no_more_is_taken():
    # Only a fit that is told when an epoch is over can train on it.
    job = take(batches(1000, size=8), SHORT, steps_per_epoch=3)
    assert (len(job.train) + len(job.val), job.available) == (160, None)


def test_elements_that_stay_whole_count_as_steps():
    assert len(take(whole(70), SHORT).train) + 5 == 50
    assert len(take(whole(70), SHORT, steps_per_epoch=3).train) == 5
