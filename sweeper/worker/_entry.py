"""The start of a worker process: its pipes, its name, its end."""

import contextlib
import faulthandler
import gc
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, NoReturn

from sweeper.protocol import FromWorker, ToWorker, decode_command, send

_GARBAGE_THRESHOLD = 10_000
"""New objects before a garbage collection. Python's 700 make the import of TensorFlow and its tracing take a third
longer, as they leave half a million objects that every full collection looks at."""


class Link:
    """A worker's end of the pipes. When the driver's end closes, the process ends at once."""

    def __init__(self, commands: IO[bytes], replies: IO[bytes]) -> None:
        self._commands = commands
        self._replies = replies
        self._queue: queue.Queue[ToWorker] = queue.Queue()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True, name="sweeper-commands").start()

    def _read(self) -> None:
        for line in self._commands:
            self._queue.put(decode_command(line))
        # The driver has closed the pipe or is gone. Nothing may run on: no training, no exit handlers.
        leave(0)

    def receive(self) -> ToWorker:
        """The next command; waits for it."""
        return self._queue.get()

    def send(self, message: FromWorker) -> None:
        """Sends a reply; ends the process when nobody listens any more."""
        try:
            with self._lock:
                send(self._replies, message)
        except OSError:
            leave(1)


def leave(status: int) -> NoReturn:
    """Ends the process at once, without the script's `finally`, `with` and `atexit`."""
    for stream in (sys.stdout, sys.stderr):
        # A script may have put anything in their place, None included.
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)


def main(commands_fd: int, replies_fd: int) -> None:
    """Runs a worker on two inherited pipes; never returns."""
    from sweeper.worker._session import serve

    faulthandler.enable(all_threads=False)
    os.set_inheritable(commands_fd, False)
    os.set_inheritable(replies_fd, False)
    os.environ.setdefault("MPLBACKEND", "Agg")
    gc.set_threshold(_GARBAGE_THRESHOLD)
    link = Link(os.fdopen(commands_fd, "rb"), os.fdopen(replies_fd, "wb"))
    serve(link)
    leave(0)


ROOT = str(Path(__file__).resolve().parents[2])
"""Folder that holds the sweeper package, for processes that were started without it on their path."""
