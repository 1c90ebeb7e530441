"""What followed a map: in the document, on the page and in the figure of the long training."""

import json
from html.parser import HTMLParser

import pytest

from sweeper.reporting import PageCurve, curves_for_page
from sweeper.reporting._maps import map_views
from sweeper.reporting._overfit_figure import overfit_figure
from sweeper.results import Overfit
from tests.reporting import samples


class Text(HTMLParser):
    """The text of a page and the names of its sections."""

    def __init__(self, page):
        super().__init__()
        self.sections, self.said = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            self.sections.append(dict(attributes).get("id"))

    def handle_data(self, data):
        self.said.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.said).split())


@pytest.fixture(scope="module")
def followed():
    return samples.followed()


def test_every_probe_says_what_it_is_for(followed):
    probes = followed.document()["probes"]
    assert {probe["purpose"] for probe in probes if probe["optimizer"] in {"script", "sgd"}} == {"map", "overfit"}
    assert {probe["purpose"] for probe in probes if "warmup" in probe["optimizer"]} == {"warmup"}
    assert [probe["id"] for probe in probes if probe["purpose"] == "overfit"] == [followed.follow_ups.overfit.probe]


def test_without_follow_ups_all_probes_are_of_the_map():
    document = samples.usual().document()
    assert (document["overfit"], document["remedies"]) == (None, [])
    assert {probe["purpose"] for probe in document["probes"]} == {"map"}


def test_a_probe_that_nothing_asks_for_any_more_has_no_purpose(followed):
    said = followed.follow_ups
    known = {name: purpose for name, purpose in said.purposes.items() if name != said.overfit.probe}
    forgotten = samples.replace(followed, follow_ups=samples.replace(said, purposes=known)).document()
    assert [probe["id"] for probe in forgotten["probes"] if probe["purpose"] is None] == [said.overfit.probe]


def test_the_row_with_a_remedy_is_no_row_of_the_map(followed):
    document = followed.document()
    assert {row["optimizer"] for row in document["rows"]} == {"script", "sgd"}
    assert document["remedies"][0]["row"]["optimizer"] == "script(warmup=50)"
    assert document["remedies"][0]["gain"] == pytest.approx(3.16228)
    assert [view.optimizer for view in map_views(followed.results())] == ["script", "sgd"]


def test_a_cell_of_the_map_does_not_hold_the_long_training(followed):
    views = map_views(followed.results())
    held = {name for view in views for row in view.rows for cell in row.cells for name in cell.probes}
    assert held
    assert followed.follow_ups.overfit.probe not in held


def test_the_page_tells_of_overfitting_at_the_top_and_in_a_section_of_its_own(followed):
    page = Text(followed.page())
    assert page.sections.index("map") < page.sections.index("after") < page.sections.index("probes")
    assert page.words.count("It overfits: the validation loss is lowest after about 9 epochs.") == 2
    assert "The recommended setting overfits" in page.words
    assert "Warm-up: 50 steps helps" in page.words
    assert "Clipping was left out: no gradients were seen." in page.words


def test_follow_ups_in_vain_say_why():
    page = samples.followed_in_vain().page()
    assert "Overfitting could not be judged" in page
    assert 'id="overfit-figure"' not in page
    assert Text(page).words.count(samples.HOSTILE) > 3


def test_a_page_without_follow_ups_has_no_section_of_them():
    assert "after" not in Text(samples.usual().page()).sections


def test_the_figure_has_both_losses_by_epoch_and_marks_the_lowest(followed):
    figure = overfit_figure(followed.results().overfit, curves_for_page(followed.judged))
    json.dumps(figure, allow_nan=False)
    train, validation = figure["data"]
    assert (train["meta"], validation["meta"]) == ("train", "validation")
    assert max(train["x"]) == max(validation["x"]) == pytest.approx(40.0)
    assert figure["layout"]["shapes"][0]["x0"] == 9.0
    assert figure["layout"]["annotations"][0]["xanchor"] == "left"


def curve(train, val):
    steps = tuple(range(1, len(train) + 1))
    return PageCurve(steps=steps, train_loss=train, val_steps=steps[: len(val)], val_loss=val, nonfinite_step=None)


def drawn(shown, **changes):
    facts = {"probe": "p", "steps": 4, "passes": 4.0, "best_pass": 3.5}
    return overfit_figure(Overfit.model_construct(**(facts | changes)), {"p": shown})


def test_a_training_loss_far_below_leaves_the_axis():
    axis = drawn(curve((1.0, 0.1, 1e-4, 1e-6), (1.0, 0.5)))["layout"]["yaxis"]
    assert axis["type"] == "log"
    assert -1.5 < axis["range"][0] < -1.3
    axis = drawn(curve((1.0, 0.9, 0.8), (1.0, 0.85)))["layout"]["yaxis"]
    assert axis["range"][0] > -0.2


def test_losses_that_are_not_positive_get_a_linear_axis():
    assert drawn(curve((1.0, -0.1), (1.0,)))["layout"]["yaxis"]["type"] == "linear"
    assert drawn(curve((None, None), (None,)))["layout"]["yaxis"]["type"] == "linear"


def test_a_late_minimum_is_named_to_its_left_and_none_not_at_all():
    shown = curve((1.0, 0.5), (1.0, 0.5))
    assert drawn(shown)["layout"]["annotations"][0]["xanchor"] == "right"
    assert not drawn(shown, best_pass=None)["layout"].get("annotations")


def test_without_a_long_training_there_is_nothing_to_draw():
    assert overfit_figure(None, {}) is None
    assert overfit_figure(Overfit.model_construct(probe=None), {}) is None
