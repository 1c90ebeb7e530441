import pytest

from sweeper.errors import TargetError
from sweeper.target import parse_target


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    (tmp_path / "book.ipynb").write_text("{}")
    (tmp_path / "pack").mkdir()
    return tmp_path


def test_a_file_is_a_script(folder):
    target = parse_target("train.py")
    assert (target.file, target.attribute, target.name) == (str(folder / "train.py"), None, "train")
    assert target.is_script


def test_a_name_behind_a_colon_is_a_function_of_the_file(folder):
    target = parse_target("train.py:make")
    assert (target.file, target.attribute, target.name) == (str(folder / "train.py"), "make", "train-make")


@pytest.mark.parametrize("text", ["pack.models:make", "train:make", "json:loads"])
def test_a_module_is_looked_for_here_and_on_the_path(text):
    target = parse_target(text)
    assert (target.file, target.module) == (None, text.partition(":")[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tarin.py", "there is no such file"),
        ("tarin.py:make", "there is no file 'tarin.py'"),
        ("pack", "is a folder; name the script in it"),
        ("book.ipynb", "jupyter nbconvert --to script"),
        ("no_such_module:make", "there is no module 'no_such_module'"),
        ("a b:make", "neither a .py file nor the name of a module"),
    ],
)
def test_what_cannot_be_a_target_is_told_with_the_next_step(text, words):
    with pytest.raises(TargetError, match=words):
        parse_target(text)
