"""A launcher whose workers begin with Keras imported: they are forked from one process that has done nothing else.

The import takes longer than most tests of what comes after it. Such a worker has pipes, a process group, an environment
and an end of its own, like any other. A script that chooses something before it imports Keras needs `LocalLauncher`.
"""

import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Self

import numpy as np

from sweeper.execute import AbstractChild, AbstractLauncher, Slot
from sweeper.execute._local import LocalChild, worker_environment

ROOT = str(Path(__file__).parents[1])
SERVE = f"import sys; sys.path.append({ROOT!r}); from tests.warm_launcher import serve; serve(int(sys.argv[1]))"
MOST_BYTES = 1 << 20


class WarmLauncher(AbstractLauncher):
    """Starts the process to fork from with its first worker, and ends it with the block."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._process = None
        self._asks = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        if self._process is not None:
            self._asks.close()
            self._process.wait()

    def launch(self, slot: Slot, log: Path) -> AbstractChild:
        commands_read, commands_write = os.pipe()
        replies_read, replies_write = os.pipe()
        process = self._forked(worker_environment(slot), (commands_read, replies_write), log)
        os.close(commands_read)
        os.close(replies_write)
        return LocalChild(process, commands=os.fdopen(commands_write, "wb"), replies=replies_read)

    def output_of(self, code: str, folder: Path) -> str:
        """What code prints on both streams in a process of its own, which must end well."""
        log = folder / "output.txt"
        status = self._forked({}, (), log, code=code).wait()
        assert status == 0, log.read_text()
        return log.read_text()

    def _forked(self, environment: dict[str, str], pipes: Sequence[int], log: Path, *, code: str = "") -> "Forked":
        """A process with these variables besides ours: a worker at the pipes, or one that runs code."""
        tells, told = socket.socketpair()
        log.parent.mkdir(parents=True, exist_ok=True)
        asked = {"environment": os.environ | environment, "folder": str(Path.cwd()), "code": code}
        with log.open("ab") as output:
            handed = [tells.fileno(), output.fileno(), *pipes]
            socket.send_fds(self._parent(), [json.dumps(asked).encode()], handed)
        tells.close()
        return Forked(told)

    def _parent(self) -> socket.socket:
        if self._process is None:
            self._asks, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-P", "-c", SERVE, str(asked.fileno())]
            environment = {"KERAS_BACKEND": self._backend, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
            self._process = subprocess.Popen(command, pass_fds=[asked.fileno()], env=os.environ | environment)
            asked.close()
        return self._asks


class Forked:
    """A process that another one forked and waits for: what `LocalChild` asks of a `subprocess.Popen`."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told.makefile("r")
        self._socket = told
        self._status = None
        self.pid = int(self._told.readline())

    def wait(self, timeout: float | None = None) -> int:
        if self._status is None:
            if not select.select([self._socket], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("worker", timeout)
            self._status = int(self._told.readline())
            self._told.close()
            self._socket.close()
        return self._status

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(timeout=0)
        return self._status


def serve(fd: int) -> None:
    """Imports what workers import, then forks one whenever it is asked."""
    gc.disable()
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow  # noqa: F401, ICN001

    import sweeper.worker._session  # noqa: F401

    gc.enable()
    asks = socket.socket(fileno=fd)
    ended_read, ended_write = os.pipe()
    os.set_blocking(ended_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ended_write)
    tells: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asks, ended_read], [], [])
        if ended_read in ready:
            os.read(ended_read, MOST_BYTES)
            tell_of_ended(tells)
        if asks in ready:
            asked, fds, _, _ = socket.recv_fds(asks, MOST_BYTES, 4)
            if not asked:
                return
            tell, *used = fds
            pid = os.fork()
            if pid == 0:
                for kept in (fd, ended_read, ended_write, tell, *tells.values()):
                    os.close(kept)
                become(json.loads(asked), *used)
            os.write(tell, f"{pid}\n".encode())
            tells[pid] = tell
            for handed in used:
                os.close(handed)


def tell_of_ended(tells: dict[int, int]) -> None:
    """Tells the status of every process that has ended."""
    for pid in list(tells):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with os.fdopen(tells.pop(pid), "w") as tell, suppress(BrokenPipeError):
                tell.write(f"{os.waitstatus_to_exitcode(status)}\n")


def become(asked: dict, log: int, *pipes: int) -> NoReturn:
    """Goes on as what `LocalLauncher` would have started, or with the code."""
    from sweeper.worker import main

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    # What is drawn without a seed differs from process to process.
    random.seed()
    np.random.seed()  # noqa: NPY002
    if not asked["code"]:
        main(*pipes)
    try:
        exec(asked["code"], {"__name__": "__main__"})
    except Exception:  # noqa: BLE001  the output says what it was
        traceback.print_exc()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)
