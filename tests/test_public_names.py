import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sweeper

ROOT = Path(__file__).parents[1]
HEAVY = {"tensorflow", "keras", "keras_tuner", "jax", "torch", "optuna", "plotly", "numpy"}


def imported_names():
    """Name and module of each import in the stub that says what the package's public names are."""
    tree = ast.parse((ROOT / "sweeper" / "__init__.pyi").read_text())
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {alias.asname: node.module for node in nodes for alias in node.names if alias.asname}


def test_public_names_are_those_that_type_checkers_see():
    assert sweeper.__all__ == ["__version__", *sorted(imported_names())]


@pytest.mark.parametrize(("name", "module"), sorted(imported_names().items()))
def test_a_public_name_is_what_its_module_calls_so(name, module):
    assert getattr(sweeper, name) is getattr(__import__(module, fromlist=[name]), name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'sweeper' has no attribute 'Sweep'"):
        sweeper.Sweep  # noqa: B018


def loaded_by(code, among):
    """Which of the packages are imported by the end of the code, in a process of its own."""
    code += f"\nimport sys; print('loaded:', *sorted({among!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


def test_calls_that_train_nothing_import_no_heavy_package():
    calls = [["--help"], ["--version"], ["probe", "--help"], ["probe", "x.py", "--lr", "bad"], ["schema"]]
    assert loaded_by(f"from sweeper.cli import main\nfor call in {calls!r}: main(call)", HEAVY) == []


def test_an_import_loads_nothing_but_what_is_needed():
    code = "import sweeper, sweeper.cli; sweeper.Settings"
    assert loaded_by(code, HEAVY | {"pydantic", "jinja2", "sqlalchemy", "rich"}) == []
