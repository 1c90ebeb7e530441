"""Facts about the machine and about the files that a run depends on."""

import ast
import hashlib
import os
import platform
import shutil
import sys
from pathlib import Path

import psutil

from sweeper.execute import Slot
from sweeper.modules import parent_packages
from sweeper.notebook import SUFFIX, plain_python, read_notebook
from sweeper.target import Target

_SAMPLE_SHARE = 0.1
"""Part of the free memory that samples may take by default."""
_SAMPLE_DISK_SHARE = 0.25
"""Part of the free disk that they may take."""
_SAMPLE_MOST = 1 << 30
"""A gigabyte: more samples than that are rarely drawn in a short probe."""


def default_sample_bytes(folder: Path) -> int:
    """The default bound on the samples of a run whose directory is in `folder`."""
    free = psutil.virtual_memory().available
    disk = shutil.disk_usage(folder).free
    return int(min(_SAMPLE_MOST, _SAMPLE_SHARE * free, _SAMPLE_DISK_SHARE * disk))


def environment_facts(slots: tuple[Slot, ...]) -> tuple[tuple[str, str], ...]:
    """Name and value of what a reader of the report should know about the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / (1 << 30)
    devices = sorted({slot.device for slot in slots})
    return (
        ("python", sys.version.split()[0]),
        ("platform", platform.platform()),
        ("processor", _processor()),
        ("cores", str(cores)),
        ("memory", f"{memory:.1f} GiB"),
        ("workers", f"{len(slots)} on {', '.join(devices)}"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def script_hashes(target: Target, data: Path | None) -> tuple[tuple[str, str], ...]:
    """SHA-256 of the target's file and of the modules beside it that it imports, by name relative to its folder."""
    start = [Path(target.file)] if target.file else []
    base = start[0].parent if start else Path.cwd()
    if target.is_program and target.module and start:
        base, packages = parent_packages(target.module, start[0])
        start += packages
    if data:
        base = base if start else data.parent
        start += [data]
    found: dict[Path, bytes] = {}
    waiting = list(start)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found[file] = _code(file)
            waiting += _imported_beside(file, found[file], base)
    hashes = {os.path.relpath(file, base): hashlib.sha256(code).hexdigest() for file, code in found.items()}
    return tuple(sorted(hashes.items()))


def _code(file: Path) -> bytes:
    """The code of a file; of a notebook without outputs, counts and markdown, which change by running it."""
    if file.suffix != SUFFIX:
        return file.read_bytes()
    return plain_python(read_notebook(file)).encode()


def _imported_beside(file: Path, code: bytes, folder: Path) -> list[Path]:
    """Files below `folder` that a Python file with this code imports."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []
    stems: set[Path] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            stems |= {base / _path(alias.name) for alias in node.names for base in (folder, file.parent)}
        elif isinstance(node, ast.ImportFrom):
            above = file.parents[min(node.level, len(file.parents)) - 1]
            inside = _path(node.module or "")
            parts = [inside, *(inside / alias.name for alias in node.names)]
            stems |= {base / part for part in parts for base in ((above,) if node.level else (folder, file.parent))}
    files = [path for stem in stems if stem.name for path in (stem.with_suffix(".py"), stem / "__init__.py")]
    return [path.resolve() for path in files if path.is_file()]


def _path(module: str) -> Path:
    return Path(*module.split("."))
