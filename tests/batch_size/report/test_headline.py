from dataclasses import replace

import pytest

from sweeper.batch_size.report._headline import memory_sentence
from sweeper.reporting import headline
from sweeper.results import Comparison
from sweeper.run import RunState
from tests.batch_size import memory_samples
from tests.reporting import samples


def alone(name, **changes):
    return headline(replace(samples.batch_size_alone(name), **changes).results())


@pytest.mark.parametrize(
    ("name", "title", "range_"),
    [
        ("usual", "Use batch size 128", "The largest that fits in 4.29 GB (4 GiB) is 496"),
        ("all_pass", "Use batch size 1,437", "The largest that fits in 84.9 GB is 1,437"),
        ("fixed", "Batch size 32, which is fixed, fits", "It fits in 4.29 GB (4 GiB)"),
        ("cut_short", "32 is the largest batch size that fits", "It fits in 4.29 GB (4 GiB)"),
        ("nothing_fits", "No batch size fits into 537 MB (512 MiB)", ""),
        ("script_error", "No trial could train", ""),
        ("not_begun", "No batch size was tried", ""),
    ],
)
def test_a_search_for_the_batch_size_alone_is_the_headline(name, title, range_):
    first = alone(name)
    assert (first.title, first.range, first.banner) == (title, range_, "")


def test_the_reason_for_a_batch_size_is_the_one_that_decided():
    assert alone("usual").reason == "128 is recommended: it fits, and speed decides that larger ones pay no more."


def test_a_search_that_was_stopped_says_how_far_it_came():
    run = samples.run_info(state=RunState.INTERRUPTED, planned=0)
    assert alone("cut_short", run=run).banner == (
        "This run is interrupted: 1 trial of batch sizes and no probe ended. `sweeper resume` goes on where it stopped."
    )


def test_a_batch_size_without_a_rate_is_still_recommended():
    first = headline(samples.failed_after_memory().results())
    assert first.title == "Use batch size 128"
    assert first.banner == "No learning rate could be tried: The script stopped before it reached model.fit"


def test_nothing_is_said_twice_when_no_batch_size_fits():
    run = samples.run_info(state=RunState.FAILED, planned=0)
    assert alone("nothing_fits", run=run).banner == ""


def test_the_headline_of_a_map_adds_what_fits():
    results = samples.rate_for_batch_size().results()
    assert headline(results).title == "Use your Adam at 1e-3, batch size 128"
    assert memory_sentence(results) == (
        "496 is the largest batch size that fits; 128 is recommended. The limit is 4.29 GB (4 GiB)."
    )
    assert memory_sentence(samples.usual().results()) == ""
    assert memory_sentence(samples.batch_size_alone("usual").results()) == ""


def test_map_and_memory_that_disagree_on_the_batch_size_say_so():
    assert "by the losses on the map, 64 is the better size" in memory_sentence(samples.axis_from_memory().results())


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("loss", "by the losses on the map, 64 is the better size"),
        ("loss per sample", "by the loss per sample on the map, 64 is the better size"),
        ("validation loss", "by the validation loss on the map, 64 is the better size"),
        ("nothing", "the losses on the map do not compare, so it keeps 64"),
    ],
)
def test_what_the_batch_sizes_of_the_map_were_compared_by_is_said(measure, words):
    results = samples.axis_from_memory().results()
    comparison = Comparison(measure=measure, growth="other", sizes=(), sentence="As said.")
    advice = results.recommendation.model_copy(update={"comparison": comparison})
    assert words in memory_sentence(results.model_copy(update={"recommendation": advice}))


def test_a_map_without_a_safe_setting_disagrees_with_nothing():
    sample = replace(samples.all_diverged(), memory=memory_samples.usual())
    assert headline(sample.results()).title == "No stable setting was found"
    assert "better" not in memory_sentence(sample.results())
