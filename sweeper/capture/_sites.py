"""Tells the user's own code from libraries, and names its lines in call stacks and tracebacks."""

import os
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

GENERATED = "__autograph_generated_file"
"""Part of the names of files that TensorFlow writes: a function of the user's in other words."""
_PACKAGE = str(Path(__file__).resolve().parents[1]) + os.sep
_NOT_OWN = ("site-packages", "dist-packages", GENERATED)
_CALLS_CALLBACKS = "callback_list.py"
"""The file of Keras in which the methods of callbacks are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """The lines of one call in the user's code."""

    file: str
    """Absolute path."""
    line: int
    last_line: int

    @property
    def place(self) -> str:
        """The call as `file:line`, the file relative to the working directory where it lies below it."""
        return f"{shown_path(self.file)}:{self.line}"

    def matches(self, wanted: str) -> bool:
        """Whether `wanted`, a `file:line` as a user would type it, means this call."""
        file, _, line = wanted.rpartition(":")
        same_file = self.file == str(Path(file).absolute()) or self.file.endswith(os.sep + file.removeprefix("./"))
        return same_file and line.isdecimal() and self.line <= int(line) <= self.last_line


def shown_path(file: str) -> str:
    """The path as messages show it: relative when it lies below the working directory."""
    try:
        relative = os.path.relpath(file)
    except ValueError:
        return file
    return file if relative.startswith("..") else relative


@cache
def is_own_code(file: str) -> bool:
    """Whether a file holds the user's own code: it is no library's, not sweeper's, and not made up (`<string>`)."""
    if file.startswith("<") or any(part in file for part in _NOT_OWN):
        return False
    path = str(Path(file).absolute())
    libraries = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return not path.startswith((_PACKAGE, *(library + os.sep for library in libraries)))


def with_inner(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and that of every function inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from with_inner(constant)


def is_of_keras(kind: type) -> bool:
    """Whether a class is defined in Keras."""
    return kind.__module__.partition(".")[0] == "keras"


def came_from_callback(error: BaseException) -> bool:
    """Whether an error was raised inside a callback of fit; only a traceback that Keras has not filtered shows it."""
    return any(frame.filename.endswith(_CALLS_CALLBACKS) for frame in traceback.extract_tb(error.__traceback__))


def calling_site(frame: FrameType | None) -> CallSite:
    """The innermost call in the user's own code on the stack that ends with `frame`; without one, that of `frame`.

    In a thread without own code, such as those of `strategy.run`, it is what the main thread waits in.
    """
    main = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001
    frame = _own_frame(frame) or _own_frame(main) or frame
    assert frame is not None
    first, last = frame.f_lineno, frame.f_lineno
    positions = list(frame.f_code.co_positions())
    start, end, _, _ = positions[frame.f_lasti // 2]
    if start is not None and end is not None:
        first, last = start, end
    return CallSite(file=str(Path(frame.f_code.co_filename).absolute()), line=first, last_line=last)


def own_caller(frame: FrameType | None) -> str:
    """`file:line` of the user's innermost line on the stack that ends with `frame`; empty without one."""
    own = _own_frame(frame)
    return f"{shown_path(own.f_code.co_filename)}:{own.f_lineno}" if own is not None else ""


def _own_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame of the user's own code on the stack that ends with `frame`; None without one."""
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def own_traceback(error: BaseException, *, at: CallSite | None = None, message: str = "") -> str:
    """The traceback of an error with only the frames of the user's own code.

    Without any such frame (in an error inside an import, say) the last frames of libraries stand there. `at` is the
    user's call that led to the error, where the error did not come up through that call. `message` replaces the class
    and message of the error.
    """
    entries = traceback.extract_tb(error.__traceback__)
    own = [entry for entry in entries if is_own_code(entry.filename)]
    if at is not None:
        own.insert(0, traceback.FrameSummary(at.file, at.line, "fit call"))
    kept = own or entries[-3:]
    lines = ["Traceback (your own lines; frames of libraries are left out):\n", *traceback.format_list(kept)]
    lines += [message] if message else traceback.format_exception_only(error)
    return "".join(lines).rstrip()


def failing_file(error: BaseException) -> str:
    """The file of the user's innermost line in the traceback of an error; empty without one."""
    own = [entry.filename for entry in traceback.extract_tb(error.__traceback__) if is_own_code(entry.filename)]
    return own[-1] if own else ""


def own_place(error: BaseException) -> str:
    """`file:line` of the user's innermost line in the traceback of an error; empty without one."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(error.filename)}:{error.lineno}"
    own = [entry for entry in traceback.extract_tb(error.__traceback__) if is_own_code(entry.filename)]
    return f"{shown_path(own[-1].filename)}:{own[-1].lineno}" if own else ""
