"""Follow-ups that really train: answered in one go, and by a run that is killed in one of them and goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parent / "scripts" / "overfitting.py"
ASKED = (
    *("--lr", "1e-4,1e-3,1e-2", "--optimizer", "script", "--batch-size", "script", "--steps", "60"),
    *("--engine", "fit", "--gpus", "none", "--workers", "1", "--overfit", "--warmup", "auto", "--clipnorm", "auto"),
)


def start(*arguments, folder):
    command = [sys.executable, "-m", "sweeper", *arguments, "--quiet"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    out, err = process.communicate(timeout=1800)
    return process.returncode, out, err


def results_of(run):
    return json.loads((run / "results.json").read_text())


def long_of(run):
    """The file of the training that is to show overfitting."""
    return results_of(run)["overfit"]["probe"] + ".json"


def curves_of(run):
    return {file.name: json.loads(file.read_text())["curve"] for file in (run / "probes").glob("*.json")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("followed")


@pytest.fixture(scope="module")
def whole(folder):
    status, out, err = ended(start("probe", str(SCRIPT), *ASKED, "--out", "whole", folder=folder))
    assert status == 0, err
    return folder / "whole", " ".join(out.split())


def test_a_long_training_says_when_the_setting_overfits(whole):
    run, out = whole
    overfit = results_of(run)["overfit"]
    assert (overfit["answer"], overfit["steps"], overfit["passes"]) == ("yes", 600, 60.0)
    assert overfit["best_pass"] < 30
    assert overfit["sentence"] in out
    curve = curves_of(run)[long_of(run)]
    assert len(curve["train_loss"]) == 600
    assert curve["val_steps"] == list(range(0, 601, 25))


def test_the_row_is_tried_again_with_each_remedy(whole):
    run, out = whole
    results = results_of(run)
    assert [remedy["kind"] for remedy in results["remedies"]] == ["warmup", "clipnorm"]
    for remedy in results["remedies"]:
        assert len(remedy["row"]["cells"]) == 3
        assert remedy["helps"] is not None
        assert remedy["sentence"] in out
    # The same batches from the same weights: only the remedy can make a difference.
    curves = curves_of(run)
    plain = curves["script-lr0.01-b20-s0-n60.json"]["train_loss"]
    warmed = curves["script_warmup_15-lr0.01-b20-s0-n60.json"]["train_loss"]
    assert warmed[0] == plain[0]
    assert warmed[1:] != plain[1:]


def test_the_long_training_begins_as_the_short_probe_did(whole):
    curves, long = curves_of(whole[0]), long_of(whole[0])
    assert curves[long]["train_loss"][:60] == curves[long.replace("-n600.", "-n60.")]["train_loss"]


def test_a_run_that_is_ended_twice_in_its_follow_ups_goes_on_and_finds_the_same(folder, whole):
    run = folder / "ended"
    asked, kept = ["probe", str(SCRIPT), *ASKED, "--out", run.name], {}
    # Killed in one row and interrupted in the next.
    for how, row, expected in (
        (signal.SIGKILL, "script_warmup", -signal.SIGKILL),
        (signal.SIGINT, "script_global_clipnorm", 130),
    ):
        process = start(*asked, folder=folder)
        while process.poll() is None and not list(run.glob(f"probes/{row}*")):
            time.sleep(0.02)
        os.kill(process.pid, how)
        status, _, _ = ended(process)
        assert status == expected
        before, kept = kept, {file.name: file.stat().st_mtime_ns for file in (run / "probes").glob("*.json")}
        assert long_of(whole[0]) in kept
        assert kept.items() >= before.items(), "what was kept is not written again"
        asked = ["resume", run.name]
    status, _, err = ended(start(*asked, folder=folder))
    assert status == 0, err
    assert {name: (run / "probes" / name).stat().st_mtime_ns for name in kept} == kept
    assert curves_of(run) == curves_of(whole[0])
    for same in ("overfit", "remedies", "rows"):
        assert results_of(run)[same] == results_of(whole[0])[same]


def test_a_limit_before_the_follow_ups_says_what_is_missing(folder):
    process = start("probe", str(SCRIPT), *ASKED, "--out", "short", "--max-probes", "3", folder=folder)
    status, out, err = ended(process)
    assert status == 4
    assert "--max-probes of 3 is reached" in err
    assert "Overfitting cannot be judged: its training had not ended when the run did." in " ".join(out.split())
    assert "Warm-up over 15 steps: the run ended before that row was known." in " ".join(out.split())
