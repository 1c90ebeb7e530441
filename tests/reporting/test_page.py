import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import plotly.offline
import pytest

from sweeper.reporting._data import json_for_script
from sweeper.reporting._detailed import MOST_DETAILED
from sweeper.reporting._page import VENDORED_PLOTLY, packaged_text
from tests.reporting import samples

SAMPLES = samples.every()
MEGABYTE = 1_000_000


class Elements(HTMLParser):
    """Tags with their attributes, and the text of each script."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.scripts = []
        self.text = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script":
            self.scripts[-1] += data
        else:
            self.text.append(data)

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def pages():
    return {name: sample.page() for name, sample in SAMPLES.items()}


@pytest.fixture(scope="module")
def usual(pages):
    return Elements(pages["usual"])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_page_is_whole_and_asks_for_nothing(name, pages):
    page = pages[name]
    elements = Elements(page)
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert not elements.named("img") + elements.named("iframe") + elements.named("object")
    assert all("src" not in attributes for attributes in elements.named("script"))
    assert [link["href"] for link in elements.named("link")] == ["data:,"]
    assert all(link["href"].startswith("#") for link in elements.named("a"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_policy_forbids_every_request(name, pages):
    policies = [a["content"] for a in Elements(pages[name]).named("meta") if "http-equiv" in a]
    assert policies == ["default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"]


@pytest.mark.parametrize("name", SAMPLES)
def test_no_string_of_the_script_becomes_markup(name, pages):
    handlers = [key for _, attributes in Elements(pages[name]).tags for key in attributes if key.startswith("on")]
    assert handlers == []
    assert pages[name].count("</script") == len(Elements(pages[name]).scripts)


def test_hostile_strings_are_shown_as_they_are(pages):
    text = "".join(Elements(pages["hostile"]).text)
    assert text.count(samples.HOSTILE) > 20


def test_more_than_300_probes_fit_in_three_megabytes(pages):
    assert len(SAMPLES["large"].judged) > 300
    assert len(pages["large"].encode()) < 3 * MEGABYTE


def test_a_page_without_a_map_carries_no_plotting_library(pages):
    assert len(pages["nothing_trained"].encode()) < 0.1 * MEGABYTE


def test_a_page_of_a_batch_size_alone_has_its_figure_its_table_and_no_map(pages):
    elements = Elements(pages["memory_usual"])
    data = json.loads(elements.scripts[0])
    assert (data["maps"], data["first"]) == ({}, None)
    assert data["memory"]["layout"]["height"] > 300
    assert "Plotly" in elements.scripts[1]
    text = " ".join(" ".join(elements.text).split())
    order = [
        "Use batch size 128",
        "496 is the largest batch size that fits; 128 is recommended",
        "predicted, not tried",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Stability map" not in text


def test_a_search_that_was_stopped_before_its_first_trial_has_no_figure(pages):
    assert len(pages["memory_not_begun"].encode()) < 0.1 * MEGABYTE


def test_a_page_without_a_search_says_nothing_of_memory(usual):
    assert "memory" not in {attributes.get("id") for attributes in usual.named("section")}
    assert json.loads(usual.scripts[0])["memory"] is None


def test_the_batch_size_comes_before_the_map_whose_axis_it_sets(pages):
    sections = [attributes.get("id") for attributes in Elements(pages["axis_from_memory"]).named("section")]
    assert sections.index("memory") < sections.index("map")


def test_hostile_strings_of_a_search_are_shown_as_they_are(pages):
    assert "".join(Elements(pages["memory_hostile"]).text).count(samples.HOSTILE) > 15


def test_the_answer_comes_before_everything_else(usual):
    text = " ".join(" ".join(usual.text).split())
    order = [
        "Use your Adam at 1e-3",
        "Findings",
        "Stability map",
        "Where training goes well",
        "What probing changed",
        "Reproduce",
    ]
    places = [text.index(words, text.index("fit at")) for words in order]
    assert places == sorted(places)


def test_the_map_is_also_a_table_with_a_button_for_each_cell(usual):
    cells = [attributes for attributes in usual.named("button") if "data-cell" in attributes]
    assert len(cells) == 3 * 3 * 13
    assert cells[0]["aria-label"] == "1e-6 at batch size 16: too slow, chance of diverging 3% (under 1% to 12%)"


def test_a_page_of_very_many_probes_keeps_every_cell_and_tells_of_the_most_telling_probes():
    many = samples.sample(space=samples.space(batches=(16, 64, 256, 1024), seeds=tuple(range(6))))
    text = many.page()
    page = Elements(text)
    data = json.loads(page.scripts[0])
    assert len(many.judged) > MOST_DETAILED == len(data["probes"])
    assert len(data["cells"]) == 3 * 4 * 13
    assert sum(cell[8] for cell in data["cells"].values()) > 0
    assert len(text) < 5_000_000
    assert "The 700 nearest to a change of verdict" in " ".join(page.text)


def test_a_search_has_a_table_of_the_rates_that_each_row_was_probed_at(pages):
    page = Elements(pages["searched"])
    cells = [attributes for attributes in page.named("button") if "data-cell" in attributes]
    assert len(cells) == len(json.loads(page.scripts[0])["cells"]) > 60
    assert "not probed, between two that agree" in " ".join(page.text)


def test_what_a_search_left_open_is_listed(pages):
    text = " ".join(Elements(pages["out_of_budget"]).text)
    assert "that the run ended before" in text
    assert "No probe of this row was judged." in text
    assert "20 is reached" in text


def test_the_data_of_the_page_names_only_cells_probes_and_curves_that_are_there(usual):
    data = json.loads(usual.scripts[0])
    assert set(data["maps"]) == {"map0", "map1", "map2"}
    assert data["first"] in data["cells"]
    assert len(data["cells"]) == 3 * 3 * 13
    named = {name for cell in data["cells"].values() for name in cell[7]}
    named |= {name for rows in data["rows"].values() for _, nulls in rows for name in nulls}
    assert named <= set(data["probes"])
    assert set(data["curves"]) <= set(data["probes"])
    rows = {attributes.get("id") for attributes in usual.named("tr")}
    assert {probe["row"] for probe in data["probes"].values()} <= rows


def test_every_threshold_every_change_and_the_command_are_told(usual):
    text = " ".join(usual.text)
    for item in samples.THRESHOLDS:
        assert item.name in text
        assert item.unit in text
        assert item.reason in text
    assert "ModelCheckpoint and TensorBoard did not run in probes." in text
    assert "360 samples from validation_data" in text
    assert "sweeper probe train.py --optimizer script,adam,sgd -- --hidden 64" in text


def test_failed_probes_show_cause_and_log(usual):
    text = " ".join(usual.text)
    assert "the worker ended by itself (oom) at step 12" in text
    assert "oom: worker 1 is gone" in text


def test_words_between_backticks_become_code(pages):
    assert "Use <code>--seeds 3</code> to see" in pages["usual"]


def test_data_cannot_end_its_script():
    text = json_for_script({"x": "</script>\u2028\u2029&"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"x": "</script>\u2028\u2029&"}


def test_the_vendored_plotly_is_the_one_that_the_python_package_draws_for():
    version = re.search(r"plotly\.js \(cartesian - minified\) v(\d+)\.", packaged_text(VENDORED_PLOTLY)[:400])
    assert version.group(1) == plotly.offline.get_plotlyjs_version().split(".")[0]


def test_the_vendored_plotly_can_stand_in_a_page_and_has_its_licence():
    assert "</script" not in packaged_text(VENDORED_PLOTLY).lower()
    assert "MIT" in files("sweeper.reporting").joinpath("vendor/plotly-cartesian.LICENSE.txt").read_text()
