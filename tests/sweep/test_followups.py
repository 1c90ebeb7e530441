"""What follows a map: in which order, what of it is kept, what a run that ends before says, and how it goes on."""

import contextlib
import math
from dataclasses import replace

import jsonschema
import pytest

from sweeper.curve import Curve
from sweeper.events import ProbeDone
from sweeper.execute import StopLevel
from sweeper.probes import Outcome, OutcomeKind
from sweeper.record import Manifest, RunDirectory
from sweeper.results import results_schema
from sweeper.run import RunState
from sweeper.space import OptimizerChoice
from sweeper.sweep import rebuild
from sweeper.sweep._axes import make_space
from sweeper.sweep._capture import capture_order
from sweeper.sweep._followups import plan_text
from sweeper.sweep._results import RunRecord, write_results
from sweeper.sweep._stages import Stages
from sweeper.sweep._stop import StopSwitch
from tests.record.made import read_by_optuna
from tests.sweep.made import Sitting, Watching, job, settings, trained

SCRIPT = OptimizerChoice(label="script", name="script")
SEARCHED = settings(optimizers=(SCRIPT,), batch_sizes=(32,))
GRID = replace(SEARCHED, learning_rates=(1e-3, 0.01, 0.1, 1.0))
JOB = job(epochs=20)
"""A pass takes 31.25 steps, so 20 epochs take 625; 100 probes of 40 steps are 4,000."""
OVERFIT = "script-lr0.1-b32-s0-n625"


def train(task):
    """Like `trained`, with gradients and a validation loss that rises after 200 steps; a remedy moves the edge.

    A long training goes on learning to its end.
    """
    asked = task.probe
    plain = asked.is_null or task.choice.label == "script"
    rate = asked.learning_rate if plain else asked.learning_rate / 10
    outcome = trained(replace(task, probe=replace(asked, learning_rate=0.03 if asked.steps > 40 else rate)))
    losses = outcome.curve.train_loss
    val_steps = tuple(range(0, task.probe.steps + 1, 25))
    val = tuple(1.0 - step / 400 if step <= 200 else 0.5 + (step - 200) / 400 for step in val_steps)
    norms = tuple(2.0 * loss for loss in losses)
    curve = Curve(train_loss=losses, val_steps=val_steps, val_loss=val, gradient_norm=norms)
    return Outcome(probe=task.probe, kind=OutcomeKind.COMPLETED, curve=curve, seconds=0.1)


@pytest.fixture
def opened(tmp_path):
    """Makes run directories for settings."""
    with contextlib.ExitStack() as stack:

        def make(asked, name="run"):
            manifest = Manifest(
                sweeper_version="1",
                created="2026-01-01T00:00:00+00:00",
                command=(),
                settings=asked,
                script=(),
                versions=(),
            )
            run = RunDirectory.create(tmp_path / name, manifest)
            stack.enter_context(run.lock())
            return run

        yield make


def sitting_on(run, *, about=JOB, view=None, switch=None, **limits):
    return Sitting(run, replace(run.manifest.settings, **limits), about=about, view=view, switch=switch)


def finish(run, *, how=train, **parts):
    return sitting_on(run, **parts).finish(how)


def results_of(run, work):
    state = RunState.COMPLETE if work.complete else RunState.INCOMPLETE
    known = RunRecord(job=work.job, space=work.space, judged=work.judged, findings=(), limit=work.spent)
    results = write_results(run, known, state=state, slots=()).results
    jsonschema.Draft202012Validator(results_schema()).validate(results.as_json())
    return results


def ids(work):
    return [one.outcome.probe.id for one in work.judged]


