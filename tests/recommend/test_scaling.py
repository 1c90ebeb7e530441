import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.growth import Growth
from sweeper.job import OptimizerInfo
from sweeper.recommend import build_map
from sweeper.recommend._length import job_length, job_steps_of
from sweeper.recommend._scaling import expected_exponents
from sweeper.recommend._thresholds import RangeThresholds
from tests.recommend.test_rows import STEPS, job, judged, space

SIZES = (16, 64)


def rows_with_edges(exponent, *, optimizer="sgd", sizes=SIZES):
    """Rows at a resolution of 0.1 decades whose first failing rate goes as a power of the batch size."""
    for size in sizes:
        edge = -2 + exponent * math.log10(size / 16)
        for i in range(-12, 3):
            rate = float(f"{10 ** (edge + i / 10):.6g}")
            yield judged("D" if i >= 0 else "H", rate=rate, optimizer=optimizer, batch_size=size)


def scaling_of(probes, *, optimizers=("sgd",), sizes=SIZES, **more):
    return build_map(
        space(optimizers=optimizers, batch_sizes=sizes), list(probes), (), job=more.get("job", job())
    ).scalings


def test_the_safe_end_at_a_size_between_those_probed_lies_between_theirs():
    rows = build_map(space(optimizers=("sgd",), batch_sizes=SIZES), list(rows_with_edges(1.0)), (), job=job()).rows
    (scaling,) = scaling_of(rows_with_edges(1.0))
    assert (scaling.optimizer, scaling.expected, scaling.rows) == ("sgd", 1.0, 2)
    ends = {one.batch_size: one.end for one in scaling.at}
    assert sorted(ends) == [4, 8, 32, 128, 256]
    assert rows[0].safe.high < ends[32].rate < rows[1].safe.high
    assert ends[32].low < ends[32].rate < ends[32].high
    assert ends[256].high / ends[256].low > ends[32].high / ends[32].low


def test_measured_rows_move_the_exponent_from_the_rule_of_thumb():
    (scaling,) = scaling_of(rows_with_edges(0.0, sizes=(16, 64, 256)), sizes=(16, 64, 256))
    assert abs(scaling.exponent) < 0.5 < scaling.expected


def test_one_size_follows_the_rule_of_thumb_of_its_optimizer():
    probes = [*rows_with_edges(1.0, sizes=(16,)), *rows_with_edges(1.0, sizes=(16,), optimizer="adam")]
    found = scaling_of(probes, optimizers=("sgd", "adam"), sizes=(16,))
    assert [one.exponent for one in found] == [1.0, 0.5]


def test_the_scripts_own_optimizer_is_known_by_its_class():
    own = replace(job(), optimizer=OptimizerInfo(name="SGD", learning_rate=0.1))
    (scaling,) = scaling_of(rows_with_edges(1.0, optimizer="script"), optimizers=("script",), job=own)
    assert scaling.expected == 1.0


def test_no_size_has_more_samples_than_there_are():
    few = replace(job(), train_samples=100)
    (scaling,) = scaling_of(rows_with_edges(1.0), job=few)
    assert max(one.batch_size for one in scaling.at) < 100


@pytest.mark.parametrize("letters", ["H", "S"])
def test_without_a_rate_that_fails_nothing_is_measured(letters):
    probes = [judged(letters, rate=rate, optimizer="sgd", batch_size=16) for rate in (1e-3, 1e-2)]
    assert scaling_of(probes, sizes=(16,)) == ()


def test_a_fixed_batch_size_has_no_others():
    fixed = replace(job(), batch_size_fixed="the model is made for 32 samples")
    assert scaling_of(rows_with_edges(1.0), job=fixed) == ()


def test_the_length_of_the_job_is_that_of_the_script_at_every_batch_size():
    known = replace(job(batch_size=32), epochs=10, train_samples_available=3200)
    assert job_steps_of(known) == 1000
    sizes = space(batch_sizes=(16, 32, 64))
    lengths = [job_length(sizes, n, job=known, job_steps=None, thresholds=RangeThresholds()) for n in (16, 32, 64)]
    assert lengths == [2000 / STEPS, 1000 / STEPS, 500 / STEPS]


