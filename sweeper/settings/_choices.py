"""Settings with a closed choice of values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias


class Search(StrEnum):
    """Ways to choose the probes of a run."""

    BOUNDARY = "boundary"
    """Only the rates that bracket the edges of each row and then narrow them down."""
    GRID = "grid"
    """Every combination of the axes."""


class EarlierFits(StrEnum):
    """What happens to fit calls that come before the chosen one."""

    SHORT = "short"
    """They train for a few steps, so that the script goes on at once."""
    FULL = "full"
    """They train as the script says."""


class FailOn(StrEnum):
    """Conditions that make `sweeper` exit with status 3."""

    UNSAFE = "unsafe"
    """The script's own setting is not in a stable range."""
    NO_SAFE_RANGE = "no-safe-range"
    """No row of the map has a stable range."""
    ANY_FAILURE = "any-failure"
    """A probe crashed, ran out of memory or time, or raised an error."""
    NEVER = "never"


class BatchSearch(StrEnum):
    """Batch sizes that only a memory search can tell."""

    AUTO = "auto"
    """Sizes up to the largest that fits in memory."""
    RECOMMENDED = "recommended"
    """The one size that the search recommends for its memory and throughput."""


AUTO: Literal["auto"] = "auto"
"""A value that sweeper is to work out."""

SCRIPT_BATCH_SIZE: Literal["script"] = "script"
"""On the batch-size axis, the script's own batch size, as `script` is on the optimizer axis."""

BatchSize: TypeAlias = int | Literal["script"]
"""An entry of the batch-size axis as it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRange:
    """A range of learning rates, in which the search chooses."""

    low: float
    high: float
