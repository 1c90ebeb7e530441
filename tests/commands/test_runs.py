"""Whole runs of commands, as a user starts them; the programs are tiny, so that a run takes seconds."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import sweeper
from tests.commands import programs

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
AXES = ("--lr", "1e-6,0.1,100", "--steps", "30", "--workers", "2", "--gpus", "none", "--out", "run")
OWN_LOG = "out/{learning_rate}-{seed}/log.csv"
SLOT = "--lr {learning_rate} --seed {seed}"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def start(*arguments):
    words = [sys.executable, "-m", "sweeper", *arguments]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ran(*arguments):
    """Exit status and output of a call of sweeper."""
    process = start(*arguments)
    output, _ = process.communicate()
    return process.returncode, output


def results(run="run"):
    return json.loads((Path(run) / "results.json").read_text())


def verdicts(document):
    return {probe["learning_rate"]: probe["verdict"] for probe in document["probes"] if probe["learning_rate"]}


def changes(document):
    return {change["what"]: change["detail"] for change in document["changes"]}


@pytest.mark.parametrize(
    ("program", "arguments", "more"),
    [
        (programs.REPORTS, SLOT, ()),
        (programs.PRINTS, SLOT, ()),
        (
            programs.WRITES_CSV,
            f"{SLOT} --log {OWN_LOG}",
            ("--curve", OWN_LOG),
        ),
        (programs.WRITES_CSV, SLOT, ("--curve", "log.csv", "--column", "loss")),
        (programs.REFUSES_ZERO, SLOT, ()),
        (programs.RAISES_ON_DIVERGENCE, SLOT, ()),
    ],
    ids=["reports", "prints", "a file each", "one file", "refuses 0", "raises when it diverges"],
)
def test_a_program_gets_its_map_however_it_tells_its_loss(folder, program, arguments, more):
    command = f"{programs.write(folder, program)} {arguments}"
    status, output = ran("probe", "--command", command, *AXES, *more)
    assert status == 0, output
    document = results()
    assert verdicts(document) == {1e-6: "stalled", 0.1: "healthy", 100.0: "diverged"}
    assert document["recommendation"]["learning_rate"] == 0.1
    assert all(probe["steps"] <= 30 for probe in document["probes"])
    assert "Use your own optimizer at 0.1" in output
    assert "batch size" not in output.partition("Use your own optimizer at 0.1")[2].partition("\n")[0]


def test_what_cannot_vary_has_one_entry_and_is_said(folder):
    command = f"{programs.write(folder, programs.REPORTS)} --lr {{learning_rate}}"
    status, output = ran("probe", "--command", command, *AXES)
    assert status == 0, output
    said = changes(results())
    assert "{batch_size}" in said["batch size axis"]
    assert "{optimizer}" in said["optimizer axis"]
    assert "{seed}" in said["seeds"]


def test_the_report_has_the_command_with_the_recommended_setting(folder):
    command = f"{programs.write(folder, programs.REPORTS)} {SLOT} --batch-size {{batch_size}} --optimizer '{{{{x}}}}'"
    status, output = ran("probe", "--command", command, *AXES, "--batch-size", "16")
    assert status == 0, output
    assert "train.py --lr 0.1 --seed 0 --batch-size 16 --optimizer &#39;{x}&#39;" in Path("run/report.html").read_text()


def test_optimizers_and_batch_sizes_are_passed_as_they_are(folder):
    command = f"{programs.write(folder, programs.REPORTS)} {SLOT} --batch-size {{batch_size}} --optimizer {{optimizer}}"
    given = ("--batch-size", "4,16", "--optimizer", "Lion_8bit,plain")
    status, output = ran("probe", "--command", command, *AXES, *given)
    assert status == 0, output
    rows = {(row["optimizer"], row["batch_size"]) for row in results()["rows"]}
    assert rows == {("Lion_8bit", 4), ("Lion_8bit", 16), ("plain", 4), ("plain", 16)}


def test_a_program_that_ends_sooner_makes_probes_shorter(folder):
    command = f"{programs.write(folder, programs.ENDS_SOON)} {SLOT}"
    status, output = ran("probe", "--command", command, *AXES)
    assert status == 0, output
    document = results()
    assert document["space"]["steps"] == [12]
    assert "after 12 reported losses" in changes(document)["length of probes"]


def test_a_probe_that_fails_is_an_outcome_with_its_last_lines(folder):
    command = f"{programs.write(folder, programs.FAILS_ABOVE_A_TENTH)} {SLOT}"
    status, output = ran("probe", "--command", command, *AXES)
    assert status == 0, output
    (failed,) = (probe for probe in results()["probes"] if probe["learning_rate"] == 100.0)
    assert failed["outcome"] == "error"
    assert "too high for me" in failed["log_tail"]


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        (programs.SILENT, "SW030", "epoch 1 done"),
        (programs.FEW, "SW030", "after 3 reported steps"),
        (programs.FAILS, "SW031", "no GPU here"),
    ],
    ids=["silent", "few", "fails"],
)
def test_a_program_without_a_curve_is_a_finding_with_what_it_printed(folder, program, code, said):
    status, output = ran("probe", "--command", f"{programs.write(folder, program)} {SLOT}", *AXES)
    assert status == 5
    (finding,) = results()["findings"]
    assert finding["code"] == code
    assert said in finding["evidence"]
    assert said in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("probe", "train.py", "--command", "python x {learning_rate}"), "two things to train"),
        (("probe",), "no target"),
        (("probe", "--command", "python x {lr}"), "unknown placeholder {lr}"),
        (("probe", "--command", "python x"), "{learning_rate} is missing"),
        (("probe", "--command", "no-such-program {learning_rate}"), "there is no program 'no-such-program'"),
        (("probe", "--command", "python3 x {learning_rate} {batch_size}"), "--batch-size 16,32,64"),
        (("probe", "--command", "python3 x {learning_rate} {optimizer}"), "--optimizer sgd,adam"),
        (("probe", "--command", "python3 x {learning_rate}", "--batch-size", "auto"), "list the sizes to try"),
        (("probe", "--command", "python3 x {learning_rate}", "--epochs", "1"), "--steps"),
        (("probe", "--command", "python3 x {learning_rate}", "--overfit"), "--overfit"),
        (("probe", "--command", "python3 x {learning_rate}", "--column", "a"), "--curve"),
        (("probe", "--command", "python3 x {learning_rate}", "--", "--data", "y"), "write them into the command"),
        (("probe", "train.py", "--curve", "x.csv"), "--curve says where a --command"),
        (("batch", "--command", "python3 x {learning_rate}"), "list the sizes to try"),
        (("fits", "--command", "python3 x {learning_rate}"), "needs a script of Keras"),
        (("diagnose", "--command", "python3 x {learning_rate}"), "needs a script of Keras"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value)[:50],
)
def test_what_cannot_be_is_told_with_what_to_do(folder, arguments, said):
    programs.write(folder, programs.REPORTS)
    status, output = ran(*arguments)
    assert status == 2
    assert said in " ".join(output.split())


def test_a_plan_trains_nothing_but_the_first_process(folder):
    status, output = ran("probe", "--plan", "--command", f"{programs.write(folder, programs.REPORTS)} {SLOT}", *AXES)
    assert status == 0, output
    assert "the command reports its loss" in output
    assert not Path("run").exists()


def test_lr_finds_a_rate(folder):
    command = f"{programs.write(folder, programs.REPORTS)} {SLOT}"
    status, output = ran("lr", "--command", command, *AXES, "--print", "rate")
    assert status == 0, output
    assert output.splitlines()[-1] == "0.1"


def test_the_front_and_the_config_take_a_command(folder):
    command = f"{programs.write(folder, programs.REPORTS)} {SLOT}"
    run = sweeper.probe(command=command, lr=[0.001, 0.1], steps=20, gpus="none", quiet=True, out="mine")
    assert run.results.recommendation.learning_rate == 0.1
    Path("sweeper.toml").write_text(f"command = '{command}'\nlr = [0.001, 0.1]\nsteps = 20\nout = 'other'\n")
    status, output = ran("probe")
    assert status == 0, output
    assert results("other")["target"]["path"] == command


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def waited(condition):
    """What a condition returns once it holds; a minute is far more than any of them takes."""
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def training():
    """The processes of a probe that waits, and of its child."""
    lines = Path("pids").read_text().splitlines() if Path("pids").exists() else []
    return [int(pid) for pid in lines[-1].split()] if len(lines) > 1 else None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_programs_and_their_children_end_with_sweeper(folder, how):
    command = f"{programs.write(folder, programs.WAITS_WITH_A_CHILD)} {SLOT}"
    process = start("probe", "--command", command, *AXES[:-4], "--workers", "1", "--gpus", "none", "--out", "run")
    pids = waited(training)
    process.send_signal(how)
    if how == signal.SIGINT:
        time.sleep(0.5)
        process.send_signal(how)
    process.communicate()
    waited(lambda: not any(map(alive, pids)))


def test_an_interrupted_run_goes_on_with_the_same_command(folder):
    command = f"{programs.write(folder, programs.REPORTS)} {SLOT}"
    status, output = ran("probe", "--command", command, *AXES, "--max-probes", "1")
    assert status == 4, output
    status, output = ran("resume", "run", "--max-probes", "10")
    assert status == 0, output
    assert verdicts(results()) == {1e-6: "stalled", 0.1: "healthy", 100.0: "diverged"}
    (folder / "train.py").write_text("raise SystemExit(1)\n")
    status, output = ran("resume", "run", "--max-probes", "10")
    assert status == 2
    assert "train.py was edited" in output


def test_a_probe_without_end_is_ended_in_time(folder):
    command = f"{programs.write(folder, programs.WAITS_WITH_A_CHILD)} {SLOT}"
    _, output = ran("probe", "--command", command, "--lr", "0.1", *AXES[2:], "--probe-timeout", "1s")
    assert results()["probes"][-1]["outcome"] == "timeout", output
    assert not any(map(alive, training()))