@pytest.mark.parametrize("asked", [SEARCHED, GRID], ids=["boundary", "grid"])
def test_one_long_training_follows_and_leaves_the_map_as_it_is(opened, asked):
    plain = opened(asked, "plain")
    before = results_of(plain, finish(plain))
    run, view = opened(replace(asked, overfit=True)), Watching()
    work = finish(run, view=view)
    assert work.complete
    assert ids(work)[-1] == OVERFIT
    after = results_of(run, work)
    for same in ("rows", "recommendation", "space", "unresolved"):
        assert getattr(after, same) == getattr(before, same)
    assert before.overfit is None
    overfit = after.overfit
    assert (overfit.answer, overfit.probe, overfit.verdict) == ("yes", OVERFIT, "overfit")
    assert (overfit.steps, overfit.passes, overfit.best_step) == (625, 20.0, 200)
    assert "Stop after about 6 epochs" in overfit.sentence
    assert {probe.purpose for probe in before.probes} == {"map"}
    assert [probe.id for probe in after.probes if probe.purpose != "map"] == [OVERFIT]
    assert after.environment.planned == before.environment.planned + 1
    assert view.of(ProbeDone)[-1].done == view.of(ProbeDone)[-1].planned
    assert view.notes() == [
        "after the map: one training of 625 steps with script at batch size 32, to see whether it overfits"
    ]


def test_the_study_holds_the_map_only(opened):
    run = opened(replace(GRID, overfit=True))
    finish(run)
    with read_by_optuna(run.study_file, "test") as study:
        assert len(study.trials) == 4


def test_the_long_training_is_judged_by_the_noise_of_a_short_null_probe(opened):
    run = opened(replace(GRID, overfit=True))
    work = finish(run)
    nulls = [one.outcome.probe for one in work.judged if one.outcome.probe.is_null]
    assert [probe.steps for probe in nulls] == [40]
    (long,) = [one for one in work.judged if one.outcome.probe.id == OVERFIT]
    assert long.verdict.evidence[0].code == "validation_rise"


@pytest.mark.parametrize("asked", [SEARCHED, GRID], ids=["boundary", "grid"])
def test_the_row_is_searched_again_with_each_remedy(opened, asked):
    run = opened(replace(asked, warmup="auto", clipnorm="auto"))
    work = finish(run)
    results = results_of(run, work)
    assert work.complete
    warmup, clipping = results.remedies
    assert (warmup.kind, warmup.value, warmup.label) == ("warmup", 10, "script(warmup=10)")
    assert clipping.kind == "clipnorm"
    assert clipping.label == f"script(global_clipnorm={clipping.value})"
    assert 0 < clipping.value < 2
    for remedy in (warmup, clipping):
        assert (remedy.optimizer, remedy.batch_size) == ("script", 32)
        assert remedy.row.optimizer == remedy.label
        assert remedy.edge_before < (remedy.edge_after or math.inf)
    assert [row.optimizer for row in results.rows] == ["script"]
    labels = {probe.purpose: probe.optimizer for probe in results.probes}
    assert labels == {"map": "script", "warmup": warmup.label, "clipnorm": clipping.label}
    if asked is SEARCHED:
        assert warmup.gain == pytest.approx(10, rel=0.01)


def test_where_no_rate_is_safe_the_scripts_own_row_is_searched_again(opened):
    run = opened(replace(GRID, learning_rates=(0.5, 1.0, 2.0), warmup=20, overfit=True))
    results = results_of(run, finish(run))
    (warmup,) = results.remedies
    assert (warmup.helps, warmup.loss_before) == (True, None)
    assert results.overfit.sentence == "Overfitting cannot be judged: no setting is known to be stable."


@pytest.mark.parametrize(
    ("asked", "about", "why"),
    [
        ({"warmup": 40}, JOB, "Warm-up was left out: 40 steps are no less than the 40 of a probe; raise --steps."),
        (
            {"optimizers": (OptimizerChoice(label="script(warmup=5)", name="script", warmup_steps=5),), "warmup": 9},
            JOB,
            "Warm-up was left out: script(warmup=5) has one already.",
        ),
        (
            {"clipnorm": 1.0},
            replace(JOB, optimizer=replace(JOB.optimizer, only="its train_step keeps its first trace")),
            "Clipping was left out: its clipping cannot be changed: its train_step keeps its first trace.",
        ),
        (
            {"overfit": True},
            replace(JOB, val_samples=0, val_source="none: too few"),
            "Overfitting cannot be judged: there is no validation loss (too few).",
        ),
        (
            {"overfit": True},
            replace(JOB, train_samples_available=None),
            "Overfitting cannot be judged: the training data has no known end, so no training passes over it.",
        ),
    ],
)
def test_what_cannot_be_answered_is_left_out_with_the_reason(opened, asked, about, why):
    run, view = opened(replace(GRID, **asked)), Watching()
    work = finish(run, about=about, view=view)
    results = results_of(run, work)
    assert work.complete
    assert [one.sentence for one in (results.overfit, *results.remedies) if one] == [why]
    assert {probe.purpose for probe in results.probes} == {"map"}
    assert view.notes()[0].startswith("after the map: --")


