"""A process that starts the program of a probe and ends it, with its children, when sweeper is gone: `guard.py FD ...`.

Its own end is that of the program. A program knows nothing of sweeper and would train on after a `kill -9` of it; the
guard reads a pipe that ends with sweeper. It is run as a file and imports the standard library only.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

_GRACE_S = 2.0
"""Seconds for a program to end after SIGTERM."""


def main() -> None:
    """Runs the command behind the number of the pipe, and ends as it ends."""
    pipe, command = int(sys.argv[1]), sys.argv[2:]
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201  stderr is the log of the probe
        sys.exit(127)
    threading.Thread(target=_end_with, args=(pipe, program), daemon=True).start()
    status = program.wait()
    _signal(program, signal.SIGKILL)  # what the program has left behind
    if status < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


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
