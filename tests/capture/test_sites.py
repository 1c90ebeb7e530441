import inspect
import json
from pathlib import Path

import pytest

from sweeper.capture import CallSite, own_place, own_traceback
from sweeper.capture._sites import calling_site, is_own_code, shown_path


def run_file(path: Path, text: str, **names):
    path.write_text(text)
    scope = dict(names)
    exec(compile(text, str(path), "exec"), scope)
    return scope


def test_a_call_over_several_lines_is_named_by_its_first_and_found_by_any(tmp_path):
    seen = []

    def fit(*args):
        seen.append(calling_site(inspect.currentframe().f_back))

    run_file(tmp_path / "train.py", "x = 1\nfit(\n    x,\n    2,\n)\n", fit=fit)
    site = seen[0]
    assert (site.line, site.last_line) == (2, 5)
    assert site.matches(f"{tmp_path}/train.py:4")
    assert site.matches("train.py:2")
    assert not site.matches("train.py:1")
    assert not site.matches("other.py:2")
    assert not site.matches("rain.py:2")


def test_a_call_from_a_library_is_named_by_the_persons_line(tmp_path):
    library = tmp_path / "site-packages" / "tuner.py"
    library.parent.mkdir()
    seen = []
    tuner = run_file(
        library,
        "def search(fit):\n    return fit()\n",
    )
    run_file(
        tmp_path / "mine.py",
        "\n\nsearch(fit)\n",
        search=tuner["search"],
        fit=lambda: seen.append(calling_site(inspect.currentframe().f_back)),
    )
    assert Path(seen[0].file).name == "mine.py"
    assert seen[0].line == 3


@pytest.mark.parametrize("library", [json.__file__, pytest.__file__, "<string>", "<frozen runpy>"])
def test_libraries_are_not_the_persons_code(library):
    assert not is_own_code(library)


def test_a_script_is_the_persons_code(tmp_path):
    assert is_own_code(str(tmp_path / "train.py"))


def test_paths_below_the_working_folder_are_shown_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "a" / "b.py")) == "a/b.py"
    assert shown_path("/elsewhere/b.py") == "/elsewhere/b.py"
    assert CallSite(file=str(tmp_path / "b.py"), line=3, last_line=3).place == "b.py:3"


def test_a_traceback_shows_only_the_persons_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(json.JSONDecodeError) as caught:
        run_file(tmp_path / "train.py", "import json\n\njson.loads('{')\n")
    # The frames of this test are own code too; those of json are not.
    text = own_traceback(caught.value)
    assert "train.py" in text
    assert "decoder.py" not in text
    assert text.endswith("column 2 (char 1)")
    assert own_place(caught.value) == "train.py:3"


def test_a_syntax_error_is_placed_in_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SyntaxError) as caught:
        run_file(tmp_path / "train.py", "x = 1\nif x\n")
    assert own_place(caught.value) == "train.py:2"


def test_without_own_lines_the_place_is_empty():
    error = TypeError("made elsewhere")
    assert own_place(error) == ""
    assert own_traceback(error).endswith("TypeError: made elsewhere")


def test_the_fit_call_stands_for_an_error_that_did_not_come_up_through_it(tmp_path):
    script = tmp_path / "train.py"
    script.write_text("x = 1\nmodel.fit(x)\n")
    text = own_traceback(ValueError("wrong shape"), at=CallSite(file=str(script), line=2, last_line=2))
    assert 'train.py", line 2' in text
    assert "model.fit(x)" in text
