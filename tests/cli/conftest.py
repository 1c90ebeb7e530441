import os

import pytest

from sweeper.cli import main
from tests.cli.fake_library import FakeLibrary


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """A working directory with nothing but a script, and no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in os.environ:
        if variable.startswith("SWEEPER_") or variable in {"FORCE_COLOR", "NO_COLOR", "COLUMNS"}:
            monkeypatch.delenv(variable)
    (tmp_path / "train.py").write_text("")
    return tmp_path


@pytest.fixture
def library():
    return FakeLibrary()


@pytest.fixture
def sweeper(library, capsys):
    """Calls the command with arguments; returns its exit status, standard output and standard error."""

    def call(*arguments):
        status = main(arguments, load_library=lambda: library)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
