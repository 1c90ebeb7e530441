"""The user's wish to stop, from Ctrl-C and SIGTERM."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sweeper.execute import StopLevel


class StopSwitch:
    """Counts the user's wishes to stop: the first drains, the second ends now."""

    def __init__(self) -> None:
        self.level = StopLevel.RUN

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Reacts to Ctrl-C and SIGTERM inside the block, in the main thread only."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._terminate)
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.level = StopLevel.DRAIN if self.level is StopLevel.RUN else StopLevel.NOW

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.level = StopLevel.NOW
