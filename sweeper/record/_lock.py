"""One driver per run directory: a lock that the system releases when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from sweeper.errors import MachineError, RunError


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds a lock on `file`, in which the id of the holding process is written; child processes do not inherit it.

    Raises:
        RunError: Another process holds it.
        MachineError: The lock file cannot be opened.
    """
    with _opened(file) as handle:
        if not _lock(handle):
            handle.seek(0)
            raise RunError(
                f"{file.parent} is being written by process {handle.read().strip() or '(unknown)'}. "
                "Wait until it has ended, or stop it with Ctrl-C."
            )
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _opened(file: Path) -> TextIOWrapper:
    try:
        return file.open("a+")
    except OSError as error:
        raise MachineError(
            f"cannot write in {file.parent}: {error.strerror}. Copy the run to another place."
        ) from error


def _lock(handle: TextIOWrapper) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks. Two drivers on one run are unlikely; no run at all would be worse.
        return True
    return True
