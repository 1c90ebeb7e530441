"""The sentence on the script's own rate: true for every combination of verdicts along its row."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweeper.job import OptimizerInfo
from sweeper.ranges import TRAINABLE, CellLabel
from sweeper.recommend import build_map, recommend
from sweeper.recommendation import Standing
from sweeper.space import SCRIPT
from tests.recommend.test_rows import RATES, job, line, space


def placed(letters, rate, **more):
    of = job(rate=rate)
    rows = build_map(space(), line(letters, **more), (), job=of).rows
    return recommend(rows, of, space()).script, rows[0]


def test_a_rate_that_a_callback_hides_is_unknown_for_the_reason_that_was_found():
    of = replace(
        job(), optimizer=OptimizerInfo(name="Adam", learning_rate=None, schedule="Bold", unknown="losses set it")
    )
    rows = build_map(space(), line("SHHHHD"), (), job=of).rows
    script = recommend(rows, of, space()).script
    assert script.standing is Standing.UNKNOWN
    assert "is not known: losses set it, so it has no place on the map" in script.sentence


@pytest.mark.parametrize(
    ("letters", "rate", "standing", "words"),
    [
        ("SHHHHD", 1e-3, Standing.SAFE, "Your 1e-3 trains well with Adam at batch size 32. That row trains well from"),
        ("SHHHDD", 1e-2, Standing.TOO_HIGH, "is too high for Adam at batch size 32: it diverges."),
        ("SHHHDD", 3.16228e-2, Standing.TOO_HIGH, "1e-2 already diverges."),
        ("SHHHDH", 3.16228e-2, Standing.TOO_HIGH, "1e-2 already diverges, though this rate trained in its probe."),
        ("SHHHBB", 1e-2, Standing.TOO_HIGH, "it stops learning."),
        ("SHHHSS", 3.16228e-2, Standing.TOO_HIGH, "1e-2 already stops learning."),
        ("SHHHDD", 5e-3, Standing.NEAR_EDGE, "lies between the stable rates and 1e-2, which fails"),
        ("SHHUUD", 1e-2, Standing.NEAR_EDGE, "the loss at 3.16e-3 below it first jumps above its start"),
        ("SHHHHU", 3.16228e-2, Standing.NEAR_EDGE, "but its loss first jumps above its start"),
        ("SHHHDD", 1e-4, Standing.TOO_LOW, "is too low for Adam at batch size 32: the loss does not fall enough"),
        ("SSHHDD", 1e-4, Standing.TOO_LOW, "is too low"),
        ("SSHHDD", 2e-4, Standing.TOO_LOW, "3.16e-4 is still too slow"),
        ("HHHHDD", 1e-6, Standing.UNKNOWN, "was not probed"),
        ("HHHHHH", 1.0, Standing.UNKNOWN, "was not probed"),
        ("HSHHHD", 1e-4, Standing.UNKNOWN, "trains in a probe of Adam at batch size 32, but 3.16e-4, between it and"),
        ("HHIIHD", 1e-2, Standing.NEAR_EDGE, "but 1e-3, between it and the stable rates, is inconclusive"),
        ("SUUUDD", 1e-3, Standing.NEAR_EDGE, "no rate is known to be stable for the long job"),
        ("DDDDDD", 1e-2, Standing.TOO_HIGH, "Extend --lr downwards"),
        ("NNNNNN", 1e-3, Standing.UNKNOWN, "fails with Adam at batch size 32 as every rate does, for another reason"),
        ("SSSDDD", 1.5e-3, Standing.UNKNOWN, "was not probed"),
        ("MMMMMM", 1e-3, Standing.UNKNOWN, "the probe ran out of memory"),
        ("IIIIII", 1e-3, Standing.UNKNOWN, "the probe is inconclusive"),
        ("SHHHHD", None, Standing.UNKNOWN, "is not known"),
    ],
)
def test_the_scripts_own_rate_is_placed_on_the_map(letters, rate, standing, words):
    script, _ = placed(letters, rate)
    assert script.standing is standing
    assert words in script.sentence
    assert script.sentence.endswith(".")
    assert (script.learning_rate, script.batch_size, script.optimizer) == (rate, 32, "Adam")


def test_a_stable_rate_that_is_slow_is_safe_and_called_slow():
    script, row = placed("SHHHHD", 3.16228e-4, losses=[10, 9.0, 2.0, 1.0, 1.5, 9])
    assert (script.standing, script.trains_well) == (Standing.SAFE, False)
    assert "is stable with Adam at batch size 32, but slow." in script.sentence
    assert "trains well from 1e-3 to 1e-2; slower but stable down to 3.16e-4" in script.sentence
    assert placed("SHHHHD", 1e-3, losses=[10, 9.0, 2.0, 1.0, 1.5, 9])[0].trains_well
    assert not row.well.holds(3.16228e-4)


def test_a_stable_rate_above_those_that_train_well_is_told_so():
    script, _ = placed("SHHHHH", 3.16228e-2, losses=[10, 9.0, 2.0, 1.0, 1.5, 8])
    assert (script.standing, script.trains_well) == (Standing.SAFE, False)
    assert "the loss falls less than at lower rates" in script.sentence
    assert "less well but stable up to 3.16e-2" in script.sentence


def test_a_rate_that_a_schedule_sets_and_nobody_knows_has_no_place():
    of = replace(job(), optimizer=OptimizerInfo(name="Adam", learning_rate=None, schedule="OneCycle callback"))
    script = recommend(build_map(space(), line("SHHHHD"), (), job=of).rows, of, space()).script
    assert (script.standing, script.trains_well) == (Standing.UNKNOWN, None)
    assert "it is set by OneCycle callback" in script.sentence


@pytest.mark.parametrize(
    ("optimizer", "batch_size", "words"),
    [("adamw", 32, "add --optimizer script"), (SCRIPT, 64, "The script's batch size, 32, is not on the map")],
)
def test_a_script_off_the_map_is_told_how_to_get_on_it(optimizer, batch_size, words):
    axes = space(optimizers=(optimizer,), batch_sizes=(batch_size,))
    rows = build_map(axes, line("HHHH", optimizer=optimizer, batch_size=batch_size), ()).rows
    script = recommend(rows, job(), axes).script
    assert script.standing is Standing.UNKNOWN
    assert words in script.sentence


@given(st.text("DSOHIBUMC", min_size=1, max_size=6), st.integers(0, 5), st.booleans())
@example(letters="BSH", at=1, between=False)
def test_what_is_said_of_a_rate_agrees_with_its_own_probe(letters, at, between):
    rate = RATES[min(at, len(letters) - 1)] * (1.3 if between else 1)
    script, row = placed(letters, rate)
    cell = row.cell_at(rate)
    assert script.sentence.endswith(".")
    if cell is not None and cell.label in TRAINABLE:
        assert script.standing is not Standing.TOO_LOW
        assert "too low" not in script.sentence
        assert "does not fall" not in script.sentence
    if cell is not None and cell.called is CellLabel.TOO_SLOW:
        assert script.standing is not Standing.TOO_HIGH
    if script.standing is Standing.SAFE:
        assert row.safe.holds(rate)
        assert script.trains_well == row.well.holds(rate)
    if script.standing is Standing.TOO_HIGH:
        assert rate >= row.failing_rate
    if script.standing is Standing.NEAR_EDGE:
        assert row.safe is None or rate > row.safe.high
        assert row.failing_rate is None or rate < row.failing_rate
    assert not math.isclose(row.failing_rate or math.inf, rate) or script.standing is Standing.TOO_HIGH
