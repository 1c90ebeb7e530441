"""Targets: what a person asks to train, found without running any of it.

| target | what it is |
|---|---|
| `train.py` | a script, run as `python train.py ARGS` would run it |
| `-m pkg.train` | a module, run as `python -m pkg.train ARGS` would run it |
| `train.ipynb` | a notebook: its code cells in order, run as one module in its own folder |
| `file.py:function`, `package.module:function` | a function that returns a compiled model and data |
| `file.py:build_model` with `--data` | a function that takes KerasTuner's `hp` and returns a compiled model |
| `file.py:Class` with `--data` | a KerasTuner `HyperModel` |
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from sweeper.errors import TargetError
from sweeper.modules import module_file
from sweeper.notebook import SUFFIX, read_notebook

MODULE_OPTION = "-m"
"""What stands in front of the name of a module that runs as `python -m` would run it."""
_RUNNING = "TARGETS_OF_SWEEPER"
"""Environment variable with the files of the targets that run in this worker and in those above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target whose file or module was found."""

    text: str
    """As the user wrote it."""
    file: str | None
    """Absolute path of the file; None for a function of a module."""
    module: str | None = None
    attribute: str | None = None
    """Function or class in it; None for what runs as a program."""
    is_command: bool = False
    """Whether it is a command, whose file is one that it names."""

    @property
    def is_program(self) -> bool:
        """Whether the target runs as a program: a script, a module or a notebook."""
        return self.attribute is None

    @property
    def is_notebook(self) -> bool:
        """Whether the target is a notebook."""
        return self.is_program and not self.is_command and self.file is not None and self.file.endswith(SUFFIX)

    @property
    def name(self) -> str:
        """A short name for run directories."""
        if self.is_program and self.module:
            return self.module
        if self.is_command and self.file is None:
            return Path(self.text.split()[0]).name
        stem = Path(self.file).stem if self.file else (self.module or "").rpartition(".")[2]
        return f"{stem}-{self.attribute}" if self.attribute else stem


def command_target(text: str, words: tuple[str, ...]) -> Target:
    """What stands for a command: the first file among its arguments, else its program if that is a file here."""
    file = next((word for word in (*words[1:], words[0]) if Path(word).is_file()), None)
    return Target(text=text, file=None if file is None else str(Path(file).resolve()), module=None, is_command=True)


def note_running(target: Target) -> None:
    """Notes, for this process and those that it starts, that the target runs here."""
    if target.file is not None:
        os.environ[_RUNNING] = os.pathsep.join([*_running(), target.file])


def refuse_running(target: Target) -> None:
    """Raises `TargetError` where the target, a notebook that probes itself, would start itself again without end."""
    if target.file is not None and target.file in _running():
        raise TargetError(
            f"target {target.text!r}: it runs already, in a worker of sweeper, and would probe itself again and again. "
            "Put its call of sweeper below the fit call that is to be probed, or into another file"
        )


def _running() -> list[str]:
    return [file for file in os.environ.get(_RUNNING, "").split(os.pathsep) if file]


def parse_target(text: str) -> Target:
    """The target that `text` names; raises `TargetError` when there is no such file, module or form."""
    option, _, module = text.partition(" ")
    if option == MODULE_OPTION:
        module = module.strip()
        return Target(text=text, file=str(module_file(module)), module=module)
    left, colon, attribute = text.rpartition(":")
    if colon and attribute.isidentifier():
        return _parse_attribute(text, left, attribute)
    path = Path(text)
    if path.is_dir():
        raise TargetError(f"target {text!r} is a folder; name the script in it, such as {path / 'train.py'}")
    if not path.is_file():
        raise TargetError(
            f"target {text!r}: there is no such file in {Path.cwd()}. Give the path of a Python script or a notebook, "
            f"-m package.module, file.py:function or package.module:function{_as_module(text)}"
        )
    if path.suffix == SUFFIX:
        read_notebook(path)
    return Target(text=text, file=str(path.resolve()))


def _as_module(text: str) -> str:
    """The advice to run the module that `text` names, where there is one; else empty."""
    try:
        module_file(text)
    except (TargetError, ImportError):
        return ""
    return f". A module of that name is there: sweeper probe -m {text}"


def _parse_attribute(text: str, left: str, attribute: str) -> Target:
    if left.endswith(SUFFIX):
        raise TargetError(f"target {text!r}: a function of a notebook cannot be a target; give {left} as it is")
    if left.endswith(".py"):
        path = Path(left)
        if not path.is_file():
            raise TargetError(f"target {text!r}: there is no file {left!r} in {Path.cwd()}")
        return Target(text=text, file=str(path.resolve()), attribute=attribute)
    if not all(part.isidentifier() for part in left.split(".")):
        raise TargetError(f"target {text!r}: {left!r} is neither a .py file nor the name of a module")
    if not _module_exists(left):
        raise TargetError(f"target {text!r}: there is no module {left!r} on the path or in {Path.cwd()}")
    return Target(text=text, file=None, module=left, attribute=attribute)


def _module_exists(name: str) -> bool:
    """Whether the top package of a dotted name can be found, looking in the working directory first as `python -m`."""
    top = name.partition(".")[0]
    if (Path.cwd() / top).is_dir() or (Path.cwd() / f"{top}.py").is_file():
        return True
    return importlib.util.find_spec(top) is not None
