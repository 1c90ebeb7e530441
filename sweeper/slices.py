"""The two slices beside the map, and the hooks by which everything else reaches them.

`batch_size` searches for the largest batch size that fits in memory, `checks` says what is wrong with script, data and
model. Nothing outside a slice imports it, and neither imports the other: the functions below load its modules by name
when they are first asked for. `lint-imports` proves the first, mypy that the modules are what the hooks promise.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn

    import sweeper.batch_size.worker
    from sweeper.capture import Call, Interception
    from sweeper.worker import Link


class MemoryTrial(Protocol):
    """What a worker does for the batch-size search."""

    def run_trial(
        self,
        link: "Link",
        interception: "Interception",
        call: "Call",
        *,
        scratch: "Path",
        earlier: str,
        alive: "Callable[[int], None]",
    ) -> "NoReturn":
        """Runs one memory trial at a fit call that was reached, as the driver asks, and ends the process."""


def memory_trial() -> MemoryTrial:
    """The memory trial of a worker."""
    return cast("MemoryTrial", import_module("sweeper.batch_size.worker"))


if TYPE_CHECKING:
    _memory_trial: MemoryTrial = sweeper.batch_size.worker
