"""A process that starts the program of a probe and ends it, with its children, when sweeper is gone: `guard.py FD ...`.

Its own end is that of the program. A program knows nothing of sweeper and would train on after a `kill -9` of it; the
guard reads a pipe that ends with sweeper. It is run as a file and imports the standard library only.

On Linux it also becomes the parent of processes that their own parent has left behind, so that those end as well that
lead a session of their own, as the workers of some launchers do. Elsewhere only the program's process group ends.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
"""The number of that request in Linux's `prctl`."""
_GRACE_S = 2.0
"""Seconds for a program to end after SIGTERM."""


def main() -> None:
    """Runs the command behind the number of the pipe, and ends as it ends."""
    pipe, command = int(sys.argv[1]), sys.argv[2:]
    _adopt_orphans()
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201  stderr is the log of the probe
        sys.exit(127)
    threading.Thread(target=_end_with, args=(pipe, program), daemon=True).start()
    status = program.wait()
    _signal(program, signal.SIGKILL)  # what the program has left behind
    _end_orphans()
    if status < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def _adopt_orphans() -> None:
    """Has Linux make the guard the parent of processes below it whose own parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_orphans() -> None:
    """Kills what the guard has become the parent of, and then what that has left behind, until nothing is left."""
    while children := _children():
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def _children() -> list[int]:
    """The processes that the guard is the parent of, where the system lists them."""
    lists = Path("/proc/self/task").glob("*/children")
    with contextlib.suppress(OSError):
        return [int(pid) for file in lists for pid in file.read_text().split()]
    return []


def _end_with(pipe: int, program: "subprocess.Popen[bytes]") -> None:
    """Ends the program when the pipe ends; nothing is ever written to it."""
    os.read(pipe, 1)
    _signal(program, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(timeout=_GRACE_S)
    _signal(program, signal.SIGKILL)


def _signal(program: "subprocess.Popen[bytes]", number: int) -> None:
    """Sends a signal to the group that the program leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, number)


if __name__ == "__main__":
    main()
