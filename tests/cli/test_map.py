import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.cli._map import MapRow, legend_lines, map_lines, raster_rows
from sweeper.reporting import LOOKS, NOT_RUN

HEALTHY, STALLED = LOOKS[:2]
DIVERGED = next(look for look in LOOKS if look.name == "diverged")


def row(optimizer, batch_size, *looks, rates):
    return MapRow(optimizer=optimizer, batch_size=batch_size, look_at=dict(zip(rates, looks, strict=True)).__getitem__)


def test_each_row_has_its_letters_below_the_rates():
    rates = (1e-3, 1e-2, 1e-1)
    rows = [row("adam", 16, STALLED, HEALTHY, DIVERGED, rates=rates), row("adam", 64, *[NOT_RUN] * 3, rates=rates)]
    head, first, second = (line.plain for line in map_lines(rows, rates, width=80))
    assert first.split() == ["adam", "16", "S", "H", "D"]
    assert second.split() == ["64", "·", "·", "·"]
    assert [head[at] for at in (first.index("S"), first.index("H"), first.index("D"))] == ["1", "1", "0"]


def test_an_optimizer_with_settings_is_cut_to_leave_room_for_the_map():
    rates = (1e-3,)
    label = "adamw(beta_1=0.95,beta_2=0.999,weight_decay=0.0123)"
    _, line = map_lines([row(label, 16, HEALTHY, rates=rates)], rates, width=80)
    assert len(line) < 45
    assert "…" in line.plain


@given(st.lists(st.floats(min_value=1e-8, max_value=1e3), min_size=1, max_size=60, unique=True), st.integers(60, 200))
def test_the_map_fits_the_width_as_long_as_cells_have_a_letter(rates, width):
    rates = sorted(rates)
    rows = [MapRow(optimizer="script", batch_size=64, look_at=lambda _: HEALTHY)]
    head, line = map_lines(rows, rates, width=width)
    assert line.plain.count("H") == len(rates)
    if len(rates) <= width - 20:
        assert len(line) <= width
    labels = head.plain.split()[2:]
    assert labels
    assert all(float(label) > 0 for label in labels)


@pytest.mark.parametrize(("width", "lines"), [(250, 1), (60, 4)])
def test_the_legend_names_what_is_there_in_as_many_lines_as_needed(width, lines):
    legend = legend_lines(LOOKS, width=width)
    assert len(legend) == lines
    assert all(len(line) <= width for line in legend)
    assert sum(line.plain.count("healthy") for line in legend) == 1
    assert [line.plain.split() for line in legend_lines([HEALTHY], width=80)] == [["H", "healthy"]]


LOOKS_OF_ROWS = {
    ("adam", 16): {1e-5: STALLED, 1.25893e-5: HEALTHY, 1e-2: HEALTHY, 1.25893e-2: DIVERGED},
    ("adam", 64): {1e-4: STALLED, 1e-3: HEALTHY, 10.0: DIVERGED},
}


@pytest.mark.parametrize("width", [50, 80, 120])
def test_rows_with_rates_of_their_own_share_columns_that_fit_the_width(width):
    rows, rates = raster_rows(LOOKS_OF_ROWS, resolution=0.1, width=width)
    head, first, second = (line.plain for line in map_lines(rows, rates, width=width))
    assert max(map(len, (first, second))) <= width
    assert len(rates) == {50: 31, 80: 61, 120: 61}[width]
    assert {"1e-5", "1e-2", "10"} <= set(head.split())
    assert first[head.index("1e-2")] in "HD"
    assert "Hhhhh" in first
    assert second[head.index("1e-3")] == "H"


def test_what_follows_from_both_sides_is_a_small_letter_and_an_edge_is_open():
    rows, rates = raster_rows(LOOKS_OF_ROWS, resolution=1.0, width=80)
    _, first, second = (line.plain.split()[-1] for line in map_lines(rows, rates, width=19))
    assert (first, second) == ("S··D···", "·SH···D")


def test_a_search_without_any_probe_has_no_columns():
    rows, rates = raster_rows({("adam", 16): {}}, resolution=0.1, width=80)
    assert (len(rows), rates) == (1, ())
