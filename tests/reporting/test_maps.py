from dataclasses import replace

import pytest

from sweeper.ranges import Cell, CellLabel, SafeRange
from sweeper.reporting._maps import map_views, optimizer_title
from sweeper.reporting._scale import LogScale, log_edges
from sweeper.space import OptimizerChoice
from sweeper.verdict import Label
from tests.reporting import samples


@pytest.fixture(scope="module")
def usual():
    return samples.usual()


@pytest.fixture(scope="module")
def views(usual):
    return map_views(usual.results())


def cell_at(view, batch, rate):
    row = next(row for row in view.rows if row.batch_size == batch)
    return next(cell for cell in row.cells if cell.learning_rate == rate)


def test_one_map_for_each_optimizer_in_the_order_of_the_axis(views):
    assert [view.optimizer for view in views] == ["script", "adam", "sgd"]
    assert [view.title for view in views] == ["your Adam", "adam", "sgd"]


def test_a_cell_has_the_letter_of_its_verdict_or_of_its_bad_end(views):
    assert cell_at(views[1], 64, 1e-6).look.glyph == "S"
    assert cell_at(views[1], 64, 1e-3).look.glyph == "H"
    assert cell_at(views[1], 64, 1.0).look.glyph == "D"
    assert cell_at(views[1], 256, 1.0).look.glyph == "M"
    assert cell_at(views[2], 256, 1.0).look.glyph == "T"
    assert cell_at(views[2], 16, 0.316228).look.glyph == "X"


def test_a_cell_without_probes_is_not_run():
    views = map_views(samples.interrupted().results())
    assert cell_at(views[2], 16, 1e-3).look.name == "not-run"
    assert cell_at(views[2], 16, 1e-3).probes == ()


def test_each_cell_knows_its_probes_and_the_probe_without_updates(views):
    assert cell_at(views[1], 64, 1e-3).probes == ("adam-lr0.001-b64-s0-n200",)
    assert views[1].rows[1].nulls == ("adam-lr0-b64-s0-n200",)


def test_a_null_probe_of_another_optimizer_will_do(usual):
    judged = tuple(j for j in usual.judged if not (j.outcome.probe.is_null and j.outcome.probe.optimizer == "adam"))
    views = map_views(replace(usual, judged=judged).results())
    assert views[1].rows[1].nulls == ("script-lr0-b64-s0-n200", "sgd-lr0-b64-s0-n200")


def test_disagreeing_seeds_show_as_a_fraction():
    view = map_views(samples.several_seeds().results())[0]
    assert cell_at(view, 32, 0.01).agreement == "2/3"
    assert "2 of 3 probes" in cell_at(view, 32, 0.01).description
    assert cell_at(view, 32, 1e-3).agreement == ""


def test_both_ranges_are_outlined_from_their_first_to_their_last_cell(views):
    row = views[0].rows[1]
    classes = [cell.range_class for cell in row.cells if cell.range_class]
    last = "stable stable-last well well-last"
    assert classes == ["stable stable-first", "stable well well-first", "stable well", last]
    assert [cell.range_note for cell in row.cells if cell.range_note] == ["slower but stable", *["trains well"] * 3]
    assert row.stable_box[0] < 1e-4 < row.well_box[0] < 3.16228e-4
    assert 3.16228e-3 < row.stable_box[1] == row.well_box[1] < 0.01


def test_a_stable_range_between_two_cells_is_still_outlined(usual):
    rows = tuple(replace(row, safe=SafeRange(low=1.1e-3, high=1.2e-3)) for row in usual.rows)
    row = map_views(replace(usual, rows=rows).results())[0].rows[0]
    assert row.stable_box == (1.1e-3, 1.2e-3)


def test_an_end_between_two_cells_is_drawn_where_it_is_named(usual):
    cells = [cell.learning_rate for cell in usual.rows[0].cells]
    between = (cells[1] * 1.2, cells[3] * 1.9)
    rows = tuple(replace(row, safe=SafeRange(low=between[0], high=between[1])) for row in usual.rows)
    row = map_views(replace(usual, rows=rows).results())[0].rows[0]
    assert row.stable_box == between


