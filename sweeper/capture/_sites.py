"""Naming the place in the person's own code that called, and telling that code from libraries."""

import os
import sysconfig
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType

_PACKAGE = str(Path(__file__).resolve().parents[1]) + os.sep
_CALLS_CALLBACKS = "callback_list.py"
"""The file of Keras that calls the callbacks of a fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """The lines of one call in the person's code."""

    file: str
    """Absolute path."""
    line: int
    last_line: int

    @property
    def place(self) -> str:
        """`file:line`, the file relative to the working directory where it lies below it."""
        return f"{shown_path(self.file)}:{self.line}"

    def matches(self, wanted: str) -> bool:
        """Whether `wanted`, a `file:line` as a person would type it, means this call."""
        file, _, line = wanted.rpartition(":")
        same_file = self.file == str(Path(file).absolute()) or self.file.endswith(os.sep + file.removeprefix("./"))
        return same_file and line.isdecimal() and self.line <= int(line) <= self.last_line


def shown_path(file: str) -> str:
    """The path as a person would name it: relative when it lies below the working directory."""
    try:
        relative = os.path.relpath(file)
    except ValueError:
        return file
    return file if relative.startswith("..") else relative


@cache
def is_own_code(file: str) -> bool:
    """Whether a file is the person's own, neither a library's, nor sweeper's, nor made up (`<string>`)."""
    if file.startswith("<") or "site-packages" in file or "dist-packages" in file:
        return False
    path = str(Path(file).absolute())
    libraries = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return not path.startswith((_PACKAGE, *(library + os.sep for library in libraries)))


def is_of_keras(kind: type) -> bool:
    """Whether a class is one of Keras's own."""
    return kind.__module__.partition(".")[0] == "keras"


def came_from_callback(error: BaseException) -> bool:
    """Whether an error was raised inside a callback of fit; Keras must not have filtered its traceback."""
    return any(frame.filename.endswith(_CALLS_CALLBACKS) for frame in traceback.extract_tb(error.__traceback__))


def calling_site(frame: FrameType | None) -> CallSite:
    """The innermost call in the person's own code on the stack that ends with `frame`."""
    innermost = frame
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        frame = frame.f_back
    frame = frame or innermost
    assert frame is not None
    first, last = frame.f_lineno, frame.f_lineno
    positions = list(frame.f_code.co_positions())
    start, end, _, _ = positions[frame.f_lasti // 2]
    if start is not None and end is not None:
        first, last = start, end
    return CallSite(file=str(Path(frame.f_code.co_filename).absolute()), line=first, last_line=last)


def own_caller(frame: FrameType | None) -> str:
    """`file:line` of the innermost of the person's own lines on the stack that ends with `frame`; empty without one."""
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{shown_path(frame.f_code.co_filename)}:{frame.f_lineno}" if frame is not None else ""


def own_traceback(error: BaseException, *, at: CallSite | None = None, said: str = "") -> str:
    """The traceback of an error in the person's own frames, without those of libraries in between.

    `at` is the person's call that led to it, where the error did not come up through that call. Frames of libraries
    are kept only where there is nothing of the person's (an error inside an import, say). `said` replaces the whole
    message of the error.
    """
    entries = traceback.extract_tb(error.__traceback__)
    own = [entry for entry in entries if is_own_code(entry.filename)]
    if at is not None:
        own.insert(0, traceback.FrameSummary(at.file, at.line, "fit call"))
    kept = own or entries[-3:]
    lines = ["Traceback (your own lines; frames of libraries are left out):\n", *traceback.format_list(kept)]
    lines += [said] if said else traceback.format_exception_only(error)
    return "".join(lines).rstrip()


def own_place(error: BaseException) -> str:
    """`file:line` of the innermost of the person's own lines on the way to an error; empty if there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno}"
    return _innermost_own(error.__traceback__)


def _innermost_own(trace: TracebackType | None) -> str:
    own = [entry for entry in traceback.extract_tb(trace) if is_own_code(entry.filename)]
    return f"{shown_path(own[-1].filename)}:{own[-1].lineno}" if own else ""
