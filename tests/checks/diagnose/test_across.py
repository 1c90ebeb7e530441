"""What only the probes together show."""

from dataclasses import replace

import pytest

from sweeper.checks.diagnose import across
from sweeper.curve import Curve
from sweeper.findings import Finding, Severity
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.verdict import Evidence, Judged, Label, Verdict

RATES = (1e-4, 1e-3, 1e-2, 1e-1)
UNSCALED = Finding(
    code="SW203", severity=Severity.WARNING, title="the inputs are not scaled", evidence="", remedy="Scale."
)


def judged(label, *, rate=1e-3, size=32, seed=0, kind=OutcomeKind.COMPLETED, losses=()):
    probe = Probe(optimizer="sgd", learning_rate=rate, batch_size=size, seed=seed, steps=20)
    label, code = label if isinstance(label, tuple) else (label, "e")
    evidence = (Evidence(code=code, measured=1.0, threshold=1.0, step=None, sentence="s"),)
    verdict = Verdict(label=label, evidence=evidence) if label is not None else None
    curve = Curve(train_loss=losses) if losses else None
    return Judged(outcome=Outcome(probe=probe, kind=kind, seconds=1.0, curve=curve), verdict=verdict)


def row(*labels, size=32, seed=0):
    return [judged(label, rate=rate, size=size, seed=seed) for label, rate in zip(labels, RATES, strict=False)]


VANISHING = replace(UNSCALED, code="SW407", title="gradients vanish on the way to dense", remedy="Take relu.")


def codes(probes, findings=(), suspicions=()):
    return [finding.code for finding in across(probes, findings, suspicions)]


S, D, H = Label.STALLED, Label.DIVERGED, Label.HEALTHY
TOO_SLOW = (Label.STALLED, "too_slow")


def test_probes_that_all_stall_have_a_fault_that_is_none_of_the_axes():
    (found,) = across([*row(S, S, S, S), *row(S, S, S, S, seed=1)], (UNSCALED,))
    assert found.code == "SW601"
    assert "the inputs are not scaled (SW203)" in found.evidence
    assert found.remedy == "Scale."


def test_high_rates_alone_that_fail_are_the_normal_picture():
    assert codes([*row(S, H, H, D), *row(S, H, H, D, seed=1)]) == []


def test_probes_that_fail_in_two_ways_have_one_fault_only_where_a_cause_is_known():
    probes = [*row(S, S, D, D), *row(S, S, D, D, seed=1)]
    assert codes(probes) == []
    assert codes(probes, (replace(UNSCALED, severity=Severity.NOTE),)) == []
    (found,) = across(probes, (UNSCALED,))
    assert found.title == "no probe trains, whatever the rate: optimizer, rate and batch size are not the cause"
    assert "8 probes from 1e-4 to 0.1: 4 stalled, 4 diverged" in found.evidence


def breaking(rate, *, losses=(0.7, 0.69), optimizer="sgd"):
    one = judged(Label.DIVERGED, rate=rate)
    curve = Curve(train_loss=losses, first_nonfinite_weight=len(losses))
    probe = replace(one.outcome.probe, optimizer=optimizer)
    return replace(one, outcome=replace(one.outcome, curve=curve, probe=probe))


def test_updates_that_break_weights_at_every_rate_are_not_the_rates_fault():
    probes = [breaking(rate) for rate in (1e-4, 1e-3, 1e-2)]
    assert "SW605" in codes(probes)
    assert "SW605" not in codes([breaking(rate) for rate in (1e-3, 2e-3, 1e-2)]), "one decade is too few"
    assert "SW605" not in codes([*probes[1:], breaking(1e-4, losses=(0.7, 0.7, 9.0))]), "a loss that rises first"


def test_what_a_first_batch_showed_is_found_only_where_nothing_trains():
    assert codes([*row(S, S, S, S), *row(S, S, S, S, seed=1)], suspicions=(VANISHING,)) == ["SW601", "SW407"]
    assert codes([*row(S, H, H, D), *row(S, H, H, D, seed=1)], suspicions=(VANISHING,)) == []
    (found, _) = across([*row(S, S, S, S), *row(S, S, S, S, seed=1)], (), (VANISHING,))
    assert "gradients vanish on the way to dense (SW407)" in found.evidence
    assert found.remedy == "Take relu."