def test_a_row_that_clips_already_is_not_clipped_in_another_way(opened):
    choice = OptimizerChoice(label="adam(clipnorm=1.0)", name="adam", options=(("clipnorm", 1.0),))
    run = opened(replace(GRID, optimizers=(choice,), clipnorm=2.0))
    (remedy,) = results_of(run, finish(run, how=lambda task: replace(train(task), probe=task.probe))).remedies
    assert "Keras clips gradients in one way at a time" in remedy.sentence


@pytest.mark.parametrize("asked", [SEARCHED, GRID], ids=["boundary", "grid"])
def test_a_run_that_is_stopped_in_its_follow_ups_goes_on_and_repeats_nothing(opened, asked):
    asked = replace(asked, overfit=True, warmup=10, clipnorm="auto")
    whole = finish(opened(asked, "whole"))
    run, switch, first = opened(asked), StopSwitch(), []

    def stopping(task):
        first.append(task.probe.id)
        if "warmup" in task.probe.id:
            switch.level = StopLevel.DRAIN
        return train(task)

    work = finish(run, how=stopping, switch=switch)
    assert not work.complete
    results = results_of(run, work)
    assert results.overfit.answer == "yes"
    assert [remedy.helps for remedy in results.remedies] == [None, None]
    assert results.remedies[0].sentence == "Warm-up over 10 steps: the run ended before that row was known."
    second = []
    again = finish(run, how=lambda task: second.append(task.probe.id) or train(task))
    assert again.complete
    assert not set(first) & set(second)
    assert set(ids(again)) == set(ids(whole)) == {*first, *second}


def test_a_killed_run_goes_on_in_its_follow_ups(opened):
    asked = replace(SEARCHED, overfit=True, warmup=10)
    whole = finish(opened(asked, "whole"))
    run = opened(asked)

    def killed(task):
        if "warmup" in task.probe.id:
            raise KeyboardInterrupt
        return train(task)

    with pytest.raises(KeyboardInterrupt):
        sitting_on(run).run(killed)
    again = finish(run)
    assert again.complete
    assert set(ids(again)) == set(ids(whole))


def test_a_limit_that_ends_the_map_says_what_is_missing(opened):
    run = opened(replace(GRID, overfit=True, warmup=10))
    work = finish(run, max_probes=3)
    assert (work.complete, work.spent) == (False, "--max-probes of 3 is reached")
    results = results_of(run, work)
    why = "the run ended before the map was complete"
    assert results.overfit.sentence == f"Overfitting cannot be judged: {why}."
    assert results.remedies[0].sentence == f"Warm-up was left out: {why}."
    assert results.environment.planned == 4 + 1 + 4


def test_a_limit_that_ends_the_follow_ups_says_what_is_missing(opened):
    run = opened(replace(GRID, overfit=True))
    work = finish(run, max_probes=4)
    assert not work.complete
    results = results_of(run, work)
    assert results.overfit.answer == "unknown"
    assert "its training had not ended when the run did" in results.overfit.sentence
    assert results.overfit.steps == 625
    assert results.environment.planned == 5


def test_a_report_is_rebuilt_with_its_follow_ups(opened):
    run = opened(replace(SEARCHED, overfit=True, warmup="auto"))
    results = results_of(run, finish(run))
    rebuilt = rebuild(run.path).results
    for same in ("overfit", "remedies", "rows", "probes"):
        assert getattr(rebuilt, same) == getattr(results, same)
    assert rebuilt.environment.state == "complete"


