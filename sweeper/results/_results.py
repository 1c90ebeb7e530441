"""The results of a run as one document."""

from typing import Any, Final, Literal

from pydantic import Field

from sweeper.results._base import Measured, Part
from sweeper.results._findings import Finding, Threshold
from sweeper.results._follow_ups import Overfit, Remedy
from sweeper.results._job import Change
from sweeper.results._memory import Memory
from sweeper.results._probes import Probe, Space
from sweeper.results._recommendation import Recommendation
from sweeper.results._rows import Row, Scaling, Unresolved
from sweeper.results._run import Environment, Target

SCHEMA_VERSION: Final = 1
"""Rises when a reader of the older document would misread the newer one."""


class Results(Part):
    """Everything that one run found. A number that was not finite is null; the sentence beside it says what it was."""

    schema_version: Literal[1] = Field(alias="schema")
    """Version of this format; it rises when a reader of the older one would misread the newer."""
    sweeper: str
    """Version of sweeper that made the run."""
    target: Target
    """What was probed."""
    environment: Environment
    """How, where and how far the run went."""
    space: Space | None
    """The axes of the map; null when no fit call was reached."""
    probes: tuple[Probe, ...]
    """Every probe that ended: by optimizer, batch size, rate and seed."""
    rows: tuple[Row, ...]
    """The map: one row for each optimizer and batch size."""
    scaling: tuple[Scaling, ...]
    """How safe rates move with the batch size, for each optimizer with a measured safe end."""
    noise_scale: Measured
    """Gradient noise scale in samples: that of the search for the batch size, where one was made and measured it, else
    from the null probes of two batch sizes, before any update. Far below it twice the batch saves half the steps, far
    above it none. It grows as training goes on. Null with one batch size, where noise hides it, or where the loss
    depends on the batch size in another way than as a mean or a sum."""
    recommendation: Recommendation | None
    """The setting to start with; null when there is no map."""
    overfit: Overfit | None
    """Whether the recommended setting overfits; null when `--overfit` was not asked for."""
    remedies: tuple[Remedy, ...]
    """What a warm-up or clipping does to the recommended row, where `--warmup` or `--clipnorm` asked for it."""
    unresolved: tuple[Unresolved, ...]
    """Rows that a boundary search leaves open; empty for a grid."""
    memory: Memory | None
    """What the search for the batch size found; null when none was made."""
    findings: tuple[Finding, ...]
    """What to know before the long job."""
    changes: tuple[Change, ...]
    """What probing did differently from the script."""
    thresholds: tuple[Threshold, ...]
    """Every number that decided, with its reason."""

    def as_json(self) -> dict[str, Any]:
        """The results made of dicts, lists, strings, finite numbers, booleans and None, as results.json has them."""
        return self.model_dump(mode="json")