def test_a_length_that_is_given_comes_first_and_one_that_is_not_known_is_twenty_probes():
    axes, known = space(), replace(job(), epochs=10, train_samples_available=3200)
    assert job_length(axes, 32, job=known, job_steps=5000, thresholds=RangeThresholds()) == 5000 / STEPS
    assert job_length(axes, 32, job=job(), job_steps=None, thresholds=RangeThresholds()) == 20
    assert job_length(axes, 32, job=None, job_steps=None, thresholds=RangeThresholds()) == 20


def test_a_job_shorter_than_a_probe_counts_as_one():
    assert job_length(space(), 32, job=job(), job_steps=3, thresholds=RangeThresholds()) == 1


def test_whole_elements_make_as_many_steps_whatever_the_batch_size():
    whole = replace(job(), epochs=2, train_samples_available=500, whole_elements=True)
    assert job_steps_of(whole) == 1000
    assert job_length(space(), 32, job=whole, job_steps=None, thresholds=RangeThresholds()) == 1000 / STEPS


def rows_at(places, *, optimizer="sgd"):
    """Rows at a resolution of 0.1 decades with the first failing rate at a logarithm, by batch size."""
    for size, edge in places.items():
        for i in range(-12, 3):
            rate = float(f"{10 ** (edge + i / 10):.6g}")
            yield judged("D" if i >= 0 else "H", rate=rate, optimizer=optimizer, batch_size=size)


@settings(max_examples=25)
@given(st.lists(st.integers(-30, 10), min_size=2, max_size=4))
def test_between_two_measured_ends_a_prediction_lies_between_them(tenths):
    sizes = (16, 64, 256, 1024)[: len(tenths)]
    probes = list(rows_at({size: tenth / 10 for size, tenth in zip(sizes, tenths, strict=True)}))
    found = build_map(space(optimizers=("sgd",), batch_sizes=sizes), probes, (), job=job())
    ends = {row.batch_size: row.safe.high for row in found.rows}
    (scaling,) = found.scalings
    for one in scaling.at:
        below = [ends[size] for size in sizes if size < one.batch_size]
        above = [ends[size] for size in sizes if size > one.batch_size]
        if below and above:
            low, high = sorted((below[-1], above[0]))
            assert low * 0.995 <= one.end.low <= one.end.rate <= high * 1.005
        else:
            assert scaling.fits
            assert one.end.low < one.end.rate < one.end.high


def test_ends_that_lie_on_no_line_say_nothing_of_sizes_beyond_them():
    places = {16: -2.0, 64: -1.0, 256: -3.0}
    (scaling,) = scaling_of(rows_at(places), sizes=tuple(places))
    assert not scaling.fits
    assert [one.batch_size for one in scaling.at] == [32, 128]


def test_beyond_the_measured_ends_a_prediction_goes_on_from_the_nearest():
    probes = list(rows_with_edges(0.0, sizes=(16, 64, 256)))
    rows = build_map(space(optimizers=("sgd",), batch_sizes=(16, 64, 256)), probes, (), job=job()).rows
    (scaling,) = scaling_of(probes, sizes=(16, 64, 256))
    ends = {one.batch_size: one.end.rate for one in scaling.at}
    assert ends[512] / rows[-1].safe.high == pytest.approx(2**scaling.exponent, rel=0.01)
    assert ends[8] / rows[0].safe.high == pytest.approx(2**-scaling.exponent, rel=0.01)


@pytest.mark.parametrize(("name", "mean", "total"), [("sgd", 1.0, 0.0), ("momentum", 1.0, 0.0), ("adam", 0.5, 0.5)])
def test_where_the_loss_is_a_sum_rates_fall_as_gradients_grow_unless_the_optimizer_divides_by_them(name, mean, total):
    axes = space(optimizers=(name,), batch_sizes=SIZES)
    assert expected_exponents(axes, job()) == {name: mean}
    assert expected_exponents(axes, job(), Growth.PROPORTIONAL) == {name: total}
