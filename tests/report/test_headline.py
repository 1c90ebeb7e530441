from dataclasses import replace

import pytest

from sweeper.ranges import SafeRange
from sweeper.report import headline, probes_done
from sweeper.report._headline import memory_sentence, strip
from sweeper.report._maps import map_views
from sweeper.results import Comparison
from sweeper.run import RunState
from tests.batch_size import memory_samples
from tests.report import samples


def test_the_recommendation_comes_first():
    first = headline(samples.usual().results())
    assert first.title == "Use your Adam at 1e-3, batch size 64"
    assert first.range == "Trains well from 3.16e-4 to 3.16e-3; slower but stable down to 1e-4"
    assert first.banner == ""


def test_a_range_of_one_rate_is_said_to_be_one():
    sample, one = samples.usual(), SafeRange(low=1e-3, high=1e-3)
    advice = replace(sample.recommendation, safe=one, well=one)
    assert headline(replace(sample, recommendation=advice).results()).range == "Trains well at 1e-3"


def test_no_safe_setting_says_why():
    first = headline(samples.all_diverged().results())
    assert first.title == "No stable setting was found"
    assert "healthy" in first.reason


def test_nothing_trained_says_what_was_found():
    first = headline(samples.nothing_trained().results())
    assert (first.title, first.reason) == ("Nothing could be trained", "The script stopped before it reached model.fit")


def test_nothing_trained_without_a_finding_still_says_something():
    sample = replace(samples.nothing_trained(), findings=())
    assert headline(sample.results()).reason == "No probe has a curve."


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.INCOMPLETE, "incomplete: 46 of 117 planned probes ended. `sweeper resume`"),
        (RunState.INTERRUPTED, "interrupted: 46 of 117 planned probes ended. `sweeper resume`"),
        (RunState.FAILED, "failed: 46 of 117 planned probes ended"),
    ],
)
def test_a_run_that_did_not_end_well_says_how_far_it_came(state, words):
    sample = samples.interrupted()
    assert words in headline(replace(sample, run=replace(sample.run, state=state)).results()).banner


def test_probes_without_updates_are_not_counted():
    assert probes_done(samples.usual().results()) == 117


def test_the_strip_shows_the_recommended_row():
    results = samples.usual().results()
    row = strip(results, map_views(results))
    assert row.title == "your Adam, batch size 64"
    assert sum(width for *_, width in row.stretches) == pytest.approx(100, abs=0.2)
    assert row.stable[0] < row.well[0]
    assert sum(row.stable) == sum(row.well)
    assert row.recommended < row.yours


def test_the_strip_shows_the_own_row_when_nothing_is_recommended():
    sample = samples.usual()
    nothing = replace(sample.recommendation, optimizer=None, learning_rate=None, batch_size=None, safe=None)
    results = replace(sample, recommendation=nothing).results()
    row = strip(results, map_views(results))
    assert row.recommended is None
    assert row.yours is not None


def test_there_is_no_strip_without_a_setting_on_a_map():
    for sample in (samples.all_diverged(), samples.nothing_trained()):
        results = sample.results()
        assert strip(results, map_views(results)) is None


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
