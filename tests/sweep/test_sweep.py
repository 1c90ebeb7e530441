import dataclasses
import os

import optuna
import pytest

from sweeper.errors import MachineError
from sweeper.events import JobCaptured, Note, ProbeDone
from sweeper.execute import FakeExecutor, StopLevel
from sweeper.findings import NO_FIT, SAMPLES_NOT_KEPT
from sweeper.probes import OutcomeKind
from sweeper.protocol import Ending, Failed
from sweeper.record import Manifest, RunDirectory
from sweeper.run import RunInfo, RunState
from sweeper.space import OptimizerChoice
from sweeper.sweep._capture import capture, capture_order, kept_job
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._verdicts import document
from tests.record.made import read_by_optuna
from tests.sweep.made import Sitting, Watching, failed, job, settings, trained

SMALL = settings(
    learning_rates=(1e-4, 0.1, 1.0), batch_sizes=(16, 32), optimizers=(OptimizerChoice(label="script", name="script"),)
)


def manifest():
    return Manifest(
        sweeper_version="1", created="2026-01-01T00:00:00+00:00", command=(), settings=SMALL, script=(), versions=()
    )


def trials_of(run):
    with read_by_optuna(run.study_file, "test") as study:
        return study.trials


@pytest.fixture
def run(tmp_path):
    made = RunDirectory.create(tmp_path / "run", manifest())
    with made.lock():
        yield made


def work_on(run, **parts):
    return Sitting(run, SMALL, **parts)


def test_every_probe_of_the_grid_is_kept_judged_shown_and_in_the_study(run):
    view = Watching()
    work = work_on(run, view=view).finish(trained)
    assert work.complete
    assert len(run.outcomes()) == 2 + 6
    done = view.of(ProbeDone)
    assert [(event.done, event.planned) for event in done] == [(n, 6) for n in range(1, 7)]
    assert view.of(JobCaptured)[0].planned == 6
    assert {str(event.judged.verdict.label) for event in done} >= {"healthy", "diverged"}
    assert len(trials_of(run)) == 6
    assert {trial.state for trial in trials_of(run)} == {optuna.trial.TrialState.COMPLETE}


def test_null_probes_run_first(run):
    order = []

    def train(task):
        order.append(task.probe.is_null)
        return trained(task)

    work_on(run).finish(train)
    assert order == [True, True, *[False] * 6]


def test_a_run_that_was_stopped_goes_on_where_it_was_and_repeats_nothing(run):
    switch, first = StopSwitch(), []

    def stopping(task):
        first.append(task.probe.id)
        if len(first) == 4:
            switch.level = StopLevel.DRAIN
        return trained(task)

    work = work_on(run, switch=switch).finish(stopping)
    assert not work.complete
    second, view = [], Watching()

    def noting(task):
        second.append(task.probe.id)
        return trained(task)

    again = work_on(run, view=view).finish(noting)
    assert again.complete
    assert len(first) == 4
    assert len(second) == 4
    assert not set(first) & set(second)
    assert len(view.of(JobCaptured)[0].finished) == 2
    assert len(trials_of(run)) == 6


@pytest.mark.parametrize("kind", [OutcomeKind.ERROR, OutcomeKind.CRASHED, OutcomeKind.TIMEOUT])
def test_when_all_probes_fail_alike_the_run_is_given_up(run, kind):
    work = work_on(run).finish(failed(kind, "ValueError: shape (3, 4)"))
    assert work.given_up
    assert len(work.judged) == 4
    results = document(run=run_info(), job=work.job, space=work.space, judged=work.judged, findings=work.findings)
    assert [finding.code for finding in results.findings] == ["SW005"]
    assert "last words" in results.findings[0].evidence


def run_info():
    return RunInfo(
        name="run",
        target="train.py",
        script_args=(),
        command=("sweeper",),
        created="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        state=RunState.FAILED,
        planned=6,
        environment=(),
    )


class NeverReady(FakeExecutor):
    """Workers of which none gets ready."""

    def __init__(self, reply):
        super().__init__(job(), trained)
        self.reply = reply

    def next_event(self):
        self.close()
        return self.reply


def captured_by(executor, run):
    order = capture_order(SMALL, folder=run.job_folder, sample_bytes=1000)
    return capture(executor, order, directory=run, settings=SMALL, switch=StopSwitch(), view=Watching())


def test_a_run_directory_without_room_for_the_samples_is_the_machines_error(run):
    finding = SAMPLES_NOT_KEPT.found(evidence="[Errno 28] No space left on device")
    with pytest.raises(MachineError, match="No space left on device"):
        captured_by(NeverReady(Failed(findings=(finding,), ending=Ending.NO_ROOM)), run)


def test_a_script_that_ended_is_no_error_of_the_machine(run):
    findings = (NO_FIT.found(evidence="It ran to its end."),)
    assert captured_by(NeverReady(Failed(findings=findings, ending=Ending.RAN_THROUGH)), run) == findings


def test_a_job_that_was_captured_is_kept_with_its_axes(run):
    captured = captured_by(FakeExecutor(job(), trained), run)
    assert captured.space.batch_sizes == SMALL.batch_sizes
    assert kept_job(run) == captured


def test_failures_of_different_kinds_do_not_end_the_run(run):
    def train(task):
        return failed(OutcomeKind.ERROR, f"error of size {'x' * task.probe.batch_size}")(task)

    work = work_on(run).finish(train)
    assert not work.given_up
    assert len(work.judged) == 8


def test_a_batch_size_that_ran_out_of_memory_twice_is_not_tried_further(run):
    tried = []

    def train(task):
        tried.append(task.probe.batch_size)
        return failed(OutcomeKind.OOM, "no memory")(task) if task.probe.batch_size == 32 else trained(task)

    work = work_on(run).finish(train)
    assert tried.count(32) == 2
    assert work.complete
    causes = {outcome.cause for outcome in run.outcomes() if outcome.probe.batch_size == 32}
    assert causes == {"no memory", "not tried: batch size 32 ran out of memory in 2 probes"}


def test_a_loss_that_is_not_finite_without_any_update_is_a_finding(run):
    def train(task):
        outcome = trained(task)
        broken = dataclasses.replace(
            outcome.curve, train_loss=(float("nan"),) * task.probe.steps, first_nonfinite_loss=1
        )
        return dataclasses.replace(outcome, curve=broken)

    work = work_on(run).finish(train)
    results = document(run=run_info(), job=work.job, space=work.space, judged=work.judged, findings=work.findings)
    assert results.findings[0].code == "SW010"
    assert all(row.safe_learning_rate is None for row in results.rows)


def test_what_a_killed_driver_did_not_add_to_the_study_is_added_when_the_run_goes_on(run):
    work_on(run).finish()
    os.truncate(run.study_file, run.study_file.stat().st_size // 2)
    assert len(trials_of(run)) < 6
    work_on(run).close()
    assert len({trial.user_attrs["probe"] for trial in trials_of(run)}) == len(trials_of(run)) == 6


def test_a_storage_that_fails_is_told_of_once_and_the_run_goes_on(run):
    run.study_file.mkdir()
    view = Watching()
    work = work_on(run, view=view).finish(trained)
    assert work.complete
    assert [event.text[:11] for event in view.of(Note)] == ["cannot open"]
