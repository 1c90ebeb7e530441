"""Workers as child processes of the driver."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from sweeper.execute._cgroups import memory_groups
from sweeper.execute._launcher import AbstractChild, AbstractLauncher, Exit
from sweeper.execute._slots import Slot

_ROOT = str(Path(__file__).resolve().parents[2])
_VMSTAT = Path("/proc/vmstat")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_READ_BYTES = 1 << 20


def worker_command(commands_fd: int, replies_fd: int) -> list[str]:
    """The command line of a worker; `-P` keeps a script's folder from hiding modules that sweeper needs."""
    code = f"import sys; sys.path.append({_ROOT!r}); from sweeper.worker import main; main({commands_fd}, {replies_fd})"
    return [sys.executable, "-P", "-c", code]


def worker_environment(slot: Slot) -> dict[str, str]:
    """What a worker's environment has besides that of the driver: the slot's, and output that is not held back."""
    return {"PYTHONUNBUFFERED": "1", **dict(slot.environment)}


class LocalLauncher(AbstractLauncher):
    """Starts workers on this machine, each with two pipes that it inherits."""

    def __init__(self, command: Callable[[int, int], list[str]] = worker_command) -> None:
        self._command = command

    def launch(self, slot: Slot, log: Path) -> AbstractChild:
        """Starts a process that leads a group of its own, so that Ctrl-C reaches only the driver."""
        commands_read, commands_write = os.pipe()
        replies_read, replies_write = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command(commands_read, replies_write),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(commands_read, replies_write),
                env={**os.environ, **worker_environment(slot)},
                start_new_session=True,
            )
        os.close(commands_read)
        os.close(replies_write)
        return LocalChild(process, commands=os.fdopen(commands_write, "wb"), replies=replies_read)


class LocalChild(AbstractChild):
    """A process of this machine that leads a process group, and the pipes to it."""

    def __init__(self, process: subprocess.Popen[bytes], *, commands: IO[bytes], replies: int) -> None:
        self._process = process
        self._commands = commands
        self._replies = replies
        self._rest = b""
        self._kills = oom_kills()

    def send(self, line: bytes) -> None:
        """Writes into the pipe."""
        with contextlib.suppress(OSError):
            self._commands.write(line)
            self._commands.flush()

    def receive(self) -> list[bytes] | None:
        """Reads what is in the pipe, which ends with the last process that holds it."""
        data = os.read(self._replies, _READ_BYTES)
        if not data:
            os.close(self._replies)
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

    def held_bytes(self) -> int:
        """Resident memory of the process, and what its children hold for themselves."""
        return resident_bytes(self._process.pid)

    def close(self, *, grace_s: float) -> Exit:
        """Closes the command pipe, waits, and kills the process group."""
        with contextlib.suppress(OSError):
            self._commands.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace_s)
        status = self._process.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        ended = self._process.wait()
        status = ended if status is None else status
        return Exit(status=status, for_memory=status == -signal.SIGKILL and oom_kills() > self._kills)


def oom_kills() -> int:
    """Processes that were killed for memory so far, by the kernel's and the control groups' own counts."""
    try:
        lines = _VMSTAT.read_text().splitlines()
    except OSError:
        lines = []
    kernel = sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return kernel + sum(group.kills for group in memory_groups())


def resident_bytes(pid: int) -> int:
    """Resident memory of a process, with what its children hold for themselves; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123  read 50 times a second
            held = int(file.read().split()[1]) * _PAGE
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123
            if not file.read().strip():
                return held
        children = psutil.Process(pid).children(recursive=True)
        return held + sum(_own_bytes(child) for child in children)
    except (OSError, ValueError, IndexError, psutil.Error):
        return 0


def _own_bytes(process: psutil.Process) -> int:
    """Memory that only this process holds: pages shared with its parent are left to the parent's count."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0
