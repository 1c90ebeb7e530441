"""Which of the stable rates train well, and what a map calls each rate."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind
from sweeper.ranges import CellLabel, SafeRange, called
from sweeper.recommend import RangeThresholds, build_map
from sweeper.space import SCRIPT
from sweeper.text import chance_text, ranges_text
from sweeper.verdict import Evidence, Label, Verdict
from tests.recommend.test_rows import RATES, STEPS, job, judged, line, row_of, space


def null(level):
    curve = Curve(train_loss=(level,) * STEPS)
    return Outcome(probe=judged("H", rate=0.0).outcome.probe, kind=OutcomeKind.COMPLETED, curve=curve)


def row_from(level, letters, losses, **more):
    return build_map(space(), line(letters, losses=losses), (null(level),), **more).rows[0]


def test_rates_train_well_that_make_seven_tenths_of_what_the_best_stable_rate_makes():
    row = row_from(10.0, "SHHHHD", [10, 9.0, 3.0, 2.0, 0.0, 9])
    assert row.safe == SafeRange(low=RATES[1], high=RATES[4])
    assert row.well == SafeRange(low=RATES[2], high=RATES[4])
    assert row_from(10.0, "SHHHHD", [10, 9.0, 3.1, 2.0, 0.0, 9]).well == SafeRange(low=RATES[3], high=RATES[4])


def test_the_range_that_trains_well_may_end_below_the_stable_one():
    row = row_from(10.0, "SHHHHH", [10, 9.0, 2.0, 1.0, 1.5, 8.0])
    assert row.well == SafeRange(low=RATES[2], high=RATES[4])
    assert row.safe == SafeRange(low=RATES[1], high=RATES[5])


def test_it_is_one_stretch_around_the_best_rate():
    row = row_from(10.0, "HHHHHH", [1.0, 1.0, 9.0, 1.0, 0.5, 1.0])
    assert row.well == SafeRange(low=RATES[3], high=RATES[5])
    assert row.recommended_learning_rate == RATES[4]


def test_the_share_is_a_named_threshold():
    losses = [10, 9.0, 6.0, 2.0, 0.0, 9]
    assert row_from(10.0, "SHHHHD", losses, thresholds=RangeThresholds(well=0.3)).well.low == RATES[2]


def test_without_a_null_curve_the_first_loss_stands_for_the_start():
    assert row_of("SHHHHD", losses=[10, 9.0, 2.0, 1.0, 1.0, 9]).well == SafeRange(low=RATES[2], high=RATES[4])


def test_a_row_without_a_stable_rate_has_none_that_trains_well():
    assert row_of("DDDDDD").well is None


@given(st.text("DSOHIBUMC", max_size=6), st.lists(st.floats(0.1, 9.9), min_size=6, max_size=6))
def test_the_recommended_rate_trains_well_and_what_trains_well_is_stable(letters, losses):
    row = build_map(space(), line(letters, losses=losses), (null(10.0),), job=job()).rows[0]
    assert (row.well is None) == (row.safe is None)
    if row.well is not None:
        assert row.safe.low <= row.well.low <= row.recommended_learning_rate <= row.well.high <= row.safe.high


@pytest.mark.parametrize("losses", [[3, 1.0, 1.01, 1, 9], [3, 1.0, 0.5, 1, 9]])
def test_the_scripts_own_rate_is_that_of_its_row_too(losses):
    rows = build_map(space(), line("HHHHD", losses=losses), (null(10.0),), job=job()).rows
    assert rows[0].recommended_learning_rate == 1e-3
    other = build_map(
        space(optimizers=("sgd",)), line("HHHHD", losses=losses, optimizer="sgd"), (null(10.0),), job=job()
    )
    assert other.rows[0].recommended_learning_rate == (RATES[1] if losses[2] > 1 else 1e-3)


def test_the_scripts_own_rate_gives_way_to_a_better_one():
    rows = build_map(space(), line("HHHHD", losses=[3, 2.0, 2.0, 1, 9]), (null(10.0),), job=job()).rows
    assert rows[0].recommended_learning_rate == RATES[3]


def labels(letters):
    return "".join((cell.called or "-")[0] for cell in row_of(letters).cells)


@pytest.mark.parametrize(
    ("letters", "names"),
    [
        ("SSHHDD", "tthhdd"),  # too slow below what trains
        ("SHHHSS", "thhhbb"),  # broken above it
        ("SHHHBB", "thhhbb"),
        ("SSSDDD", "nnnddd"),  # nothing trains, and no rule says that a higher rate may help
        ("DSSSSS", "dbbbbb"),  # above a rate that fails
        ("IOHHMM", "iohh--"),
    ],
)
def test_stalled_rates_are_too_slow_below_and_broken_above(letters, names):
    assert labels(letters) == names


@pytest.mark.parametrize(
    ("code", "trains", "fails", "name"),
    [
        ("flat", (), None, CellLabel.TOO_SLOW),
        ("too_slow", (), 1.0, CellLabel.TOO_SLOW),
        ("too_slow", (1e-4,), None, CellLabel.BROKEN),
        ("too_slow", (1e-4, 1e-2), None, CellLabel.TOO_SLOW),
        ("no_gradient", (1e-4, 1e-2), None, CellLabel.BROKEN),
        ("no_gradient", (), None, CellLabel.NO_PROGRESS),
        ("constant_predictor", (1e-2,), None, CellLabel.TOO_SLOW),
        ("broken", (1e-2,), None, CellLabel.BROKEN),
        ("flat", (), 1e-4, CellLabel.BROKEN),
        ("flat", (1e-2,), 1e-4, CellLabel.NO_PROGRESS),
    ],
)
def test_the_rule_that_found_a_stall_decides_where_its_row_does_not(code, trains, fails, name):
    verdict = Verdict(
        label=Label.STALLED, evidence=(Evidence(code=code, measured=0, threshold=0, step=1, sentence="So it is."),)
    )
    assert called(verdict, 1e-3, trains=trains, fails=fails) is name


def test_a_rate_that_trained_where_most_probes_fail_is_unreliable():
    probes = [*line("HHHDD"), judged("H", rate=RATES[5])]
    cells = build_map(space(), probes, ()).rows[0].cells
    assert cells[5].label is Label.HEALTHY
    assert cells[5].diverges.probability > 0.5
    assert cells[5].called is CellLabel.UNRELIABLE


@given(st.text("DSOHIBUMC", min_size=1, max_size=6))
def test_no_healthy_rate_is_more_likely_to_fail_and_every_interval_holds_its_chance(letters):
    for cell in row_of(letters).cells:
        if cell.diverges is not None:
            assert cell.diverges.low <= cell.diverges.probability <= cell.diverges.high
            assert cell.called is not CellLabel.HEALTHY or cell.diverges.probability < 0.5


def nans(steps):
    probes = []
    for rate, step in zip(RATES, steps, strict=True):
        one = judged("D", rate=rate, optimizer=SCRIPT)
        seen = Evidence(code="non_finite_loss", measured=math.nan, threshold=0.0, step=step, sentence="NaN.")
        probes.append(replace(one, verdict=Verdict(label=Label.DIVERGED, evidence=(seen,))))
    return build_map(space(), probes, ()).rows[0].reason


def test_a_loss_that_ends_at_the_same_step_whatever_the_rate_is_not_answered_by_lower_rates():
    assert "the rate is hardly the reason" in nans([7, 7, 7, 7, 7, 7])
    assert "Extend --lr downwards" in nans([40, 20, 13, 10, 8, 7])


@pytest.mark.parametrize(
    ("stable", "well", "words"),
    [
        ((1e-5, 2e-2), (1e-3, 2e-2), "trains well from 1e-3 to 2e-2; slower but stable down to 1e-5"),
        ((1e-3, 2e-2), (1e-3, 2e-2), "trains well from 1e-3 to 2e-2"),
        ((1e-3, 2e-2), (1e-3, 1e-2), "trains well from 1e-3 to 1e-2; less well but stable up to 2e-2"),
        ((1e-3, 1e-3), (1e-3, 1e-3), "trains well at 1e-3"),
        ((1e-3, 1e-2), None, "is stable from 1e-3 to 1e-2"),
    ],
)
def test_ranges_are_said_with_what_trains_well_first(stable, well, words):
    assert ranges_text(stable, well) == words


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        ((0.001, 0.0, 0.002), "under 1%"),
        ((0.005, 0.001, 0.05), "under 1% (at most 5%)"),
        ((0.5, 0.2, 0.8), "50% (20% to 80%)"),
        ((0.999, 0.8, 0.9999), "over 99% (at least 80%)"),
        ((0.12, 0.12, 0.12), "12%"),
    ],
)
def test_a_chance_is_said_once_where_its_interval_adds_nothing(chance, words):
    assert chance_text(*chance) == words
