"""How sure a verdict is, and what noise is taken from a curve's peers."""

import numpy as np
import pytest

from sweeper.classify import Context, certainty, classify, kind_of, margin_of, peer_noise
from sweeper.curve import Curve
from sweeper.verdict import Evidence, Label, Verdict


def verdict(label, code, measured=1.0):
    deciding = Evidence(code=code, measured=measured, threshold=0.5, step=1, sentence=".")
    return Verdict(label=label, evidence=(deciding,))


@pytest.mark.parametrize(
    ("label", "code"), [(Label.DIVERGED, "above_start"), (Label.STALLED, "too_slow"), (Label.HEALTHY, "progress")]
)
def test_the_more_was_seen_the_surer(label, code):
    sure = [certainty(verdict(label, code), share=share) for share in (0.05, 0.1, 0.3, 0.6, 1.0)]
    assert sure == sorted(sure)
    assert sure[0] == sure[1], "nothing was fitted below a tenth"
    assert all(0.0 < one < 1.0 for one in sure)


def test_the_further_a_loss_rose_the_surer():
    sure = [certainty(verdict(Label.DIVERGED, "above_start", measured), share=0.1) for measured in (0.5, 1, 10, 1e9)]
    assert sure == sorted(sure)
    assert sure[0] < 0.5
    assert sure[-1] > 0.7


def test_the_less_a_loss_falls_the_surer_it_stays():
    sure = [certainty(verdict(Label.STALLED, "flat", measured), share=0.2) for measured in (0.5, 0.4, 0.1, -0.2, -9)]
    assert sure == sorted(sure)


def test_a_limit_that_is_no_number_adds_nothing():
    assert margin_of(verdict(Label.DIVERGED, "non_finite_loss", float("nan"))) == 0.0
    assert margin_of(verdict(Label.DIVERGED, "above_start", float("inf"))) == 0.0


def test_what_cannot_come_back_is_sure_from_the_start():
    for code in ("non_finite_loss", "non_finite_weight", "stopped_early"):
        assert certainty(verdict(Label.DIVERGED, code), share=0.01) > 0.999


def test_an_inconclusive_verdict_has_no_probability():
    assert certainty(verdict(Label.INCONCLUSIVE, "too_few_steps"), share=1.0) is None


def test_rare_evidence_is_taken_for_its_kind():
    assert kind_of(verdict(Label.DIVERGED, "spiking")) == "above_start"
    assert kind_of(verdict(Label.STALLED, "constant_predictor")) == "flat"


def calm(seed, *, start=2.0, noise=0.01, steps=40):
    draws = np.random.default_rng(seed).normal(size=steps)
    return Curve(train_loss=tuple((start + noise * draws).tolist()))


def test_noise_comes_from_calm_curves_with_the_same_start():
    falling = Curve(train_loss=tuple(np.linspace(2.0, 1.0, 40).tolist()))
    other = calm(1, start=9.0, noise=1e-6)
    *_, of_falling, of_other = peer_noise([*(calm(seed) for seed in range(20)), falling, other])
    assert of_falling == pytest.approx(0.01, rel=0.3)
    assert of_other is None


def test_weights_drawn_again_may_double_the_start():
    far = Curve(train_loss=tuple(np.linspace(3.5, 1.0, 40).tolist()))
    assert peer_noise([*(calm(seed) for seed in range(20)), far])[-1] == pytest.approx(0.0175, rel=0.3)


def test_few_calm_curves_give_no_noise():
    assert peer_noise([calm(seed) for seed in range(4)]) == (None,) * 4
    assert peer_noise([Curve(train_loss=(0.0,) * 9), Curve(train_loss=()), Curve(train_loss=(float("nan"),))]) == (
        (None,) * 3
    )


def test_five_points_that_swing_widely_are_told_from_noise_by_their_peers():
    peers = [calm(seed, steps=5) for seed in range(10)]
    risen = Curve(train_loss=(2.0, 2.6, 2.3, 2.9, 2.8))
    context = Context(planned_steps=50, passes=None, val_samples=0, noise=peer_noise([*peers, risen])[-1])
    assert classify(risen, null=None, context=context).label is Label.DIVERGED
