import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given

from sweeper.codec import dump, load
from sweeper.curve import same_curve
from sweeper.errors import MachineError, RunError
from sweeper.probes import Outcome, OutcomeKind
from sweeper.record import RunDirectory
from sweeper.settings import (
    AUTO,
    SCRIPT_BATCH_SIZE,
    BatchSearch,
    FailOn,
    Length,
    RateRange,
    Settings,
    make_choice,
)
from tests.record.made import JOB, SPACE, finished, manifest, outcome

OF_SCHEMA_1 = Path(__file__).with_name("run_of_schema_1.json")
"""What run directories held before batch sizes had words."""

HOLDS_THE_LOCK_AND_DIES = """
import os, signal, subprocess, sys
from pathlib import Path
from sweeper.record import RunDirectory

run = RunDirectory.open(Path(sys.argv[1]))
with run.lock():
    worker = subprocess.Popen(["sleep", "60"])
    print(worker.pid, flush=True)
    sys.stdin.read(1)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def run(tmp_path):
    run = RunDirectory.create(tmp_path / "run", manifest())
    with run.lock():
        yield run


def probe_ids(run):
    return [one.probe.id for one in run.outcomes()]


def test_an_opened_run_is_the_one_that_was_created(run):
    opened = RunDirectory.open(run.path)
    assert opened == run
    assert opened.manifest == manifest()


def test_a_run_is_made_with_the_folders_above_it_and_in_an_empty_one(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    RunDirectory.create(tmp_path / "a" / "b", manifest())
    RunDirectory.create(tmp_path / "c" / "d", manifest())
    assert RunDirectory.open(tmp_path / "c" / "d").manifest == manifest()


def test_a_run_is_not_made_over_another(run):
    with pytest.raises(RunError, match=r"holds a run already. Go on with it \(sweeper resume .*/run\)"):
        RunDirectory.create(run.path, manifest())


def test_a_run_is_not_made_among_other_files(tmp_path):
    (tmp_path / "photo.png").touch()
    with pytest.raises(RunError, match=r"is not empty \(it holds photo.png\)"):
        RunDirectory.create(tmp_path, manifest())


def test_a_run_is_made_where_a_killed_driver_had_only_begun(tmp_path):
    (tmp_path / ".run.json.123.tmp").write_text('{"sche')
    assert RunDirectory.create(tmp_path, manifest()).path == tmp_path


def test_a_run_is_not_made_in_place_of_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is a file"):
        RunDirectory.create(tmp_path / "file", manifest())
    with pytest.raises(RunError, match="cannot make the folder .*: Not a directory"):
        RunDirectory.create(tmp_path / "file" / "run", manifest())


def test_the_password_of_the_storage_is_not_kept(tmp_path):
    url = "postgresql://me:secret@host/db"
    made = manifest(settings=Settings(target="train.py", storage=url), command=("sweeper", f"--storage={url}"))
    run = RunDirectory.create(tmp_path / "run", made)
    assert "secret" not in (run.path / "run.json").read_text()
    assert RunDirectory.open(run.path) == run


def test_two_runs_have_two_ids_and_moving_one_keeps_its_id(tmp_path, run):
    other = RunDirectory.create(tmp_path / "other", manifest(created="2026-11-21T08:00:01+00:00"))
    name = other.id
    moved = other.path.rename(tmp_path / "moved")
    assert run.id != name == RunDirectory.open(moved).id


@pytest.mark.parametrize("path", [".", "gone", "file"])
def test_what_is_not_a_run_is_refused(tmp_path, path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="does not exist|it has no run.json"):
        RunDirectory.open(tmp_path / path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema":1}', '{"schema":1,"sweeper_ver', "\x00\x00"])
def test_a_damaged_run_is_refused(run, text):
    (run.path / "run.json").write_text(text)
    with pytest.raises(RunError, match="run.json is damaged"):
        RunDirectory.open(run.path)


def opened_with(run, text):
    (run.path / "run.json").write_text(text)
    return RunDirectory.open(run.path)


def test_a_run_of_schema_1_is_read_with_all_its_settings(run):
    settings = opened_with(run, OF_SCHEMA_1.read_text()).manifest.settings
    assert settings == Settings(
        target="train.py",
        script_args=("--data", "cifar10"),
        learning_rates=RateRange(low=1e-6, high=1.0),
        optimizers=(make_choice("script", {"warmup": 50}), make_choice("adamw", {"weight_decay": 0.01})),
        batch_sizes=(SCRIPT_BATCH_SIZE, 16),
        length=Length(epochs=0.5),
        clipnorm=AUTO,
        other_limits_bytes=(24 * 2**30,),
        fail_on=(FailOn.UNSAFE,),
    )


@pytest.mark.parametrize(
    ("numbers", "sizes"),
    [
        ("null", None),
        ("[8,64]", (8, 64)),
        ("[0]", (SCRIPT_BATCH_SIZE,)),
        ("[-1]", BatchSearch.AUTO),
        ("[-2]", BatchSearch.RECOMMENDED),
    ],
)
def test_numbers_that_stood_for_words_among_batch_sizes_are_read_as_words(run, numbers, sizes):
    text = OF_SCHEMA_1.read_text().replace("[0,16]", numbers)
    assert opened_with(run, text).manifest.settings.batch_sizes == sizes


@pytest.mark.parametrize("sizes", [None, (SCRIPT_BATCH_SIZE, 8), BatchSearch.AUTO, BatchSearch.RECOMMENDED])
def test_batch_sizes_are_read_as_they_were_written(tmp_path, sizes):
    made = RunDirectory.create(tmp_path / "run", manifest(settings=Settings(target="train.py", batch_sizes=sizes)))
    assert RunDirectory.open(made.path) == made


def test_a_run_keeps_the_id_that_the_sweeper_gave_it_that_made_it(run):
    text = OF_SCHEMA_1.read_text()
    assert opened_with(run, text).id == sha256(text.encode()).hexdigest()[:12]


def test_a_run_of_a_newer_sweeper_is_refused(run):
    (run.path / "run.json").write_text(dump(replace(manifest(), schema=99)))
    with pytest.raises(RunError, match="has schema 99; this sweeper reads up to 2"):
        RunDirectory.open(run.path)


def test_the_job_is_kept_with_the_axes(run):
    assert run.job() is None
    run.save_job(JOB, SPACE)
    assert RunDirectory.open(run.path).job() == (JOB, SPACE)


@given(made=finished)
def test_the_text_of_an_outcome_gives_it_back(made):
    read = load(Outcome, dump(made).encode())
    assert (read.curve is None) == (made.curve is None)
    assert read.curve is None or same_curve(read.curve, made.curve)
    assert (read.probe, read.kind, read.seconds) == (made.probe, made.kind, made.seconds)
    assert read.log_tail == made.log_tail.encode("utf-8", "replace").decode()


def test_a_finished_probe_is_never_overwritten(run):
    run.save_outcome(outcome(losses=(2.0, 1.0)))
    with pytest.raises(RunError, match="has an outcome already"):
        run.save_outcome(outcome(losses=(3.0, 4.0)))
    assert run.outcomes() == (outcome(losses=(2.0, 1.0)),)


def test_a_cancelled_probe_is_left_for_a_resume(run):
    run.save_outcome(outcome(losses=(), kind=OutcomeKind.CANCELLED))
    assert run.outcomes() == ()
    run.save_outcome(outcome())
    assert run.outcomes() == (outcome(),)


def test_readers_do_not_see_unfinished_files_and_repair_removes_them(run):
    run.save_outcome(outcome())
    leftover = run.path / "probes" / ".adam.json.99.tmp"
    leftover.write_text('{"probe"')
    assert len(run.outcomes()) == 1
    assert leftover.exists()
    assert run.repair() == ()
    assert not leftover.exists()


def test_a_damaged_outcome_is_reported_and_repair_sets_it_aside(run):
    run.save_outcome(outcome())
    run.save_outcome(outcome(rate=0.1))
    damaged = run.outcome_file(outcome().probe.id)
    damaged.write_bytes(damaged.read_bytes()[:40])
    with pytest.raises(RunError, match=f"{damaged.name} is damaged: .* `sweeper resume {run.path}`"):
        run.outcomes()
    (note,) = run.repair()
    assert note.startswith(f"{damaged.name} was damaged")
    assert probe_ids(run) == [outcome(rate=0.1).probe.id]
    run.save_outcome(outcome())
    assert len(run.outcomes()) == 2
    assert damaged.with_name(f"{damaged.name}.damaged").exists()


def test_seconds_add_up_over_resumed_parts(run):
    assert run.seconds == 0
    run.add_seconds(1.5)
    RunDirectory.open(run.path).add_seconds(2.0)
    assert run.seconds == 3.5


def test_samples_are_discarded_and_a_second_time_is_no_error(run):
    (run.job_folder / "samples.npz").write_bytes(b"1")
    run.discard_samples()
    run.discard_samples()
    assert not run.job_folder.exists()


def test_a_second_driver_is_refused_and_told_who_holds_the_run(run):
    with pytest.raises(RunError, match=f"is being written by process {os.getpid()}"), run.lock():
        pass


def test_a_killed_driver_holds_no_lock_even_while_its_worker_lives(tmp_path):
    run = RunDirectory.create(tmp_path / "run", manifest())
    command = [sys.executable, "-c", HOLDS_THE_LOCK_AND_DIES, str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        worker = int(driver.stdout.readline())
        try:
            with pytest.raises(RunError, match=f"process {driver.pid}"), run.lock():
                pass
            driver.stdin.write("x")
            driver.stdin.flush()
            driver.wait()
            os.kill(worker, 0)
            with run.lock():
                assert (run.path / "driver.lock").read_text() == str(os.getpid())
        finally:
            os.kill(worker, 9)


def test_a_folder_that_cannot_be_written_is_a_machine_error(run):
    (run.path / "driver.lock").unlink()
    (run.path / "driver.lock").mkdir()
    with pytest.raises(MachineError, match="cannot write in .*/run: Is a directory"), run.lock():
        pass


def test_a_failed_write_says_that_finished_probes_are_safe_and_how_to_go_on(run):
    (run.path / "probes").rmdir()
    with pytest.raises(MachineError, match=f"Finished probes are safe; .* go on with: sweeper resume {run.path}"):
        run.save_outcome(outcome())
