"""How long a training it takes to see overfitting, when it cannot tell, and what it says."""

import math
from dataclasses import replace

import pytest

from sweeper.curve import Curve
from sweeper.followup import FollowUp, OverfitAnswer, Purpose
from sweeper.job import Change, JobInfo, OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.recommend import overfit_steps, read_overfit, unknown_overfit, why_no_overfit
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

JOB = JobInfo(
    fit_site="train.py:9",
    fit_number=1,
    model="m (Sequential)",
    parameters=10,
    trainable_parameters=10,
    loss="mse",
    optimizer=OptimizerInfo(name="Adam", learning_rate=0.002),
    batch_size=10,
    epochs=20,
    train_samples=1000,
    train_samples_available=1000,
    val_samples=100,
    val_source="validation_data",
    sample_bytes=4000,
    backend="tensorflow",
)
"""A pass takes 100 steps of 10 samples."""
LONG = FollowUp(
    purpose=Purpose.OVERFIT,
    optimizer="adam",
    space=Space(
        optimizers=(OptimizerChoice(label="adam", name="adam"),),
        learning_rates=(1e-3,),
        batch_sizes=(10,),
        seeds=(0,),
        steps=(400,),
    ),
)


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, 2000),  # the script's 20 epochs
        ({"epochs": 2}, 500),  # at least 5 passes
        ({"epochs": None}, 500),
        ({"epochs": 10_000}, 20_000),  # at most 100 probes of 200 steps
        ({"epochs": 1, "train_samples": 100}, 400),  # at least 2 of them
        ({"whole_elements": True, "train_samples": 30}, 600),  # an element is a step
    ],
)
def test_the_long_training_is_as_long_as_the_script_within_bounds(changes, steps):
    assert overfit_steps(replace(JOB, **changes), batch_size=10, probe_steps=200) == steps


def why(**changes):
    return why_no_overfit(replace(JOB, **changes), batch_size=10, probe_steps=200, needed_passes=2)


def test_with_all_samples_and_validation_it_can_tell():
    assert why() == ""
    assert why(val_source="held out", train_samples=900) == ""


def test_it_cannot_tell_without_validation():
    assert why(val_samples=0, val_source="none: 8 samples are too few") == (
        "there is no validation loss (8 samples are too few)"
    )


def test_it_cannot_tell_of_data_without_an_end():
    assert "no known end" in why(train_samples_available=None)


def test_it_cannot_tell_from_a_part_of_the_samples():
    assert why(train_samples=999) == (
        "probes draw from 999 of 1,000 training samples, and a part is overfitted sooner than the whole; raise "
        "--max-sample-bytes"
    )
    assert "899 of 1,000" in why(val_source="held out", train_samples=899)


def test_it_cannot_tell_when_two_passes_take_too_long():
    assert why(train_samples_available=100_000, train_samples=100_000) == ""
    assert why(train_samples_available=100_010, train_samples=500) == (
        "2 passes over the 100,010 training samples take 20,002 steps, more than the 20,000 that 100 probes of 200 "
        "make; raise --steps"
    )


def ended(label, *, val=(2.0, 1.0, 0.5, 0.8), code="some_rule", notes=(), step=None):
    """A training of 400 steps, validated each 100."""
    probe = Probe(optimizer="adam", learning_rate=1e-3, batch_size=10, seed=0, steps=400)
    curve = Curve(train_loss=(1.0,) * 400, val_steps=(100, 200, 300, 400), val_loss=val)
    evidence = Evidence(code=code, measured=1.0, threshold=0.5, step=step, sentence="As seen.")
    found = tuple(replace(evidence, code=note, sentence="Not enough points.") for note in notes)
    verdict = Verdict(label=label, evidence=(evidence, *found))
    return Judged(outcome=Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=curve), verdict=verdict)


def test_a_rise_of_the_validation_loss_says_when_to_stop():
    report = read_overfit(LONG, ended(Label.OVERFIT, step=300), JOB)
    assert report.answer is OverfitAnswer.YES
    assert (report.best_step, report.best_pass, report.passes) == (300, 3.0, 4.0)
    assert (report.probe, report.verdict) == ("adam-lr0.001-b10-s0-n400", Label.OVERFIT)
    assert report.sentence == (
        "It overfits: the validation loss is lowest, 0.5, after about 3 epochs (step 300) and 0.8 after 4 epochs, "
        "while the training loss goes on falling. Stop after about 3 epochs, get more data, or regularise."
    )


def test_a_script_that_ends_before_the_rise_is_left_alone():
    report = read_overfit(LONG, ended(Label.OVERFIT, step=300), replace(JOB, epochs=3))
    assert report.sentence.endswith("The script's own 3 epochs end before that.")
    report = read_overfit(LONG, ended(Label.OVERFIT, step=300), replace(JOB, epochs=4))
    assert "Stop after about 3 epochs" in report.sentence


def test_no_rise_holds_for_the_passes_that_were_made():
    report = read_overfit(LONG, ended(Label.HEALTHY, val=(2.0, 1.0, 0.7, 0.5)), JOB)
    assert (report.answer, report.best_step) == (OverfitAnswer.NO, 400)
    assert report.sentence.startswith("No overfitting within 4 epochs of the script's 20 (400 steps)")
    report = read_overfit(LONG, ended(Label.HEALTHY), replace(JOB, epochs=4))
    assert report.sentence.startswith("No overfitting within 4 epochs (400 steps)")


def test_frozen_augmentation_is_told_of():
    frozen = replace(JOB, changes=(Change(what="input pipeline", detail="re-batched"),))
    for label, step in ((Label.OVERFIT, 300), (Label.HEALTHY, None)):
        assert "was frozen" in read_overfit(LONG, ended(label, step=step), frozen).sentence
        assert "was frozen" not in read_overfit(LONG, ended(label, step=step), JOB).sentence


@pytest.mark.parametrize("label", [Label.DIVERGED, Label.STALLED, Label.INCONCLUSIVE])
def test_a_training_that_goes_wrong_tells_nothing_of_overfitting(label):
    report = read_overfit(LONG, ended(label), JOB)
    assert report.answer is OverfitAnswer.UNKNOWN
    assert f"at the recommended setting is {label}. As seen." in report.sentence
    assert ("Take a lower rate." in report.sentence) == (label is Label.DIVERGED)


def test_a_verdict_that_could_not_test_it_says_why():
    report = read_overfit(LONG, ended(Label.HEALTHY, notes=("overfit_not_testable",)), JOB)
    assert (report.answer, report.sentence) == (OverfitAnswer.UNKNOWN, "Not enough points.")
    report = read_overfit(LONG, ended(Label.HEALTHY, val=(math.nan,) * 4), JOB)
    assert (report.answer, report.best_step) == (OverfitAnswer.UNKNOWN, None)


def test_a_training_that_has_not_ended_or_failed_is_unknown():
    assert "had not ended" in read_overfit(LONG, None, JOB).sentence
    outcome = replace(ended(Label.HEALTHY).outcome, kind=OutcomeKind.OOM, curve=None, cause="no memory")
    report = read_overfit(LONG, Judged(outcome=outcome, verdict=None), JOB)
    assert report.sentence == "Overfitting cannot be judged: its training came to no end (no memory)."
    assert unknown_overfit("of the rain").sentence == "Overfitting cannot be judged: of the rain."
