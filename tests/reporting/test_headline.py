from dataclasses import replace

import pytest

from sweeper.ranges import SafeRange
from sweeper.reporting import headline, probes_done
from sweeper.reporting._headline import strip
from sweeper.reporting._maps import map_views
from sweeper.run import RunState
from tests.reporting import samples


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
