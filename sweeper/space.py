"""The axes of a map: optimizers, learning rates, batch sizes and seeds that a run tries."""

from dataclasses import dataclass
from typing import TypeAlias

from sweeper.probes import Probe

SCRIPT = "script"
"""Label of the script's own optimizer on the optimizer axis."""

OptionValue: TypeAlias = float | int | bool | str
"""A setting of an optimizer, as a config file can hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerChoice:
    """One entry of the optimizer axis."""

    label: str
    """Unique on the axis: `script`, `adam`, `adamw(weight_decay=0.01)`, `script(warmup=50)`."""
    name: str
    """`script` for the script's own with its settings, else the name of a Keras optimizer (or `momentum`)."""
    options: tuple[tuple[str, OptionValue], ...] = ()
    """Settings other than the learning rate, by name; for `script`, those that replace the script's own."""
    warmup_steps: int = 0
    """Steps over which the rate rises linearly from 0 to that of the probe; 0 is no warm-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The axes of the map and the length of its probes."""

    optimizers: tuple[OptimizerChoice, ...]
    learning_rates: tuple[float, ...]
    """Ascending, each rounded to six significant digits."""
    batch_sizes: tuple[int, ...]
    """Ascending."""
    seeds: tuple[int, ...]
    steps: tuple[int, ...]
    """Updates of a probe, one number for each of `batch_sizes`."""
    resolution: float | None = None
    """Decades between neighbouring rates of a boundary search, which begins between the two `learning_rates`; None
    for a grid."""
    script: tuple[float, int] | None = None
    """Learning rate and batch size of the script's own setting, where a boundary search is to probe just that too."""

    def steps_at(self, batch_size: int) -> int:
        """The number of updates of a probe at `batch_size`, which must be on the axis."""
        return self.steps[self.batch_sizes.index(batch_size)]

    def holds(self, probe: Probe) -> bool:
        """Whether a probe belongs to this space, at any rate; the optimizer of null probes does not matter."""
        known = probe.is_null or any(choice.label == probe.optimizer for choice in self.optimizers)
        return (
            known
            and probe.seed in self.seeds
            and probe.batch_size in self.batch_sizes
            and probe.steps == self.steps_at(probe.batch_size)
        )

    def probe(self, *, optimizer: str, learning_rate: float, batch_size: int, seed: int) -> Probe:
        """The probe of a cell of the map with one seed."""
        return Probe(
            optimizer=optimizer,
            learning_rate=learning_rate,
            batch_size=batch_size,
            seed=seed,
            steps=self.steps_at(batch_size),
        )
