import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sweeper
from sweeper import steps
from sweeper.steps import REPORTS_VARIABLE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """What was reported so far, in a probe."""
    file = tmp_path / "reports"
    monkeypatch.setenv(REPORTS_VARIABLE, str(file))
    monkeypatch.setattr(steps, "_reports", steps._Reports())
    return lambda: [json.loads(line) for line in file.read_text().splitlines()]


class Tensor:
    def __init__(self, *values):
        self.values = values

    def item(self):
        if len(self.values) != 1:
            raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")
        return self.values[0]


def test_outside_a_probe_nothing_happens(monkeypatch):
    monkeypatch.delenv(REPORTS_VARIABLE, raising=False)
    sweeper.report(loss="anything")


def test_steps_count_by_themselves_and_can_be_given(reported):
    sweeper.report(loss=1)
    sweeper.report(loss=np.float32(0.5), val_loss=Tensor(2.0))
    sweeper.report(loss=Tensor(0.25), step=np.int64(10))
    sweeper.report(loss=0.1)
    assert reported() == [
        {"step": 1, "loss": 1.0},
        {"step": 2, "loss": 0.5, "val_loss": 2.0},
        {"step": 10, "loss": 0.25},
        {"step": 11, "loss": 0.1},
    ]


def test_numbers_that_are_not_finite_are_kept(reported):
    sweeper.report(loss=math.nan)
    sweeper.report(loss=np.float64(-math.inf))
    sweeper.report(loss=10**400)
    nan, low, high = (row["loss"] for row in reported())
    assert math.isnan(nan)
    assert (low, high) == (-math.inf, math.inf)


@pytest.mark.parametrize("wrong", ["0.5", True, None, [0.5], np.array([1.0, 2.0]), Tensor(1.0, 2.0), 1j, Tensor("x")])
def test_a_wrong_loss_is_a_type_error_that_names_it(reported, wrong):
    with pytest.raises(TypeError, match=r"sweeper.report\(\)"):
        sweeper.report(loss=wrong)


@pytest.mark.parametrize("wrong", [1.5, "1", True])
def test_a_wrong_step_is_a_type_error(reported, wrong):
    with pytest.raises(TypeError, match="whole number"):
        sweeper.report(loss=1.0, step=wrong)


def test_lines_of_a_forked_child_do_not_mix_with_those_of_its_parent(reported):
    code = (
        "import os, sweeper\n"
        "sweeper.report(loss=0.0)\n"
        "child = os.fork()\n"
        "for i in range(3000): sweeper.report(loss=1.0 if child else 2.0, val_loss=123456.789)\n"
        "if child: os.waitpid(child, 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ.copy(), check=True)
    losses = [row["loss"] for row in reported()]
    assert (losses.count(1.0), losses.count(2.0)) == (3000, 3000)


def test_an_import_for_report_loads_the_standard_library_only():
    code = "import sys; old = {*sys.modules}; import sweeper; sweeper.report(loss=1.0); print(*{*sys.modules} - old)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - {"sweeper"} <= sys.stdlib_module_names
    assert {name for name in done.stdout.split() if name.startswith("sweeper.")} == {"sweeper.steps"}
