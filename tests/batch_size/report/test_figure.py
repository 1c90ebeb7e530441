import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.batch_size.report._figure import _round_numbers, memory_figure
from tests.batch_size import memory_samples
from tests.reporting import samples

CASES = [name for name in memory_samples.every() if name != "not_begun"]


def figure_of(name, **changes):
    sample = samples.batch_size_alone(name)
    return memory_figure(replace(sample, memory=replace(sample.memory, **changes)).results().memory)


def traces(figure, **wanted):
    return [trace for trace in figure["data"] if all(trace.get(key) == value for key, value in wanted.items())]


def symbols(figure):
    return [trace["marker"]["symbol"] for trace in figure["data"] if "symbol" in trace.get("marker", {})]


def words(figure):
    return [note["text"] for note in figure["layout"]["annotations"]]


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_plain_json_and_names_a_colour_for_all_it_draws(name):
    figure = figure_of(name)
    json.dumps(figure, allow_nan=False)
    assert "template" not in figure["layout"]
    drawn = [trace["meta"] for trace in figure["data"]]
    drawn += [item["name"] for key in ("shapes", "annotations") for item in figure["layout"].get(key, ())]
    assert set(drawn) <= {"train", "validation", "good", "warn", "bad", "ink", "quiet"}


@pytest.mark.parametrize("name", CASES)
def test_every_point_lies_within_the_axes(name):
    figure = figure_of(name)
    low, high = figure["layout"]["xaxis"]["range"]
    for trace in figure["data"]:
        top = figure["layout"]["yaxis2" if trace.get("yaxis") == "y2" else "yaxis"]["range"][1]
        assert all(low <= math.log10(size) <= high for size in trace["x"])
        assert all(0 <= amount <= top for amount in trace["y"])


def test_without_a_trial_there_is_nothing_to_draw():
    assert memory_figure(samples.batch_size_alone("not_begun").results().memory) is None


def test_points_line_failures_and_the_recommended_size_are_drawn():
    figure = figure_of("usual")
    assert symbols(figure) == ["circle", "star", "x", "circle-open"]
    assert [len(trace["x"]) for trace in traces(figure, mode="markers")] == [4, 1, 1, 1]
    assert len(traces(figure, mode="lines")) == 2


def test_a_size_that_ran_out_of_memory_lies_at_the_limit_or_where_it_was_ended():
    limit = memory_samples.usual().limit.limit_bytes
    unknown = memory_samples.failed(4, 520)
    unknown = replace(unknown, measured=replace(unknown.measured, peak_bytes=None))
    figure = figure_of("usual", trials=(memory_samples.trial(1, 32), memory_samples.failed(2, 520), unknown))
    assert traces(figure, meta="bad")[0]["y"] == [4_310_000_000, limit]


def test_limit_headroom_and_names_are_written_beside_their_lines():
    assert words(figure_of("usual")) == [
        "limit 4.29 GB",
        "10% headroom",
        "<b>★ recommended: 128</b>",
        "largest that fits: 496",
        "◆ yours: 32",
    ]


def test_names_of_one_size_share_a_line():
    assert words(figure_of("all_pass"))[1:] == ["<b>★ recommended, largest: 1,437</b>", "◆ yours: 32"]
    assert words(figure_of("fixed"))[1:] == ["<b>★ recommended, ◆ yours: 32</b>"]


def test_a_limit_far_above_is_named_and_does_not_press_the_points_to_the_ground():
    figure = figure_of("all_pass")
    assert words(figure)[0] == "limit 84.9 GB, far above ↑"
    assert figure["layout"]["yaxis"]["range"][1] < 12e9


def test_a_start_that_takes_more_than_the_training_has_a_whisker():
    assert traces(figure_of("all_pass"), meta="train")[-1]["error_y"]["array"][0] > 2e9
    assert set(traces(figure_of("usual"), meta="train")[-1]["error_y"]["array"]) == {0}


def test_what_was_only_compiled_looks_different():
    assert "square-open" in symbols(figure_of("compiled"))
    assert "square-open" not in symbols(figure_of("usual"))


def test_trials_with_another_setting_look_different():
    mixed = memory_samples.trial(6, 128, precision="mixed_float16")
    figure = figure_of("usual", trials=(*memory_samples.usual().trials, mixed))
    other = next(trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "diamond-open")
    assert "mixed_float16" in other["text"][0]


def test_pointing_at_a_trial_tells_its_number_stage_and_time():
    figure = figure_of("usual")
    failed = traces(figure, meta="bad")[0]["text"][0]
    assert failed.split("<br>") == [
        "<b>batch size 520</b>: out of memory",
        "during batches of the largest samples",
        "4.31 GB at most",
        "trial 4, 3 steps, 14 s",
    ]


def test_without_speeds_there_is_one_panel():
    assert "yaxis2" not in figure_of("fixed")["layout"]
    with_speeds = figure_of("usual")["layout"]
    assert with_speeds["yaxis2"]["domain"][1] < with_speeds["yaxis"]["domain"][0]
    assert with_speeds["height"] > figure_of("fixed")["layout"]["height"]


def test_the_axis_of_sizes_has_powers_of_two():
    assert figure_of("usual")["layout"]["xaxis"]["ticktext"] == ["8", "16", "32", "64", "128", "256", "512"]


@given(st.floats(min_value=1e-3, max_value=1e15))
def test_an_axis_has_a_few_round_numbers(top):
    ticks = _round_numbers(top)
    assert ticks[0] == 0
    assert 3 <= len(ticks) <= 6
    assert ticks[-1] <= top * (1 + 1e-5)
    step = ticks[1]
    assert f"{step:.0e}"[0] in "125"
