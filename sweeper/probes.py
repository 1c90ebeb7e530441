"""Probes, and how they ended."""

import re
from dataclasses import dataclass
from enum import StrEnum

from sweeper.curve import Curve

NULL_RATE = 0.0
"""The rate of a null probe, which makes no updates, so that it shows how the loss varies between batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One short training: optimizer x learning rate x batch size x seed, for a number of steps."""

    optimizer: str
    """Label of an entry of the optimizer axis (`OptimizerChoice.label`)."""
    learning_rate: float
    """Constant, after the warm-up if the entry of the axis has one; 0.0 is the null probe."""
    batch_size: int
    """Samples in each step."""
    seed: int
    """Fixes the order of the samples and every random number of the training."""
    steps: int
    """Updates of the weights."""

    @property
    def id(self) -> str:
        """A readable name that is unique within a run and safe as a file name."""
        slug = re.sub(r"[^A-Za-z0-9.]+", "_", self.optimizer).strip("_")
        return f"{slug}-lr{self.learning_rate:.6g}-b{self.batch_size}-s{self.seed}-n{self.steps}"

    @property
    def is_null(self) -> bool:
        """Whether this probe only measures the noise of the loss."""
        return self.learning_rate == NULL_RATE


class OutcomeKind(StrEnum):
    """How the process of a probe ended. It says nothing about how the curve looks."""

    COMPLETED = "completed"
    OOM = "oom"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    ERROR = "error"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a probe ended, with its curve if it has one."""

    probe: Probe
    kind: OutcomeKind
    curve: Curve | None = None
    cause: str = ""
    """One sentence on why it did not complete; empty when it did."""
    log_tail: str = ""
    """The last lines that the worker printed, when the probe did not complete."""
    seconds: float = 0.0
    """Wall time of the probe in its worker, without the worker's start."""
    samples_per_second: float | None = None
    """Median over the steps after the first ones; None when too few steps ran."""
    peak_memory_bytes: int | None = None
    """Peak of the device's allocator where there is one, else of the worker process."""
