"""Running the code cells of a notebook as one module, where Jupyter would run them."""

import __future__

import ast
import linecache
import os
import re
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import or_
from pathlib import Path
from typing import Any

from sweeper.errors import TargetError
from sweeper.notebook import as_python, cell_file, read_notebook

_FUTURES = reduce(or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names))
_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`, of a cell that awaits something outside any function."""
_MOST_LISTED = 12
_HELP = ("pinfo", "pinfo2", "psearch")
"""What IPython calls the magics behind `name?`."""


class NotebookModule(types.ModuleType):
    """The `__main__` of a notebook, which has no `__file__`, as in Jupyter."""


@dataclass(slots=True)
class LeftOut:
    """Magics and shell lines that a notebook reached and that were not executed."""

    commands: list[tuple[int, str]] = field(default_factory=list)
    """Number of the cell, and the command."""

    @property
    def text(self) -> str:
        """All of them by cell; empty without any."""
        shown = list(dict.fromkeys(f"cell {number}: {command}" for number, command in self.commands))
        more = f"; and {len(shown) - _MOST_LISTED} more" if len(shown) > _MOST_LISTED else ""
        return "; ".join(shown[:_MOST_LISTED]) + more


def run_notebook(notebook: str, script_args: tuple[str, ...], left_out: LeftOut) -> None:
    """Executes the cells in their order as one module, in the notebook's folder."""
    folder = str(Path(notebook).parent)
    sys.argv = [notebook, *script_args]
    sys.path.insert(0, folder)
    os.chdir(folder)
    module = NotebookModule("__main__")
    sys.modules["__main__"] = module
    shell = _Shell(namespace=vars(module), left_out=left_out)
    vars(module).update(get_ipython=lambda: shell, display=_display)
    cells = [
        (cell.number, cell_file(notebook, cell.number), as_python(cell.source, _ipython_transform()))
        for cell in read_notebook(Path(notebook))
    ]
    for _, file, source in cells:
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    flags = 0
    for number, file, source in cells:
        shell.cell = number
        code = _compiled(source, file, flags)
        flags |= code.co_flags & _FUTURES
        exec(code, vars(module))  # noqa: S102  running the user's code is what this is for


def sources_from(file: str) -> Iterable[str]:
    """The source of a file; of a notebook's cell, that of this cell and of all later ones."""
    yield "".join(linecache.getlines(file))
    found = re.fullmatch(r"(?P<notebook>.+\.ipynb) cell (?P<number>\d+)", file)
    if found is None:
        return
    number = int(found["number"])
    while (name := cell_file(found["notebook"], number := number + 1)) in linecache.cache:
        yield "".join(linecache.getlines(name))


def _compiled(source: str, file: str, flags: int) -> types.CodeType:
    """The code of a cell; raises `TargetError` for one that awaits something outside any function."""
    try:
        return compile(source, file, "exec", flags=flags, dont_inherit=True)
    except SyntaxError as error:
        if not _awaits(source, file, flags):
            raise
        place = f"{Path(file).name}:{error.lineno}"
        raise TargetError(
            f"{place}: await outside a function is not supported. Put what awaits into an async function and call it "
            "with asyncio.run(...), or move it below the fit call: what stands there is not run"
        ) from None


def _awaits(source: str, file: str, flags: int) -> bool:
    allowed = flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        code = compile(source, file, "exec", flags=allowed, dont_inherit=True)
    except SyntaxError:
        return False
    return bool(code.co_flags & _COROUTINE)


def _ipython_transform() -> Callable[[str], str] | None:
    """IPython's own way to write a command as Python; None where IPython is not installed."""
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return None
    return TransformerManager().transform_cell


def _display(*objects: Any, **_: Any) -> None:
    """Stands in for IPython's `display`: a worker has no page to show anything on."""
    for one in objects:
        print(repr(one)[:1000])  # noqa: T201  the log of the worker is where a script's output goes


class _Lines(list[str]):
    """The output of a shell line that was not executed: none."""

    n = s = ""


class _Shell:
    """Stands in for IPython's shell: notes what it is asked to execute and does not do it."""

    def __init__(self, *, namespace: dict[str, Any], left_out: LeftOut) -> None:
        self.user_ns = namespace
        self.config: dict[str, Any] = {}
        self.cell = 0
        self._left_out = left_out

    def run_line_magic(self, name: str, line: str = "", *_: Any, **__: Any) -> None:
        """A magic, or help, which nobody misses."""
        if name not in _HELP:
            self._leave_out(f"%{name} {line}")

    def run_cell_magic(self, name: str, line: str, body: str = "") -> None:
        """A cell of another language, or one that is written into a file."""
        self._leave_out(f"%%{name} {line}".strip() + f" ({len(body.splitlines())} lines)")

    def magic(self, text: str) -> None:
        """A magic, as older programs call it."""
        self._leave_out(f"%{text}")

    def system(self, command: str) -> None:
        """A shell line."""
        self._leave_out(f"!{command}")

    def getoutput(self, command: str, *_: Any, **__: Any) -> _Lines:
        """A shell line whose output is used."""
        self._leave_out(f"!{command}")
        return _Lines()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(_nothing, name)

    def _leave_out(self, command: str) -> None:
        self._left_out.commands.append((self.cell, " ".join(command.split())))


def _nothing(*_: Any, **__: Any) -> None:
    """What any other method of the shell does here."""
