"""Modules and notebooks as targets: they run as Python and Jupyter run them, and what cannot be is told."""

import json

import numpy as np
import pytest

from sweeper.job import NOTEBOOK
from sweeper.probes import Probe
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow

IMPORTS = """
!pip install -q keras
%matplotlib inline
import keras
import numpy as np
from helper import ROWS"""
DATA = """
files = !ls *.csv
keras.utils.set_random_seed(1)
x = np.loadtxt("x.csv", delimiter=",", dtype="float32")
display(x.shape, len(files), ROWS)"""
MODEL = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.calls = 0

    def call(self, x):
        self.calls += 1
        return self.dense(x) * (1.0 + 0.01 * self.calls)

model = Net()
model.compile(keras.optimizers.SGD(0.05), "mse", run_eagerly=True)"""
FIT = """%%time

model.fit(
    x, x.sum(axis=1, keepdims=True), batch_size=16, epochs=2, verbose=0)"""
CELLS = (IMPORTS, DATA, MODEL, FIT, "this is not Python, and is not reached")
PLAIN = {"!pip install -q keras": "", "%matplotlib inline": "", "!ls *.csv": "[]", "display": "print", "%%time": ""}
"""What the script has in place of what only a notebook knows."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_notebook(file, *cells):
    written = [{"cell_type": "markdown", "source": "# Title"}]
    written += [{"cell_type": "code", "source": cell, "execution_count": 9, "outputs": []} for cell in cells]
    file.write_text(json.dumps({"cells": written, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}))


def probed(target, work, warm):
    """The job, and the losses of the probe at the script's own setting."""
    probe = Probe(optimizer="script", learning_rate=0.05, batch_size=16, seed=0, steps=12)
    found = drive(GivenProbes([probe], work / "job"), target, launcher=warm)
    assert found.findings == () or all(finding.severity != "error" for finding in found.findings), found.findings
    return found.job, found.outcomes[probe.id].curve.train_loss


def finding_of(target, folder, warm, **more):
    return drive(GivenProbes([], folder / "job"), target, launcher=warm, **more).findings[0]


def test_a_notebook_trains_as_the_same_code_in_a_script_does(folder, warm):
    place = folder / "books"
    place.mkdir()
    np.savetxt(place / "x.csv", np.random.default_rng(0).normal(size=(96, 4)), delimiter=",")
    (place / "helper.py").write_text("ROWS = 96")
    write_notebook(place / "train.ipynb", *CELLS)
    script = "\n".join(CELLS[:-1])
    for command, plain in (PLAIN | {"x.csv": str(place / "x.csv")}).items():
        script = script.replace(command, plain)
    (place / "train.py").write_text(script)
    job, losses = probed("books/train.ipynb", folder / "one", warm)
    of_script, expected = probed("books/train.py", folder / "two", warm)
    assert job.fit_site == "train.ipynb cell 4:3", "the folder of a notebook is the one that it runs in"
    assert of_script.fit_site.startswith("books/train.py:")
    np.testing.assert_array_equal(losses, expected)
    (change,) = [change for change in job.changes if change.what == NOTEBOOK]
    assert change.detail.endswith("cell 1: !pip install -q keras; cell 1: %matplotlib inline; cell 2: !ls *.csv")


WHAT_PYTHON_SETS = """
import os, sys
from . import shared
main = sys.modules["__main__"]
told = (__name__, __package__, __spec__.name, os.path.relpath(__file__), os.path.relpath(sys.argv[0]), sys.argv[1:])
sys.exit(repr((*told, os.path.relpath(sys.path[0]), main.__dict__ is globals(), shared.argv)))
"""


@pytest.mark.parametrize(("module", "file"), [("pkg.train", "pkg/train.py"), ("pkg", "pkg/__main__.py")])
def test_a_module_finds_what_python_m_sets_for_it(folder, warm, module, file):
    (folder / "pkg").mkdir()
    (folder / "pkg" / "shared.py").write_text("import sys; argv = sys.argv[:1]")
    (folder / "pkg" / "__init__.py").write_text("from . import shared")
    (folder / file).write_text(WHAT_PYTHON_SETS)
    finding = finding_of(f"-m {module}", folder, warm, args=["--epochs", "3"])
    name = file.removesuffix(".py").replace("/", ".")
    told = ("__main__", "pkg", name, file, file, ["--epochs", "3"], ".", True, ["-m"])
    assert f"It called sys.exit with {repr(told)!r}." in finding.evidence


def test_a_file_of_a_package_that_was_run_by_its_path_gets_the_command_for_it(folder, warm):
    (folder / "pkg").mkdir()
    (folder / "pkg" / "train.py").write_text("from .model import build\nbuild()")
    finding = finding_of("pkg/train.py", folder, warm, args=["--data", "my data"])
    assert finding.remedy.endswith(": sweeper probe -m pkg.train -- --data 'my data'")
    assert finding.location == "pkg/train.py:1"


def test_a_module_that_was_started_in_its_own_folder_gets_the_command_for_the_one_above(folder, warm, monkeypatch):
    (folder / "pkg").mkdir()
    (folder / "pkg" / "train.py").write_text("from .model import build\nbuild()")
    monkeypatch.chdir(folder / "pkg")
    finding = finding_of("-m train", folder, warm)
    assert finding.remedy.endswith(": cd .. && sweeper probe -m pkg.train")


def test_a_notebook_that_probes_itself_does_not_start_itself_again_and_again(folder, warm):
    write_notebook(folder / "train.ipynb", 'import sweeper\nsweeper.probe("train.ipynb")')
    finding = finding_of("train.ipynb", folder, warm)
    assert "it runs already, in a worker of sweeper" in finding.evidence
    assert not (folder / "runs").exists()


def test_relative_imports_of_another_file_get_no_such_advice(folder, warm):
    (folder / "model.py").write_text("from .layers import Dense")
    (folder / "train.py").write_text("import model")
    finding = finding_of("train.py", folder, warm)
    assert "sweeper probe -m" not in finding.remedy
    assert finding.location == "model.py:1"


def test_an_error_of_a_notebook_names_cell_and_line_and_what_was_left_out(folder, warm):
    write_notebook(folder / "train.ipynb", "%run setup.py", "\nx = load_data()\n")
    finding = finding_of("train.ipynb", folder, warm)
    assert (finding.title, finding.location) == ("load_data is not defined", "train.ipynb cell 2:2")
    assert "x = load_data()" in finding.evidence
    assert "Not executed in the notebook until then: cell 1: %run setup.py\n" in finding.evidence


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["import keras", "x = 2\nfrom google.colab import drive"], "google.colab is there in Colab only"),
        (["x = 1", "y = 2\nawait get()"], "train.ipynb cell 2:2: await outside a function is not supported"),
        (["x = 1", "y = 2\nprint 'old'"], "the script is not valid Python: Missing parentheses"),
    ],
)
def test_a_cell_that_cannot_run_is_named(folder, warm, cells, words):
    write_notebook(folder / "train.ipynb", *cells)
    finding = finding_of("train.ipynb", folder, warm)
    assert words in f"{finding.title} {finding.evidence}"
    assert "cell 2:2" in f"{finding.location} {finding.evidence}"