def test_what_follows_stays_when_the_rules_that_chose_it_change(opened, monkeypatch):
    run = opened(replace(SEARCHED, overfit=True, clipnorm="auto"))
    results = results_of(run, finish(run))

    def other_rules(*_):
        raise AssertionError("what follows was settled when the map was complete")

    monkeypatch.setattr("sweeper.sweep._stages.follow_ups", other_rules)
    rebuilt = rebuild(run.path)
    assert rebuilt.results.overfit == results.overfit
    assert rebuilt.results.environment.state == "complete"
    assert finish(run).complete


def test_a_follow_up_that_fails_is_an_outcome(opened):
    def failing(task):
        if task.probe.id == OVERFIT:
            return Outcome(probe=task.probe, kind=OutcomeKind.OOM, cause="no memory")
        return train(task)

    run = opened(replace(GRID, overfit=True))
    work = finish(run, how=failing)
    assert work.complete
    assert results_of(run, work).overfit.sentence.endswith("came to no end (no memory).")


def test_the_time_left_knows_that_the_long_training_is_long(opened):
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    clock, view = Clock(), Watching()

    def slow(task):
        clock.now += task.probe.steps / 40
        return replace(train(task), seconds=task.probe.steps / 40)

    run = opened(replace(GRID, overfit=True))
    Sitting(run, run.manifest.settings, about=JOB, view=view, clock=clock).finish(slow)
    said = [event.seconds_left for event in view.of(ProbeDone)]
    # One more of the map and 625 steps, and then those alone: 1 and 15.6 s.
    assert said[-3:] == [pytest.approx(16.6, abs=0.1), pytest.approx(15.6, abs=0.1), pytest.approx(0, abs=0.1)]


def test_a_plan_expects_what_would_follow_the_scripts_own_setting():
    asked = replace(GRID, overfit=True, warmup="auto", clipnorm="auto")
    space, about = make_space(asked, JOB)
    stages = Stages(asked, about, space)
    assert [plan_text(plan) for plan in stages.expected] == [
        "one training of 625 steps with script at batch size 32, to see whether it overfits",
        "the row of script at batch size 32 once more: warm-up over 10 steps",
        "the row of script at batch size 32 once more: clipping",
    ]
    assert stages.follow_ups is None
    assert stages.planned() == 4 + 1 + 4 + 4
    # 625 steps are worth 15.6 probes of 40.
    assert stages.follow_up_cost() == pytest.approx(15.625 + 4 + 4)
    assert stages.extra_follow_up_cost() == pytest.approx(14.625)


def test_nothing_is_expected_of_a_run_that_asks_for_nothing():
    space, about = make_space(GRID, JOB)
    stages = Stages(GRID, about, space)
    assert (stages.expected, stages.planned(), stages.follow_up_cost()) == ((), 4, 0)


def test_nothing_follows_while_a_probe_of_the_map_is_in_flight(opened):
    asked = replace(SEARCHED, overfit=True)
    work = finish(opened(asked))
    mapped = tuple(one for one in work.judged if one.outcome.probe.id != OVERFIT)
    stages = Stages(asked, work.job, work.space)
    in_flight = work.space.probe(optimizer="script", learning_rate=0.123, batch_size=32, seed=0)
    assert stages.next_probes(mapped) == ()
    assert not stages.settle(mapped, in_flight=[in_flight])
    assert stages.next_probes(mapped) == ()
    assert stages.settle(mapped)
    assert not stages.settle(mapped)
    assert [probe.id for probe in stages.next_probes(mapped)] == [OVERFIT]


def test_more_samples_are_taken_for_a_long_training(tmp_path):
    assert capture_order(GRID, folder=tmp_path, sample_bytes=1).times == 1
    # Two passes over 50 times the samples of a short probe take 100 times its steps.
    assert capture_order(replace(GRID, overfit=True), folder=tmp_path, sample_bytes=1).times == 50
