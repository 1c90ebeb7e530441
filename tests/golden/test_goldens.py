"""Runs of every kind come to what they came to when they were recorded, from the same outcomes.

Where a change of results is intended: `python -m tests.golden.record`.
"""

import json

import pytest

from tests.golden.classified import VERDICTS, classified
from tests.golden.differences import differences, laid_out
from tests.golden.kinds import KINDS
from tests.golden.recording import OUTCOMES, THRESHOLDS, Recording, file_of, play

MOST = 15
"""Differences that are shown."""


def kept(name):
    return json.loads(file_of(name, "json").read_text())


def assert_same(was, now):
    found = list(differences(was, now))
    more = [f"... and {len(found) - MOST} more"] if len(found) > MOST else []
    if found:
        pytest.fail("\n".join(["differs from what is kept:", *found[:MOST], *more]), pytrace=False)


def not_recorded(what):
    pytest.fail(f"not recorded: {what}. The run asks for something else than it did.", pytrace=False)


@pytest.mark.parametrize("name", KINDS)
def test_a_run_comes_to_what_is_kept(name):
    recording = Recording.read(file_of(name, OUTCOMES))
    told = play(KINDS[name], recording, or_else=not_recorded)
    assert_same(kept(name), told.run)
    thresholds = kept(THRESHOLDS)
    assert_same({name: thresholds.get(name) for name in told.thresholds}, told.thresholds)
    unused = {*recording.trials, *recording.probes} - {*told.used.trials, *told.used.probes}
    assert unused == set(), "recorded, and no longer asked for"


def test_verdicts_on_curves_of_a_file_are_those_that_are_kept():
    assert_same(kept(VERDICTS), classified())


def test_a_change_is_told_by_where_it_is_and_what_was_and_is():
    was = {"a": [1, 2.0, {"b": "x"}], "c": None, "d": 1.0, "e": [1]}
    now = {"a": [1, 2.0 + 1e-12, {"b": "y"}], "c": False, "f": 0, "e": [1, 2]}
    assert list(differences(was, now)) == [
        '$.a[2].b: was "x", is "y"',
        "$.c: was null, is false",
        "$.d: was 1.0, is gone",
        "$.e: had 1 items, has 2; new [2]",
        "$.f: is new, 0",
    ]
    assert list(differences({"a": 1, "b": 2}, {"b": 2, "a": 1})) == [
        '$: the order of keys was ["a", "b"], is ["b", "a"]'
    ]
    assert list(differences(["a", "b", "c"], ["a", "c", "d"])) == [
        '$: was ["b"] at 1, is ["c"]; in all gone ["b"], new ["d"]'
    ]
    assert list(differences(["a"], ["a", "a"])) == ['$: was [] at 1, is ["a"]; in all gone [], new []']
    assert list(differences(1.0, 1)) == ["$: was 1.0, is 1"]


@pytest.mark.parametrize("value", [{}, [], {"a": [{"b": list(range(100))}, "é\n"], "c": {"d": None}}])
def test_the_layout_is_json(value):
    assert json.loads(laid_out(value)) == value
