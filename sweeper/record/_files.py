"""Files that are written atomically: a reader sees all of one or none of it, whenever the writer dies."""

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import Any, TypeVar

from sweeper.codec import load
from sweeper.errors import MachineError, RunError

T = TypeVar("T")

TEMPORARY_SUFFIX = ".tmp"
"""Ending of the names of files that are not finished."""

_START_AGAIN = "Restore it from a copy, or start a new run."
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNITS = ("bytes", "kB", "MB", "GB")
_UNIT_STEP = 1000


def write_atomic(
    path: Path, content: str | bytes, *, next_step: str = "Choose another place for it.", sync: bool = True
) -> None:
    """Writes `content` to the file at `path` as a whole, or leaves the file that was there.

    Args:
        path: Where it goes; its folder must exist. A file that is there already is replaced.
        content: Text is written as UTF-8.
        next_step: Ends the message of the error: what the user can do.
        sync: Whether to wait for the disk. Without, the end of a process loses nothing, but a power cut can take what
            was written in the half minute before.

    Raises:
        MachineError: The disk is full, read-only or broken.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        _write(temporary, data, sync=sync)
        temporary.replace(path)
        if sync:
            _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise MachineError(_failure(path, error, next_step)) from error


def write_record(run: Path, file: Path, content: str, *, sync: bool = True) -> None:
    """Writes a file of a run as `write_atomic` does; an error says how the run goes on."""
    next_step = f"Finished probes are safe; once this is put right, go on with: sweeper resume {run}"
    write_atomic(file, content, next_step=next_step, sync=sync)


def load_whole(kind: type[T], file: Path, *, remedy: str = _START_AGAIN) -> T:
    """The value of a type that a file holds.

    Raises:
        RunError: The file does not hold what sweeper wrote; the message ends with the remedy.
    """
    try:
        return load(kind, file.read_bytes())
    except ValueError as error:
        raise damaged(file, remedy) from error


def is_whole(kind: type[Any], file: Path) -> bool:
    """Whether a file holds a value of a type."""
    try:
        load(kind, file.read_bytes())
    except ValueError:
        return False
    return True


def damaged(file: Path, remedy: str = _START_AGAIN) -> RunError:
    """The error for a file that does not hold what sweeper wrote."""
    return RunError(f"{file} is damaged: it does not hold what sweeper wrote. {remedy}")


def is_temporary(path: Path) -> bool:
    """Whether `path` is named like an unfinished file of `write_atomic`."""
    return path.name.startswith(".") and path.name.endswith(TEMPORARY_SUFFIX)


def _write(path: Path, data: bytes, *, sync: bool) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def _sync(path: Path) -> None:
    # A new name is on the disk only once its folder is.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failure(path: Path, error: OSError, next_step: str) -> str:
    room = f" ({_free(path.parent)} free there)" if error.errno in _NO_ROOM else ""
    return f"cannot write {path}: {error.strerror or error}{room}. {next_step}"


def _free(folder: Path) -> str:
    try:
        amount = float(shutil.disk_usage(folder).free)
    except OSError:
        return "unknown space"
    unit = 0
    while amount >= _UNIT_STEP and unit + 1 < len(_UNITS):
        amount, unit = amount / _UNIT_STEP, unit + 1
    return f"{amount:.3g} {_UNITS[unit]}"