def test_the_ranges_of_a_boundary_search_are_drawn_as_they_are_named():
    results = samples.searched().results()
    for view, rows in ((view, results.rows) for view in map_views(results)):
        named = {row.batch_size: row for row in rows if row.optimizer == view.optimizer}
        for row in view.rows:
            said = named[row.batch_size]
            for box, ends in (
                (row.stable_box, said.stable_learning_rate),
                (row.well_box, said.trains_well_learning_rate),
            ):
                assert box == (None if ends is None else (ends.low, ends.high))


def test_recommended_and_own_settings_are_marked(views):
    own = views[0]
    assert cell_at(own, 64, 1e-3).recommended
    assert cell_at(own, 64, 0.01).yours
    assert (own.yours.learning_rate, own.yours.row) == (0.01, 1.0)
    assert views[1].yours is None
    assert sum(cell.yours for view in views for row in view.rows for cell in row.cells) == 1


def test_a_setting_off_the_axes_marks_the_nearest_cell(usual):
    script = replace(usual.recommendation.script, learning_rate=4e-4, batch_size=32)
    sample = replace(usual, recommendation=replace(usual.recommendation, script=script))
    view = map_views(sample.results())[0]
    assert 0 < view.yours.row < 1
    marked = [(row.batch_size, cell.learning_rate) for row in view.rows for cell in row.cells if cell.yours]
    assert marked == [(16, 3.16228e-4)]


def test_an_unknown_own_rate_is_not_marked(usual):
    script = replace(usual.recommendation.script, learning_rate=None)
    sample = replace(usual, recommendation=replace(usual.recommendation, script=script))
    assert map_views(sample.results())[0].yours is None


def test_rates_that_only_some_rows_have_make_columns_for_all(usual):
    more = Cell(learning_rate=2e-3, label=Label.HEALTHY, called=CellLabel.HEALTHY, agreeing=1, judged=1)
    rows = (replace(usual.rows[0], cells=(*usual.rows[0].cells, more)), *usual.rows[1:])
    view = map_views(replace(usual, rows=rows).results())[0]
    assert 2e-3 in view.rates
    assert cell_at(view, 16, 2e-3).look.glyph == "H"
    assert cell_at(view, 64, 2e-3).look.glyph == "·"


def test_no_rows_make_no_maps():
    assert map_views(samples.nothing_trained().results()) == ()


def test_the_own_optimizer_with_other_settings_is_named_by_its_class_too(usual):
    choices = [
        OptimizerChoice(label="script(warmup=5)", name="script", warmup_steps=5),
        OptimizerChoice(label="adam(warmup=5)", name="adam", warmup_steps=5),
    ]
    results = replace(usual, space=replace(usual.space, optimizers=tuple(choices))).results()
    assert optimizer_title(results, "script(warmup=5)") == "your Adam(warmup=5)"
    assert optimizer_title(results, "adam(warmup=5)") == "adam(warmup=5)"


def test_without_a_job_the_own_optimizer_has_no_class():
    assert optimizer_title(samples.nothing_trained().results(), "script") == "your optimizer"


def test_cell_borders_lie_half_way_between_rates():
    assert log_edges((1.0, 100.0)) == pytest.approx((0.1, 10.0, 1000.0))
    assert log_edges((1.0,)) == pytest.approx((10**-0.5, 10**0.5))


def test_places_on_a_scale_are_percent_of_its_decades():
    scale = LogScale(low=1e-4, high=1.0)
    assert scale.percent(1e-2) == 50
    assert scale.percent(1e-9) == 0
    assert scale.percent(9.0) == 100
    assert scale.width(1e-3, 1e-2) == 25


def test_the_scripts_own_optimizer_with_a_setting_is_named_by_its_class():
    results = samples.usual().results()
    assert optimizer_title(results, "script(warmup=50)") == "your Adam(warmup=50)"
    assert optimizer_title(results, "adam(warmup=50)") == "adam(warmup=50)"
