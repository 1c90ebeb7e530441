"""The child process that runs a target, takes over at its fit call and then runs probe after probe."""

from sweeper.worker._entry import Link as Link
from sweeper.worker._entry import leave as leave
from sweeper.worker._entry import main as main

__all__ = ["Link", "leave", "main"]
