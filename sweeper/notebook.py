"""Jupyter notebooks as Python: their code cells in order, and the lines in them that only IPython understands.

Cells are numbered as Jupyter does after "Restart and run all": code cells that are not empty, from 1.
"""

import ast
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeper.errors import TargetError

SUFFIX = ".ipynb"
_OF_PYTHON = re.compile(r"[ix]?python[\d.]*", re.IGNORECASE)
_RUN_THEIR_CODE = ("time", "timeit", "capture", "prun", "memit", "mprun", "lprun")
"""Magics that run Python code as it stands and only measure it or keep its output."""
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>[\w.]+)(?P<line>[^\n]*)\n?")
_MEASURED = re.compile(rf"(?P<indent>\s*)%(?:{'|'.join(_RUN_THEIR_CODE)})\s+(?:-\w+(?:\s+\d+)?\s+)*(?P<code>\S.*)")
_COMMAND = re.compile(
    r"(?P<indent>\s*)(?P<target>[A-Za-z_][\w.,\s]*=\s*)?(?P<escape>!!?|%%?)(?P<text>.*)"
    r"|(?P<indent2>\s*)(?P<help>\?{1,2}\S.*|[\w.*%]+\?{1,2})\s*(?:;\s*)?(?:#.*)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell."""

    number: int
    source: str


def read_notebook(path: Path) -> tuple[Cell, ...]:
    """The code cells of a notebook; raises `TargetError` for what is no notebook of Python or has no code."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, OSError) as error:
        why = f"it is not valid JSON ({error})" if isinstance(error, ValueError) else f"it cannot be read: {error}"
        raise TargetError(f"notebook {path.name}: {why}. Open it in Jupyter and save it again") from None
    cells = _cells(content)
    if cells is None:
        raise TargetError(f"notebook {path.name}: it has no list of cells. Open it in Jupyter and save it again")
    language = _language(content.get("metadata"))
    if not _OF_PYTHON.fullmatch(language):
        raise TargetError(
            f"notebook {path.name}: it is a notebook in {language}; sweeper runs Python. If its code is Python, choose "
            "a Python kernel in Jupyter and save it"
        )
    sources = [_text(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    found = tuple(
        Cell(number=number, source=source)
        for number, source in enumerate((source for source in sources if source.strip()), 1)
    )
    if not found:
        raise TargetError(f"notebook {path.name}: it has no code cells ({len(cells)} cells in all), so nothing trains")
    return found


def cell_file(notebook: str, number: int) -> str:
    """The name under which Python knows the code of a cell: in call stacks, and in front of a line's number."""
    return f"{notebook} cell {number}"


def as_python(source: str, transform: Callable[[str], str] | None = None) -> str:
    """A cell as Python with the same lines: magics and shell lines call `get_ipython()`, as IPython writes them.

    Args:
        source: The cell.
        transform: IPython's own way to write one command as Python; one that knows the common forms without it.
    """
    magic = _CELL_MAGIC.match(source)
    if magic is not None and magic["name"] not in _RUN_THEIR_CODE:
        arguments = (magic["name"], magic["line"].strip(), source[magic.end() :])
        return f"get_ipython().run_cell_magic({', '.join(map(repr, arguments))})"
    if magic is not None:
        source = "\n" * source.count("\n", 0, magic.end()) + source[magic.end() :]
    lines = _dedented(source.split("\n"))
    for _ in range(len(lines)):
        wrong = _wrong_line(lines)
        if wrong is None or not _rewrite(lines, wrong, transform or _as_call):
            break
    return "\n".join(lines)


def plain_python(cells: tuple[Cell, ...]) -> str:
    """All cells as one Python source, for who only reads it."""
    return "\n".join(as_python(cell.source) for cell in cells)


def _cells(content: Any) -> list[Any] | None:
    """The cells of a notebook of any format; None where there are none."""
    if not isinstance(content, dict):
        return None
    sheets = content.get("worksheets")  # formats 2 and 3
    cells = content.get("cells", sheets[0].get("cells") if isinstance(sheets, list) and sheets else None)
    return cells if isinstance(cells, list) else None


def _language(metadata: Any) -> str:
    """What a notebook says of its language; Python where it says nothing."""
    known = metadata if isinstance(metadata, dict) else {}
    for place, key in (("kernelspec", "language"), ("language_info", "name")):
        table = known.get(place)
        if isinstance(table, dict) and table.get(key):
            return str(table[key])
    return "python"


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return "\n".join(text.splitlines())


def _dedented(lines: list[str]) -> list[str]:
    """The lines without the indentation of the first one, which Jupyter ignores too."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _wrong_line(lines: list[str]) -> int | None:
    """The index of the line that is not Python, from 0; None where all are."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse("\n".join(lines))
    except SyntaxError as error:
        return min(max(0, (error.lineno or 1) - 1), len(lines) - 1)
    except ValueError:
        return None
    return None


def _rewrite(lines: list[str], at: int, transform: Callable[[str], str]) -> bool:
    """Writes the command at a line, with the lines that continue it, as Python; False where it is no command."""
    if (measured := _MEASURED.fullmatch(lines[at])) is not None:
        lines[at] = measured["indent"] + measured["code"]
        return True
    last = at
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    whole = " ".join(line.removesuffix("\\").strip() for line in lines[at : last + 1])
    if not _COMMAND.fullmatch(whole):
        return False
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at : last + 1] = [indent + transform(whole).strip(), *[""] * (last - at)]
    return True


def _as_call(command: str) -> str:
    """A command as the call that IPython makes of it."""
    found = _COMMAND.fullmatch(command)
    assert found is not None
    if found["help"] is not None:
        return f"get_ipython().run_line_magic('pinfo', {found['help'].strip('?')!r})"
    target, text = found["target"] or "", found["text"]
    if found["escape"].startswith("!"):
        return f"{target}get_ipython().{'getoutput' if target else 'system'}({text!r})"
    name, _, line = text.strip().partition(" ")
    return f"{target}get_ipython().run_line_magic({name!r}, {line!r})"
