"""The report in a real browser: it complains of nothing, asks for nothing, and does what it offers."""

import pytest

from tests.reporting import samples
from tests.reporting.browser import browser, chromium, new_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on PATH"),
]
SAMPLES = samples.every()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as pipe:
        yield pipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, sample in SAMPLES.items():
        (folder / f"{name}.html").write_text(sample.page())
    return folder


@pytest.fixture
def usual(running, folder):
    page = new_page(running)
    page.open(folder / "usual.html")
    yield page
    assert page.complaints() == []


def title(page):
    return page.evaluate("document.getElementById('panel-title').textContent")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_opens_without_complaint_and_without_a_request(name, running, folder):
    page = new_page(running)
    page.open(folder / f"{name}.html", dark=name in {"several_seeds", "memory_usual"})
    assert page.complaints() == []
    assert page.requests() == [(folder / f"{name}.html").as_uri()]


@pytest.mark.parametrize("width", [360, 768, 1400])
@pytest.mark.parametrize("name", ["usual", "memory_usual", "memory_hostile"])
def test_a_page_is_never_wider_than_its_window(name, width, running, folder):
    page = new_page(running)
    page.open(folder / f"{name}.html", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_recommended_cell_is_shown_at_first(usual):
    assert title(usual) == "your Adam · 1e-3 · batch size 64H healthy"
    assert usual.evaluate("document.querySelectorAll('#panel-chart .scatterlayer .trace').length") == 3


def test_a_click_on_the_map_shows_the_curves_of_the_cell(usual):
    place = usual.evaluate("""(() => {
        const map = document.querySelector('[data-map=map1]');
        map.scrollIntoView({ behavior: 'instant', block: 'center' });
        const box = map.getBoundingClientRect(), { xaxis, yaxis } = map._fullLayout;
        return [box.x + xaxis._offset + xaxis.d2p(0.1), box.y + yaxis._offset + yaxis.d2p(1)];
    })()""")
    usual.move(*place)
    usual.until("document.querySelector('[data-map=map1] .hoverlayer .hovertext')")
    usual.click(*place)
    usual.until("document.getElementById('panel-title').textContent.startsWith('adam')")
    assert title(usual) == "adam · 0.1 · batch size 64D diverged"
    assert "not finite from step" in usual.evaluate("document.getElementById('panel-chart').textContent")
    assert "The loss became NaN" in usual.evaluate("document.getElementById('panel-probes').textContent")


def test_the_table_can_be_used_by_keyboard(usual):
    usual.evaluate("""(() => {
        const map = document.querySelectorAll('.map')[2];
        map.querySelector('details').open = true;
        map.querySelector('[data-cell]').focus();
    })()""")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        usual.press(key)
    assert title(usual) == "sgd · 1e-5 · batch size 64S too slow"


def test_a_failed_cell_says_what_happened(usual):
    usual.evaluate("document.querySelector('[data-cell=map1-2-12]').click()")
    assert title(usual) == "adam · 1 · batch size 256M out of memory"
    assert "the worker ended by itself" in usual.evaluate("document.getElementById('panel-probes').textContent")


def test_probes_can_be_sorted_by_a_number(usual):
    losses = usual.evaluate("""(() => {
        const table = document.querySelector('.sortable');
        const header = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent === 'final loss');
        table.tHead.rows[0].cells[header].querySelector('button').click();
        return [...table.tBodies[0].rows].map((row) => row.cells[header].dataset.value);
    })()""")
    known = [float(loss) for loss in losses if loss]
    assert known == sorted(known)
    assert losses[: len(known)] == [loss for loss in losses if loss]


def test_the_memory_figure_tells_of_the_trial_that_is_pointed_at(running, folder):
    page = new_page(running)
    page.open(folder / "memory_usual.html")
    place = page.evaluate("""(() => {
        const figure = document.getElementById('memory-figure');
        figure.scrollIntoView({ behavior: 'instant', block: 'center' });
        const box = figure.getBoundingClientRect(), { xaxis, yaxis } = figure._fullLayout;
        return [box.x + xaxis._offset + xaxis.d2p(520), box.y + yaxis._offset + yaxis.d2p(4.31e9)];
    })()""")
    page.move(*place)
    page.until("document.querySelector('#memory-figure .hoverlayer .hovertext')")
    said = page.evaluate("document.querySelector('#memory-figure .hoverlayer').textContent")
    assert "out of memory" in said
    assert "trial 4" in said
    assert page.complaints() == []


def test_the_memory_figure_takes_the_colours_of_the_theme(running, folder):
    page = new_page(running)
    page.open(folder / "axis_from_memory.html")
    stroke = "document.querySelector('#memory-figure .xy .js-line').style.stroke"
    light = page.evaluate(stroke)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.until(f"{stroke} !== {light!r}")
    assert page.complaints() == []


def test_nothing_in_the_page_uploads(usual):
    assert usual.evaluate("document.querySelectorAll('.modebar-btn').length") == 0


def test_hostile_strings_run_nothing(running, folder):
    page = new_page(running)
    page.open(folder / "hostile.html")
    page.evaluate("document.querySelectorAll('[data-cell]').forEach((button) => button.click())")
    assert page.complaints() == []
    assert page.evaluate("document.images.length") == 0


def test_without_scripts_the_tables_are_there(running, folder):
    page = new_page(running)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.load(folder / "usual.html")
    assert page.evaluate("document.querySelectorAll('.as-table[open] [data-cell]').length") == 117
    assert page.evaluate("document.getElementById('curves').hidden")


def test_without_scripts_the_sizes_are_in_their_table(running, folder):
    page = new_page(running)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.load(folder / "memory_usual.html")
    assert page.evaluate("document.querySelectorAll('.sizes tbody tr').length") == 10
    assert page.evaluate("document.getElementById('memory-figure').hidden")
