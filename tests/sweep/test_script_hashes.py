"""Which files count as the script that a run was made with."""

import json

import pytest

from sweeper.sweep._machine import script_hashes
from sweeper.target import parse_target


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hashes(text):
    return dict(script_hashes(parse_target(text), None))


def test_a_module_counts_with_its_packages_and_what_it_imports_of_them(folder):
    (folder / "pkg" / "jobs").mkdir(parents=True)
    for name, text in {
        "pkg/__init__.py": "",
        "pkg/jobs/__init__.py": "",
        "pkg/jobs/train.py": "from ..model import build\nfrom .data import load\nimport pkg.extra, keras",
        "pkg/jobs/data.py": "",
        "pkg/model.py": "",
        "pkg/extra.py": "",
        "pkg/other.py": "",
        "model.py": "",
    }.items():
        (folder / name).write_text(text)
    before = hashes("-m pkg.jobs.train")
    assert set(before) == {
        *("pkg/__init__.py", "pkg/jobs/__init__.py", "pkg/jobs/train.py", "pkg/jobs/data.py", "pkg/model.py"),
        "pkg/extra.py",
    }
    (folder / "pkg" / "model.py").write_text("changed = True")
    assert hashes("-m pkg.jobs.train") != before


def test_a_notebook_counts_by_its_code_alone(folder):
    def write(source, **more):
        cells = [{"cell_type": "markdown", "source": str(more)}, {"cell_type": "code", "source": source} | more]
        (folder / "train.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
        return hashes("train.ipynb")

    (folder / "helper.py").write_text("")
    before = write("%matplotlib inline\nimport helper", execution_count=1, outputs=[])
    assert set(before) == {"train.ipynb", "helper.py"}
    assert write("%matplotlib inline\nimport helper", execution_count=7, outputs=[{"text": "loss: 0.3"}]) == before
    assert write("%matplotlib inline\nimport helper\nx = 1", execution_count=1, outputs=[]) != before
