"""Modules that run by their names, as `python -m NAME` runs them, found without running any of their packages."""

import ast
import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from sweeper.errors import TargetError

_MAIN = "__main__"


def module_file(name: str) -> Path:
    """The file that `python -m NAME` runs in this folder; raises `TargetError` where it would find none."""
    said = f"target '-m {name}'"
    if name.endswith(".py") or os.sep in name:
        module = Path(name).with_suffix("").as_posix().strip("./").replace("/", ".")
        raise TargetError(f"{said}: -m takes the name of a module, not a file; write -m {module}, or {name} without -m")
    if not all(name.split(".")):
        raise TargetError(f"{said}: the name of a module begins with its package, as in -m pkg.train")
    spec = _found(name, said)
    if spec.submodule_search_locations is not None:
        main = _in_package(_MAIN, spec)
        if main is None:
            raise TargetError(f"{said}: {name} is a package without {_MAIN}.py{_instead(name, spec)}")
        spec = main
    if spec.origin is None or not spec.origin.endswith(".py") or not Path(spec.origin).is_file():
        raise TargetError(f"{said}: {name} has no Python source that could be run")
    return Path(spec.origin).resolve()


def parent_packages(name: str, file: Path) -> tuple[Path, tuple[Path, ...]]:
    """The folder in which the top package of a module lies, and the `__init__.py` files of its packages."""
    depth = name.count(".") + (file.stem == _MAIN and not name.endswith(_MAIN))
    folders = file.parents[: depth + 1]
    inits = [folder / "__init__.py" for folder in folders[:depth]]
    return folders[depth], tuple(init for init in inits if init.is_file())


def run_as_module(file: Path, arguments: str) -> str:
    """The command that probes a file of a package as a module, so that its relative imports work.

    The package begins above the last folder with an `__init__.py`, and at least where the file's relative imports
    reach.
    """
    levels = _relative_levels(file)
    parts = [file.stem] if file.stem != _MAIN else []
    folder = file.parent
    while levels > 0 or (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder, levels = folder.parent, levels - 1
    here = Path.cwd()
    first = "" if folder == here else f"cd {os.path.relpath(folder) if here.is_relative_to(folder) else folder} && "
    return f"{first}sweeper probe -m {'.'.join(parts)}{arguments}"


def _relative_levels(file: Path) -> int:
    """How many packages up the relative imports of a file reach; at least one."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return 1
    return max([1, *(node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))])


def _found(name: str, said: str) -> ModuleSpec:
    """The spec of a module, from that of its top package on; no package is imported."""
    top, *rest = name.split(".")
    spec = PathFinder.find_spec(top, [str(Path.cwd()), *sys.path]) or _elsewhere(top)
    if spec is None:
        raise TargetError(
            f"{said}: there is no module {top!r} in {Path.cwd()} or among the installed packages. Start sweeper in the "
            "folder that holds the package, as for python -m"
        )
    known = top
    for part in rest:
        if spec.submodule_search_locations is None:
            raise TargetError(f"{said}: {known} is a module, not a package, so it has no {part!r}; write -m {known}")
        inner = _in_package(part, spec)
        if inner is None:
            raise TargetError(f"{said}: the package {known} has no module {part!r}{_instead(known, spec)}")
        spec, known = inner, f"{known}.{part}"
    return spec


def _in_package(part: str, package: ModuleSpec) -> ModuleSpec | None:
    # With the whole name, the finder would ask packages for their folders that are not imported.
    return PathFinder.find_spec(part, list(package.submodule_search_locations or ()))


def _elsewhere(top: str) -> ModuleSpec | None:
    """The spec of a package that is not a folder of the path, as one that was installed to be edited."""
    try:
        return importlib.util.find_spec(top)
    except ValueError:
        return None


def _instead(name: str, package: ModuleSpec) -> str:
    """The modules of a package, as what could be typed in place of it; empty where there are none."""
    folders = [Path(folder) for folder in package.submodule_search_locations or ()]
    modules = sorted({file.stem for folder in folders for file in folder.glob("*.py") if file.stem[:2] != "__"})
    return f"; it has {', '.join(f'-m {name}.{module}' for module in modules)}" if modules else ""
