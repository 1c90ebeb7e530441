import pytest

from sweeper.errors import TargetError
from sweeper.modules import parent_packages, run_as_module
from sweeper.target import parse_target


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    (tmp_path / "book.ipynb").write_text("{}")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "fit.py").write_text("raise AssertionError('nothing runs when a target is looked for')")
    (tmp_path / "whole" / "deep").mkdir(parents=True)
    for name in ("__init__", "__main__", "evaluate", "deep/__init__", "deep/fit"):
        (tmp_path / "whole" / f"{name}.py").write_text("raise AssertionError('nothing runs')")
    return tmp_path


def test_a_file_is_a_script(folder):
    target = parse_target("train.py")
    assert (target.file, target.attribute, target.name) == (str(folder / "train.py"), None, "train")
    assert target.is_program


def test_a_name_behind_a_colon_is_a_function_of_the_file(folder):
    target = parse_target("train.py:make")
    assert (target.file, target.attribute, target.name) == (str(folder / "train.py"), "make", "train-make")


@pytest.mark.parametrize("text", ["pack.models:make", "train:make", "json:loads"])
def test_a_module_is_looked_for_here_and_on_the_path(text):
    target = parse_target(text)
    assert (target.file, target.module) == (None, text.partition(":")[0])


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("-m train", "train.py"),
        ("-m pack.fit", "pack/fit.py"),  # a folder without __init__.py is a package too
        ("-m whole", "whole/__main__.py"),
        ("-m whole.deep.fit", "whole/deep/fit.py"),
    ],
)
def test_a_module_is_found_as_python_m_finds_it_and_no_package_is_run(folder, text, file):
    target = parse_target(text)
    assert (target.file, target.text, target.name) == (str(folder / file), text, text.removeprefix("-m "))
    assert target.is_program


def test_the_files_that_run_with_a_module_are_known_without_running_them(folder):
    assert parent_packages("whole.deep.fit", folder / "whole" / "deep" / "fit.py") == (
        folder,
        (folder / "whole" / "deep" / "__init__.py", folder / "whole" / "__init__.py"),
    )
    assert parent_packages("whole", folder / "whole" / "__main__.py") == (folder, (folder / "whole" / "__init__.py",))


@pytest.mark.parametrize(
    ("imports", "here", "expected"),
    [
        ("from .model import build", ".", "sweeper probe -m whole.deep.train --epochs 3"),
        ("from ...shared import data", ".", "cd .. && sweeper probe -m {top}.whole.deep.train --epochs 3"),
        ("from .model import build", "whole/deep", "cd ../.. && sweeper probe -m whole.deep.train --epochs 3"),
        # No __init__.py: the relative import alone shows the package.
        ("from .model import build", "pack", "cd .. && sweeper probe -m pack.train --epochs 3"),
    ],
)
def test_the_command_for_a_file_of_a_package_reaches_as_far_as_its_imports(
    folder, monkeypatch, imports, here, expected
):
    file = folder / ("pack" if here == "pack" else "whole/deep") / "train.py"
    file.write_text(imports)
    monkeypatch.chdir(folder / here)
    assert run_as_module(file, " --epochs 3") == expected.format(top=folder.name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-m", "begins with its package, as in -m pkg.train"),
        ("-m .train", "begins with its package"),
        ("-m train.py", "takes the name of a module, not a file; write -m train, or train.py without -m"),
        ("-m pack/fit.py", "write -m pack.fit"),
        ("-m tarin", "there is no module 'tarin' in .* Start sweeper in the folder that holds the package"),
        ("-m whole.tarin", "the package whole has no module 'tarin'; it has -m whole.evaluate$"),
        ("-m pack", "pack is a package without __main__.py; it has -m pack.fit"),
        ("-m train.fit", "train is a module, not a package, so it has no 'fit'; write -m train"),
        ("pack.fit", "A module of that name is there: sweeper probe -m pack.fit"),
        ("book.ipynb", "notebook book.ipynb: it has no list of cells"),
        ("book.ipynb:make", "a function of a notebook cannot be a target; give book.ipynb as it is"),
        ("tarin.py", "there is no such file"),
        ("tarin.py:make", "there is no file 'tarin.py'"),
        ("pack", "is a folder; name the script in it"),
        ("no_such_module:make", "there is no module 'no_such_module'"),
        ("a b:make", "neither a .py file nor the name of a module"),
    ],
)
def test_what_cannot_be_a_target_is_told_with_the_next_step(text, words):
    with pytest.raises(TargetError, match=words):
        parse_target(text)
