"""The seam where machines differ: starting a worker somewhere, and speaking with it in lines.

To run workers elsewhere (over ssh, in a container, under Ray), add a file with one launcher beside `_local.py` and
choose it in `make_launcher` of `sweep/_run.py`. All else is above: time limits, tries, and what an end means
(`_pool.py`), which probe comes next (`_probes.py`). `tests/execute/shell_launcher.py` is a second one, which reaches a
worker by a command such as `ssh HOST`; `tests/execute/test_launchers.py` says what each must do.
"""

import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from sweeper.execute._slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a process ended."""

    status: int
    """Its exit status; minus the number of the signal that ended it."""
    for_memory: bool = False
    """Whether the kernel says that it killed for memory."""

    @property
    def words(self) -> str:
        """The end in words."""
        if self.for_memory:
            return "the kernel killed the process for memory"
        if self.status >= 0:
            return f"the process ended with exit status {self.status}"
        try:
            return f"the process was ended by signal {-self.status} ({signal.Signals(-self.status).name})"
        except ValueError:
            return f"the process was ended by signal {-self.status}"


class AbstractChild(ABC):
    """A worker that runs somewhere. Its messages are lines of bytes that end in a newline (see `sweeper.protocol`)."""

    @abstractmethod
    def send(self, line: bytes) -> None:
        """Sends a line; raises nothing where the worker is gone, since `receive` tells that."""

    @abstractmethod
    def receive(self) -> list[bytes] | None:
        """The lines that have arrived; waits for the next, and returns None when none will come any more.

        Always called from one thread, which is another than that of the other methods.
        """

    @abstractmethod
    def held_bytes(self) -> int:
        """Memory of the host that the worker and its own children hold; 0 where that is not known."""

    @abstractmethod
    def close(self, *, grace_s: float) -> Exit:
        """Ends the worker and everything that it started; called once.

        A worker leaves by itself when nothing can be sent to it any more; after `grace_s` it is killed. Then `receive`
        returns None, and all that the worker printed is in its log.
        """


class AbstractLauncher(ABC):
    """A way to start workers."""

    @abstractmethod
    def launch(self, slot: Slot, log: Path) -> AbstractChild:
        """Starts a worker in a slot; what it prints is added to a log on this machine."""
