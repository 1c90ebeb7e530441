"""The verb `batch`, and what the terminal shows of a batch-size search."""

from collections.abc import Callable, Mapping
from typing import Any

from sweeper.batch_size.verbs._batch import batch

VERBS: tuple[Callable[..., Any], ...] = (batch,)
"""In the order of the help."""
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "batch": (
        "sweeper batch train.py",
        "sweeper batch train.py --memory-limit 4GiB --effective-batch 1024 --for 24GiB,80GiB",
        "python train.py --batch-size $(sweeper batch train.py --memory-only --print size)",
    ),
}
"""What the help of each shows."""
