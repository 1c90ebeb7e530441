"""Two threads that take turns: the script's own, in its loop, and the one that runs probes."""

import threading
from typing import Any


class Turns:
    """Lets one of two threads run at a time. The script's thread has the first turn."""

    def __init__(self) -> None:
        self._script = threading.Semaphore(0)
        self._probes = threading.Semaphore(0)

    def begin(self, probes: Any) -> None:
        """Starts the other thread, with a function that never returns, and waits for the script's next turn."""
        threading.Thread(target=probes, daemon=True, name="sweeper-probes").start()
        self._script.acquire()

    def to_script(self) -> None:
        """Lets the script go on, and waits until it gives the turn back."""
        self._script.release()
        self._probes.acquire()

    def to_probes(self) -> None:
        """Lets the other thread go on, and waits until it gives the turn back."""
        self._probes.release()
        self._script.acquire()
