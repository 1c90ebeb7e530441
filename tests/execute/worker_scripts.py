"""The workers of this folder, for launchers."""

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent


def command(worker: str, *words: str) -> Callable[[int, int], list[str]]:
    """The command line of a worker of this folder, as `LocalLauncher` takes it."""
    return lambda commands, replies: [sys.executable, str(HERE / worker), *words, str(commands), str(replies)]