def falling(end, count=8):
    return [judged(H, rate=10.0**-number, losses=(1.0, *(end,) * 19)) for number in range(count)]


def test_probes_that_only_reach_a_constant_prediction_have_learned_nothing():
    (found, symptom) = across(falling(0.675), (), (VANISHING,), constant_loss=0.693)
    assert (found.code, found.severity, symptom) == ("SW604", Severity.WARNING, VANISHING)
    assert "gradients vanish on the way to dense (SW407)" in found.evidence
    (found,) = across(falling(0.675), (), constant_loss=0.693)
    assert found.severity is Severity.NOTE
    assert "--steps" in found.remedy


def test_one_probe_that_learns_is_enough():
    learns = judged(H, losses=(1.0, *(0.67,) * 19))
    assert across([*falling(0.7), learns], (), (VANISHING,), constant_loss=0.693) == ()


def test_it_is_not_said_without_the_loss_of_a_constant_prediction_or_of_few_probes():
    assert across(falling(0.7), (), (VANISHING,)) == ()
    assert across(falling(0.7), (), (VANISHING,), constant_loss=0.0) == ()
    assert across(falling(0.7, count=5), (), (VANISHING,), constant_loss=0.693) == ()
    narrow = [judged(H, rate=1e-6 * number, losses=(0.7,) * 20) for number in range(1, 8)]
    assert across(narrow, (), (VANISHING,), constant_loss=0.693) == ()


def test_few_probes_or_a_narrow_range_say_nothing_of_all():
    assert codes([*row(S, S, S, S), judged(S, seed=1)]) == []
    assert codes([judged(S, rate=rate, seed=seed) for rate in (1e-3, 3e-2) for seed in range(3)]) == []
    assert codes([judged(S, rate=rate, seed=seed) for rate in (1e-3, 3.2e-2) for seed in range(3)]) == ["SW601"]


@pytest.mark.parametrize(
    ("own", "word"),
    [(row(D, D, D, size=2), "batch normalisation"), (row(None, None, None, size=2), "batch normalisation")],
)
def test_one_size_that_fails_where_others_train_stands_out(own, word):
    (found,) = across([*own, *row(H, H, H), *row(H, H, H, size=64)], ())
    assert (found.code, found.title) == ("SW602", "at batch size 2 nothing trains, at others it does")
    assert word in found.remedy


def test_a_size_that_runs_out_of_memory_is_told_apart():
    own = [judged(None, rate=rate, size=4096, kind=OutcomeKind.OOM) for rate in RATES[:3]]
    (found,) = across([*own, *row(H, H, H)], ())
    assert "sweeper batch" in found.remedy


def test_a_size_is_compared_at_the_same_rates_only():
    own = [judged(D, rate=rate, size=2) for rate in (1.0, 2.0, 4.0)]
    assert codes([*own, *row(H, H, H)]) == []


def test_two_probes_of_a_size_are_too_few():
    assert codes([*row(D, D, size=2), *row(H, H, H)]) == []


def test_seeds_that_disagree_at_many_settings_are_fragile():
    assert codes([*row(H, H, H), *row(D, D, D, seed=1)]) == ["SW603"]


def test_a_lower_rate_is_advised_only_where_high_rates_break():
    (fragile,) = across([*row(H, H, H), *row(D, D, D, seed=1)], ())
    assert "A lower rate" in fragile.remedy
    (slow,) = across([*row(H, H, H), *row(TOO_SLOW, TOO_SLOW, TOO_SLOW, seed=1)], ())
    assert (slow.code, slow.remedy) == ("SW603", "A higher rate, or longer probes (--steps).")
    assert "lower" not in slow.evidence


def test_slow_rates_and_high_ones_are_counted_apart():
    assert codes([*row(H, H, H, H), *row(TOO_SLOW, TOO_SLOW, D, D, seed=1)]) == []


def test_seeds_that_disagree_within_a_decade_are_at_an_edge():
    rates = (0.01, 0.02, 0.04, 0.09)
    probes = [judged(H if seed else D, rate=rate, seed=seed) for rate in rates for seed in range(2)]
    assert codes(probes) == []
    assert codes([*probes, judged(H, rate=0.1), judged(D, rate=0.1, seed=1)]) == ["SW603"]


def test_seeds_that_disagree_at_an_edge_are_not():
    assert codes([*row(H, H, D, D), *row(H, H, H, D, seed=1)]) == []
