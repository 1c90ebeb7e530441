"""Notebooks as Python."""

import ast
import json

import pytest

from sweeper.errors import TargetError
from sweeper.notebook import as_python, plain_python, read_notebook


def notebook(*cells, **more):
    kinds = ["markdown" if cell[:3] == "md:" else "code" for cell in cells]
    written = [{"cell_type": kind, "source": cell} for kind, cell in zip(kinds, cells, strict=True)]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4} | more)


def ipython(command):
    return pytest.importorskip("IPython.core.inputtransformer2").TransformerManager().transform_cell(command)


def test_code_cells_are_numbered_as_jupyter_numbers_them_when_all_run(tmp_path):
    file = tmp_path / "train.ipynb"
    file.write_text(notebook("md:# Title", ["x = 1\n", "y = 2"], "  \n", "z = 3"))
    assert [(cell.number, cell.source) for cell in read_notebook(file)] == [(1, "x = 1\ny = 2"), (2, "z = 3")]


def test_a_notebook_of_an_old_format_is_read(tmp_path):
    file = tmp_path / "train.ipynb"
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python"}]
    file.write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
    assert [cell.source for cell in read_notebook(file)] == ["x = 1\ny = 2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import keras", "not valid JSON"),
        ("", "not valid JSON"),
        ("[1, 2]", "no list of cells"),
        ('{"metadata": {}}', "no list of cells"),
        (notebook("md:words", ""), r"no code cells \(2 cells in all\)"),
        (notebook("x <- 1", metadata={"kernelspec": {"language": "R", "name": "ir"}}), "a notebook in R; sweeper runs"),
        (notebook("x = 1", metadata={"language_info": {"name": "julia"}}), "a notebook in julia"),
    ],
)
def test_what_cannot_run_is_told_with_the_next_step(tmp_path, text, words):
    file = tmp_path / "train.ipynb"
    file.write_text(text)
    with pytest.raises(TargetError, match=f"notebook train.ipynb: .*{words}"):
        read_notebook(file)


@pytest.mark.parametrize("transform", [None, ipython], ids=["alone", "by IPython"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n%matplotlib inline", "x = 1\nget_ipython().run_line_magic('matplotlib', 'inline')"),
        ('!pip install -q "keras', "get_ipython().system('pip install -q \"keras')"),
        ("if colab:\n    !ls\ny = 2", "if colab:\n    get_ipython().system('ls')\ny = 2"),
        ("files = !ls *.csv", "files = get_ipython().getoutput('ls *.csv')"),
        ("where = %pwd", "where = get_ipython().run_line_magic('pwd', '')"),
        ("!python -m a \\\n  --b 3\nx = 1", "get_ipython().system('python -m a --b 3')\n\nx = 1"),
        ("model.fit?", "get_ipython().run_line_magic('pinfo', 'model.fit')"),
        ("%%bash\nls | wc", "get_ipython().run_cell_magic('bash', '', 'ls | wc')"),
    ],
)
def test_a_command_calls_the_shell_and_all_lines_stay_where_they_are(source, expected, transform):
    assert as_python(source, transform) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%%time\nmodel.fit(x)", "\nmodel.fit(x)"),
        ("\n%%capture out\nmodel.fit(x)", "\n\nmodel.fit(x)"),
        ("# slow\n%time model.fit(x)", "# slow\nmodel.fit(x)"),
        ("    x = 1\n    y = 2", "x = 1\ny = 2"),
    ],
)
def test_what_is_only_measured_runs(source, expected):
    assert as_python(source) == expected


@pytest.mark.parametrize(
    "source",
    ['text = """\n%d items\n!not a command\n"""', "rest = (a\n    % b)", "x = 1 +\ny = 2", "print 'as in Python 2'"],
)
def test_python_right_or_wrong_stays_as_it_is(source):
    assert as_python(source) == source


def test_the_plain_source_of_a_notebook_shows_its_imports(tmp_path):
    file = tmp_path / "train.ipynb"
    file.write_text(notebook("%load_ext autoreload\nimport helper", "from other import thing"))
    names = [node for node in ast.walk(ast.parse(plain_python(read_notebook(file)))) if hasattr(node, "names")]
    assert len(names) == 2
