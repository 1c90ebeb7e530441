"""The examples with a training loop of their own, as their first lines say that they are probed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "more", "good"),
    [("numpy_loop", "", 0.3), ("torch_loop", " --optimizer SGD", 0.1), ("tape_loop", "", 0.01)],
)
def test_an_example_trains_at_a_good_rate_and_fails_at_a_wild_one(name, more, good, tmp_path, monkeypatch):
    if name == "torch_loop":
        pytest.importorskip("torch")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = f"{sys.executable} {ROOT}/examples/{name}.py --lr {{learning_rate}} --seed {{seed}}{more}"
    words = [sys.executable, "-m", "sweeper", "probe", "--command", command, "--lr", f"{good},1e4", "--steps", "60"]
    words += ["--workers", "1", "--gpus", "none", "--out", "run"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    probes = json.loads((tmp_path / "run" / "results.json").read_text())["probes"]
    verdicts = {probe["learning_rate"]: probe["verdict"] for probe in probes if probe["learning_rate"]}
    assert verdicts[good] == "healthy"
    assert verdicts[1e4] != "healthy"
