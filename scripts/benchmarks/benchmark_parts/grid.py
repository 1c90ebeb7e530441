"""What every contender has to do: the cells of one map, and how long each trains."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

JOBS = Path(__file__).resolve().parents[1] / "benchmark_jobs"
SCRIPT = "script"
"""Stands for the optimizer that the job compiles its model with: Adam, in every job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a map for one job of scripts/benchmarks/benchmark_jobs."""

    model: str
    optimizers: tuple[str, ...]
    batch_sizes: tuple[int, ...]
    rates: tuple[float, ...]
    steps: int

    @property
    def script(self) -> Path:
        """The job."""
        return JOBS / f"{self.model}.py"

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Each optimizer with each batch size."""
        return tuple((optimizer, size) for optimizer in self.optimizers for size in self.batch_sizes)

    @property
    def probes(self) -> int:
        """The number of cells."""
        return len(self.groups) * len(self.rates)

    def cells(self) -> Iterator[tuple[str, int, float]]:
        """Optimizer, batch size and rate of each cell."""
        for optimizer, size in self.groups:
            for rate in self.rates:
                yield optimizer, size, rate

    def dump(self) -> str:
        """The grid as JSON."""
        return json.dumps(asdict(self))


def load(text: str) -> Grid:
    """The grid of a JSON text."""
    fields = json.loads(text)
    return Grid(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})


def log_rates(low: float, high: float, count: int) -> tuple[float, ...]:
    """Rates at equal ratios, as `low:high:log:count` gives them: six significant digits."""
    ratio = (high / low) ** (1 / max(count - 1, 1))
    return tuple(float(f"{low * ratio**i:.6g}") for i in range(count))


def lattice(low: float, high: float, resolution: float) -> tuple[float, ...]:
    """All rates `10 ** (k * resolution)` between two rates, six significant digits."""
    found, k = [], round(-9 / resolution)
    while (rate := float(f"{10 ** (k * resolution):.6g}")) <= high * 1.0001:
        if rate >= low * 0.9999:
            found.append(rate)
        k += 1
    return tuple(found)


_THREE, _TWO = (SCRIPT, "sgd", "momentum"), (SCRIPT, "momentum")
GRIDS = {
    "mlp": Grid(model="mlp", optimizers=_THREE, batch_sizes=(16, 64, 256), rates=log_rates(1e-4, 10, 6), steps=200),
    "cnn": Grid(model="cnn", optimizers=_TWO, batch_sizes=(32, 128), rates=log_rates(1e-4, 10, 6), steps=100),
    "lstm": Grid(model="lstm", optimizers=_TWO, batch_sizes=(32, 128), rates=log_rates(1e-4, 10, 6), steps=100),
    "transformer": Grid(
        model="transformer", optimizers=_TWO, batch_sizes=(32, 128), rates=log_rates(1e-5, 1, 6), steps=100
    ),
    "bigcnn": Grid(model="bigcnn", optimizers=_TWO, batch_sizes=(32,), rates=log_rates(1e-4, 1, 3), steps=30),
}
"""The usual size of each map: enough probes for medians, few enough that the slowest contender ends."""


def sized(grid: Grid, *, probes: int | None, steps: int | None) -> Grid:
    """The grid with about so many probes (at least one rate for each optimizer and batch size) and so many steps."""
    if probes is not None:
        count = max(1, round(probes / len(grid.groups)))
        grid = replace(grid, rates=log_rates(grid.rates[0], grid.rates[-1], count))
    return grid if steps is None else replace(grid, steps=steps)


def quick(grid: Grid) -> Grid:
    """A map of two probes that shows whether everything runs; its figures mean nothing."""
    return replace(grid, optimizers=(SCRIPT,), batch_sizes=grid.batch_sizes[:1], rates=(1e-3, 1e-2), steps=10)
