"""What callbacks do to files while they are looked at: nothing that is there changes, and what they write they find."""

# ruff: noqa: PTH101, PTH102, PTH105, PTH107, PTH110, PTH211

import os
import shutil
import tempfile
from os import remove as remove_by_name
from os import replace as replace_by_name
from pathlib import Path

import pytest

from sweeper.capture._no_side_effects import ProcessEnded, no_side_effects


@pytest.fixture
def folder(tmp_path, monkeypatch):
    work = tmp_path / "work"
    (work / "kept" / "deeper").mkdir(parents=True)
    (work / "best.txt").write_text("precious")
    (work / "kept" / "deeper" / "model.txt").write_text("precious")
    monkeypatch.chdir(work)
    return work


def contents(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def written_then_moved():
    Path("best.tmp").write_text("new")
    os.replace("best.tmp", "best.txt")
    assert Path("best.txt").read_text() == "new"
    assert not os.path.exists("best.tmp")


def moved_from_the_temporary_folder():
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write("new")
    os.replace(file.name, "best.txt")
    assert Path("best.txt").read_text() == "new"


def moved_by_shutil():
    shutil.move("best.txt", "kept/older.txt")
    assert Path("kept/older.txt").read_text() == "precious"
    Path("best.txt").write_text("new")


def tree_removed():
    shutil.rmtree("kept")


def removed_by_name():
    Path("best.tmp").write_text("new")
    replace_by_name("best.tmp", "best.txt")
    assert Path("best.txt").read_text() == "new"
    remove_by_name("kept/deeper/model.txt")


def removed_from_an_open_folder():
    opened = os.open("kept/deeper", os.O_RDONLY)
    os.remove("model.txt", dir_fd=opened)
    os.close(opened)


def opened_by_descriptor():
    Path("best.txt").touch()
    Path("new.txt").touch()
    file = os.open("best.txt", os.O_WRONLY | os.O_TRUNC)
    os.write(file, b"new")
    os.close(file)
    assert Path("best.txt").read_text() == "new"


def linked():
    Path("best.new").write_text("new")
    os.symlink("best.new", "link.txt")
    os.chmod("best.txt", 0)
    os.truncate("best.txt", 0)
    os.mkdir("more")


@pytest.mark.parametrize(
    "callback",
    [
        written_then_moved,
        moved_from_the_temporary_folder,
        moved_by_shutil,
        tree_removed,
        removed_by_name,
        removed_from_an_open_folder,
        opened_by_descriptor,
        linked,
    ],
    ids=lambda callback: callback.__name__,
)
@pytest.mark.slow  # imports Keras
def test_the_files_of_a_person_stay_as_they_are(folder, callback):
    before, at = contents(folder), sorted(folder.rglob("*"))
    with no_side_effects():
        callback()
    assert contents(folder) == before
    assert sorted(folder.rglob("*")) == at


@pytest.mark.slow
def test_what_is_not_there_is_missed_as_ever(folder):
    with no_side_effects():
        for act in (os.remove, os.rmdir, lambda path: os.replace(path, "best.txt"), os.utime):
            with pytest.raises(FileNotFoundError):
                act("missing.txt")
        with pytest.raises(ProcessEnded):
            os._exit(3)
    remove_by_name("best.txt")
    assert not (folder / "best.txt").exists()
