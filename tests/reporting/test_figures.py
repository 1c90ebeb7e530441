import json

import pytest

from sweeper.reporting._maps import map_views
from sweeper.reporting.figures import CONFIG, ROW_PIXELS, curve_figure, map_figure
from tests.reporting import samples


@pytest.fixture(scope="module")
def view():
    return map_views(samples.several_seeds().results())[0]


@pytest.fixture(scope="module")
def figure(view):
    return map_figure(view)


def test_figures_offer_no_upload():
    assert CONFIG["showSendToCloud"] is False
    assert CONFIG["plotlyServerURL"] == ""
    assert CONFIG["displaylogo"] is False


def test_a_figure_is_plain_json_without_plotlys_template(figure):
    text = json.dumps(figure, allow_nan=False)
    assert "template" not in figure["layout"]
    assert len(text) < 20_000


def test_colours_and_letters_are_those_of_the_cells(view, figure):
    heat, letters = figure["data"][:2]
    assert [len(row) for row in heat["z"]] == [len(row.cells) for row in view.rows]
    assert len(heat["x"]) == len(view.rates) + 1
    glyphs = [cell.look.glyph for row in view.rows for cell in row.cells]
    assert [text[3] for text in letters["text"]] == glyphs
    keys = [cell.key for row in view.rows for cell in row.cells]
    assert [data[0] for row in heat["customdata"] for data in row] == keys


def test_the_rate_axis_is_logarithmic_and_rows_read_downwards(figure):
    assert figure["layout"]["xaxis"]["type"] == "log"
    top_down = figure["layout"]["yaxis"]["range"]
    assert top_down[0] > top_down[1]
    assert figure["layout"]["height"] > 2 * ROW_PIXELS


def test_the_ranges_and_both_settings_are_drawn(figure):
    assert [shape["name"] for shape in figure["layout"]["shapes"]] == ["stable", "well", "stable", "well"]
    symbols = [
        trace["marker"]["symbol"]
        for trace in figure["data"]
        if trace["mode" if "mode" in trace else "type"] == "markers"
    ]
    assert symbols == ["star", "diamond"]


def test_a_mark_between_two_rows_lies_between_them(view, figure):
    assert view.yours.row == 0.5
    assert figure["data"][-1]["y"] == [0.5]


def test_maps_without_safe_range_or_recommendation_can_be_drawn():
    figure = map_figure(map_views(samples.all_diverged().results())[0])
    assert "shapes" not in figure["layout"]
    assert len(figure["data"]) == 2
    assert figure["layout"]["yaxis"]["ticktext"] == ["batch 32"]


def test_each_kind_of_line_has_a_pattern():
    assert set(curve_figure()["lines"]) == {"null", "train", "validation", "nonfinite"}
    json.dumps(curve_figure(), allow_nan=False)
