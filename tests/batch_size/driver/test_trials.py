import os
from pathlib import Path

import pytest

from sweeper.batch_size.driver import TrialOrder, TrialRunner
from sweeper.batch_size.values import MemoryLimit, Trial
from sweeper.execute import LocalLauncher, Slot, StopLevel, Timeouts
from sweeper.memory import MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.protocol import Start
from sweeper.settings import EarlierFits
from sweeper.trial import Goal, Stage, TrialRequest
from tests.execute.worker_scripts import command

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
MIB = 1 << 20
LIMIT = MemoryLimit(limit_bytes=200 * MIB, kind=MemoryKind.HOST, source="the test")
GROUPS = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def run(tmp_path, monkeypatch):
    notes = []

    def run(behaviour, *, limit=LIMIT, stop=StopLevel.RUN, probe_s=20.0):
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        runner = TrialRunner(
            LocalLauncher(command("bad_worker.py", behaviour)),
            slot=Slot(number=0, device="cpu", environment=()),
            logs=tmp_path / "logs",
            timeouts=Timeouts(start=20, probe=probe_s),
            host=limit,
            stop_level=lambda: stop,
            note=notes.append,
        )
        start = Start(
            target="train.py",
            script_args=(),
            fit=None,
            data=None,
            earlier_fits=EarlierFits.SHORT,
            scratch=str(tmp_path / "scratch"),
        )
        request = TrialRequest(batch_size=8, goal=Goal.MEASURE)
        return runner.run(start, number=1, decide=lambda facts: TrialOrder(request=request, limit=limit)), notes

    return run


def test_a_trial_that_goes_well_is_what_the_worker_measured(run):
    trial, notes = run("well")
    assert (trial.passed, trial.number, trial.measured.stage) == (True, 1, Stage.DONE)
    assert trial.extras.speeds[0].samples_per_second == 100.0
    assert notes == []


def test_a_process_over_the_limit_is_ended_and_counts_as_out_of_memory(run):
    trial, _ = run("fills")
    assert (trial.measured.kind, trial.measured.stage) == (OutcomeKind.OOM, Stage.VALIDATION)
    assert trial.measured.peak_bytes > LIMIT.limit_bytes
    assert "over the limit of 210 MB" in trial.measured.cause


def test_a_peak_over_the_limit_that_was_over_before_it_was_seen_counts_as_out_of_memory(run):
    trial, _ = run("peaks")
    assert trial.measured.kind is OutcomeKind.OOM
    assert "peak of 1 TB is over the limit" in trial.measured.cause


def test_memory_that_runs_out_after_the_measurement_does_not_undo_it(run):
    trial, _ = run("fills afterwards")
    assert trial.passed
    assert trial.extras.speeds == ()


def test_a_process_that_something_outside_killed_is_tried_again(run):
    trial, notes = run("is killed once")
    assert trial.passed
    assert "tried again" in notes[0]


def test_a_process_that_is_killed_every_time_ends_as_crashed(run):
    trial, notes = run("is killed")
    assert (trial.measured.kind, trial.measured.stage) == (OutcomeKind.CRASHED, Stage.TRAINING)
    assert "SIGKILL" in trial.measured.cause
    assert len(notes) == 3


def test_a_process_that_dies_leaves_its_last_words(run):
    trial, _ = run("dies")
    assert trial.measured.kind is OutcomeKind.CRASHED
    assert "SIGABRT" in trial.measured.cause
    assert "some last words" in trial.measured.log_tail


def test_a_process_that_hangs_is_ended(run):
    trial, _ = run("hangs", probe_s=1.0)
    assert trial.measured.kind is OutcomeKind.TIMEOUT
    assert trial.measured.cause == "no end of it within 1 s"


def test_findings_of_a_script_without_fit_come_back(run):
    findings, _ = run("no fit")
    assert [finding.code for finding in findings] == ["SW002"]
    assert "nothing to train here" in findings[0].evidence


def test_a_script_that_dies_before_fit_is_a_finding_with_its_words(run):
    (finding,), _ = run("dies at start")
    assert finding.code == "SW007"
    assert "the script said why" in finding.evidence


def test_a_script_that_alone_takes_too_much_is_a_finding_about_memory(run):
    (finding,), _ = run("fills at start")
    assert finding.code == "SW012"
    assert "over the limit" in finding.evidence


def test_the_person_can_stop_a_trial(run):
    ended, _ = run("hangs", stop=StopLevel.DRAIN)
    assert ended is None


@pytest.mark.skipif(not os.access(GROUPS, os.W_OK), reason="needs root and control groups of version 1")
def test_a_kill_by_the_kernel_in_a_control_group_is_out_of_memory(run):
    group = GROUPS / f"sweeper-test-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text("100M")
        roomy = MemoryLimit(limit_bytes=1 << 40, kind=MemoryKind.HOST, source="the test")
        trial, notes = run(f"fills group {group}/cgroup.procs", limit=roomy)
    finally:
        group.rmdir()
    assert isinstance(trial, Trial)
    assert (trial.measured.kind, trial.measured.cause) == (
        OutcomeKind.OOM,
        "the kernel killed the process for memory",
    )
    assert notes == []


def test_on_a_gpu_a_kill_for_host_memory_says_so(run):
    device = MemoryLimit(limit_bytes=1 << 40, kind=MemoryKind.DEVICE, source="the test")
    trial, _ = run("is killed", limit=device)
    assert trial.measured.peak_bytes is None
    assert trial.measured.host_peak_bytes > 0
