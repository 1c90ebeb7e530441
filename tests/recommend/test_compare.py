"""By what batch sizes compare: losses that are means, sums, or depend on the batch size in another way."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.curve import Curve
from sweeper.growth import Growth, Level, exponent, growth
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.recommend import build_map, recommend
from sweeper.recommendation import Measure
from sweeper.space import SCRIPT
from tests.recommend.test_rows import STEPS, job, judged, space

SIZES = (16, 64, 256)
FALL = {16: 0.30, 64: 0.25, 256: 0.20}
"""What is left of the loss of a sample in the end."""


def null(size, *, loss, val=None, noise=0.02):
    random = np.random.default_rng(size)
    losses = loss * (1 + noise * random.normal(size=STEPS))
    probe = Probe(optimizer=SCRIPT, learning_rate=0.0, batch_size=size, seed=0, steps=STEPS)
    vals = {} if val is None else {"val_steps": (0, STEPS), "val_loss": (val, val)}
    return Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=Curve(train_loss=tuple(losses.tolist()), **vals))


def with_validation(one, end):
    curve = replace(one.outcome.curve, val_steps=(0, 50, STEPS), val_loss=(2.0, 1.0, end))
    return replace(one, outcome=replace(one.outcome, curve=curve))


def advised(loss_of, *, val_of=None, steps=None):
    """The recommendation where a batch of `size` samples whose loss is `each` has `loss_of(size, each)`."""
    axes = space(batch_sizes=SIZES, steps=steps)
    probes = [judged("H", rate=1e-3, loss=loss_of(size, each), batch_size=size) for size, each in FALL.items()]
    if steps is not None:
        probes = [
            replace(one, outcome=replace(one.outcome, probe=replace(one.outcome.probe, steps=axes.steps_at(size))))
            for one, size in zip(probes, SIZES, strict=True)
        ]
    if val_of is not None:
        probes = [with_validation(one, val_of(one.outcome.probe.batch_size)) for one in probes]
    nulls = [null(size, loss=loss_of(size, 1.0), val=None if val_of is None else 2.0) for size in SIZES]
    of = job(batch_size=64)
    found = build_map(axes, probes, nulls, job=of)
    return recommend(found.rows, of, axes, comparison=found.comparison)


def test_a_mean_compares_by_the_loss_itself():
    advice = advised(lambda size, each: each)
    assert advice.comparison.measure is Measure.LOSS
    assert [one.batch_size for one in advice.comparison.sizes] == [256, 64, 16]
    assert [one.loss for one in advice.comparison.sizes] == pytest.approx([0.20, 0.25, 0.30])
    assert advice.batch_size == 64  # more samples bought the lower loss of 256


def test_a_sum_compares_by_the_loss_of_a_sample_and_not_by_its_value():
    advice = advised(lambda size, each: size * each)
    assert advice.comparison.measure is Measure.PER_SAMPLE
    assert [one.batch_size for one in advice.comparison.sizes] == [256, 64, 16]
    assert [one.loss for one in advice.comparison.sizes] == pytest.approx([0.20, 0.25, 0.30])
    assert advice.batch_size == 64
    assert "a loss of 16 (loss per sample 0.25) after" in advice.reason
    assert "loss per sample, the lowest first: 256 with 0.2, 64 with 0.25, 16 with 0.3" in advice.comparison.sentence
    assert "as a sum over the batch is" in advice.comparison.sentence


@pytest.mark.parametrize("reduce", [lambda size, each: each, lambda size, each: size * each])
def test_a_larger_size_that_is_better_and_cheaper_is_recommended_whatever_the_reduction(reduce):
    assert advised(reduce, steps=(400, 100, 20)).batch_size == 256


@pytest.mark.parametrize("reduce", [lambda size, each: size * each, lambda size, each: each + math.log(size)])
def test_where_losses_depend_on_the_size_the_validation_loss_compares(reduce):
    advice = advised(reduce, val_of={16: 0.5, 64: 0.4, 256: 0.7}.get)
    assert advice.comparison.measure is Measure.VALIDATION
    assert [(one.batch_size, one.loss) for one in advice.comparison.sizes] == [(64, 0.4), (16, 0.5), (256, 0.7)]
    assert advice.batch_size == 64


def test_losses_of_another_kind_do_not_compare_without_a_validation_loss():
    advice = advised(lambda size, each: each + math.log(size), steps=(400, 100, 20))
    assert advice.comparison.measure is Measure.NOTHING
    assert advice.batch_size == 64
    assert all(one.loss is None for one in advice.comparison.sizes)
    assert advice.comparison.sentence.startswith("Batch sizes are not compared: the training loss")


def test_a_penalty_that_does_not_grow_is_no_sum_unless_it_is_small():
    assert advised(lambda size, each: size * each + 5).comparison.measure is Measure.NOTHING
    assert advised(lambda size, each: size * each + 1).comparison.measure is Measure.PER_SAMPLE


def test_one_size_has_nothing_to_compare_with():
    axes, of = space(batch_sizes=(64,)), job(batch_size=64)
    found = build_map(axes, [judged("H", rate=1e-3, batch_size=64)], [null(64, loss=64.0)], job=of)
    assert recommend(found.rows, of, axes, comparison=found.comparison).comparison is None


def test_without_null_probes_losses_compare_as_they_are():
    axes = space(batch_sizes=SIZES)
    probes = [judged("H", rate=1e-3, loss=size, batch_size=size) for size in SIZES]
    assert build_map(axes, probes, [null(16, loss=1.0)], job=job()).comparison.measure is Measure.LOSS


@given(
    power=st.sampled_from((0.0, 1.0)),
    level=st.floats(1e-6, 1e6),
    sign=st.sampled_from((-1.0, 1.0)),
    sizes=st.sets(st.integers(1, 4096), min_size=2, max_size=5),
)
def test_the_power_is_that_of_the_levels(power, level, sign, sizes):
    levels = [Level(batch_size=size, value=sign * level * size**power) for size in sizes]
    assert exponent(levels)[0] == pytest.approx(power, abs=1e-6)
    assert growth(levels) is (Growth.PROPORTIONAL if power else Growth.ALIKE)


def test_noise_is_no_growth():
    apart = (Level(batch_size=16, value=1.0, error=0.3), Level(batch_size=64, value=1.6, error=0.3))
    assert growth(apart) is Growth.ALIKE
    assert growth([replace(level, error=0.01) for level in apart]) is Growth.OTHER


def test_levels_on_both_sides_of_zero_are_alike_only_within_noise():
    levels = (Level(batch_size=16, value=-0.1, error=0.1), Level(batch_size=64, value=0.1, error=0.1))
    assert growth(levels) is Growth.ALIKE
    assert growth([replace(level, error=0.01) for level in levels]) is Growth.OTHER
