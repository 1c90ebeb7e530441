"""One worker process, seen from the driver."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from sweeper.execute._cgroups import memory_groups
from sweeper.execute._slots import Slot
from sweeper.probes import Probe
from sweeper.protocol import FromWorker, Start, ToWorker, decode_reply, send

_ROOT = str(Path(__file__).resolve().parents[2])
_TAIL_BYTES = 16_000
_TAIL_CHARACTERS = 4000
_VMSTAT = Path("/proc/vmstat")


def worker_command(commands_fd: int, replies_fd: int) -> list[str]:
    """The command line of a worker; `-P` keeps a script's folder from hiding modules that sweeper needs."""
    code = f"import sys; sys.path.append({_ROOT!r}); from sweeper.worker import main; main({commands_fd}, {replies_fd})"
    return [sys.executable, "-P", "-c", code]


def worker_environment(slot: Slot) -> dict[str, str]:
    """The environment of a worker: the driver's, the slot's, and output that is not held back."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **dict(slot.environment)}


class WorkerProcess:
    """A worker with its pipes. It leads a process group of its own, so that Ctrl-C reaches only the driver."""

    def __init__(self, slot: Slot, start: Start, log: Path) -> None:
        self.slot = slot
        self.log = log
        self.probes: tuple[Probe, ...] = ()
        """The probes in flight."""
        self.last: Probe | None = None
        self.ready = False
        self.started = time.monotonic()
        self.since = self.started
        """When it last gave a sign of life."""
        self.probe_began = self.since
        self._oom_kills = oom_kills()
        self._rest = b""
        commands_read, commands_write = os.pipe()
        replies_read, replies_write = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                worker_command(commands_read, replies_write),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(commands_read, replies_write),
                env=worker_environment(slot),
                start_new_session=True,
            )
        os.close(commands_read)
        os.close(replies_write)
        self.replies = replies_read
        self._commands: IO[bytes] = os.fdopen(commands_write, "wb")
        self.send(start)

    def send(self, message: ToWorker) -> None:
        """Sends a command; a worker that is gone is noticed when its replies end."""
        try:
            send(self._commands, message)
        except OSError:
            return

    def receive(self) -> list[FromWorker] | None:
        """The replies that have arrived; None when the worker closed its end. Call it when `replies` is readable."""
        data = os.read(self.replies, 1 << 20)
        if not data:
            return None
        self.since = time.monotonic()
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [decode_reply(line) for line in lines]

    def close(self, *, grace_s: float) -> int:
        """Ends the worker and everything that it started; returns its exit status, negative for a signal.

        Closing the command pipe makes a living worker leave by itself; after `grace_s` it is killed.
        """
        with contextlib.suppress(OSError):
            self._commands.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=grace_s)
        status = self.process.poll()
        self._kill_group()
        ended = self.process.wait()
        os.close(self.replies)
        return ended if status is None else status

    def _kill_group(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def was_killed_for_memory(self, status: int) -> bool:
        """Whether the kernel says that it killed for memory since this worker began."""
        return status == -signal.SIGKILL and oom_kills() > self._oom_kills

    def log_tail(self) -> str:
        """The last lines that the worker printed."""
        try:
            with self.log.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - _TAIL_BYTES))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        # Python's fault handler ends with one line that names every extension module.
        kept = [line for line in lines if not line.startswith("Extension modules:")]
        return "\n".join(kept)[-_TAIL_CHARACTERS:].strip()


def oom_kills() -> int:
    """Processes that were killed for memory so far, by the kernel's and the control groups' own counts."""
    try:
        lines = _VMSTAT.read_text().splitlines()
    except OSError:
        lines = []
    kernel = sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return kernel + sum(group.kills for group in memory_groups())


def exit_words(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"the process ended with exit status {status}"
    try:
        return f"the process was ended by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"the process was ended by signal {-status}"
