"""What the contenders other than sweeper share: the job as a module, its batches, its optimizers, and a clock."""

import importlib.util
import resource
import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from benchmark_parts.grid import SCRIPT, Grid

KIB = 1 << 10


@dataclass
class Clock:
    """When things happened, in seconds since the epoch: the parent process reads the same clock."""

    ready: float = 0.0
    """Everything is imported and the data is there: what comes after is no start-up."""
    trials: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def trained(self, optimizer: str, size: int, rate: float, *, seconds: float, steps: int, **more: Any) -> None:
        """Notes one finished trial."""
        cell = {"optimizer": optimizer, "batch_size": size, "learning_rate": rate}
        self.trials.append(cell | {"seconds": seconds, "steps": steps, "ended": time.time()} | more)

    def report(self) -> dict[str, Any]:
        """What the parent gets."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB
        return {"ready": self.ready, "ended": time.time(), "trials": self.trials, "peak_mib": peak, **self.extra}


class Job:
    """A job of scripts/benchmarks/benchmark_jobs, imported, with the batches that every trial trains on."""

    def __init__(self, grid: Grid) -> None:
        spec = importlib.util.spec_from_file_location(grid.model, grid.script)
        assert spec is not None
        assert spec.loader is not None
        self._module = importlib.util.module_from_spec(spec)
        sys.modules[grid.model] = self._module
        spec.loader.exec_module(self._module)
        self._grid = grid
        self._batches: dict[int, tuple[Any, Any]] = {}
        self.loss: str = self._module.LOSS

    @cached_property
    def data(self) -> tuple[Any, Any]:
        """Samples and targets."""
        return self._module.data()

    def order(self, size: int) -> Any:
        """Indices of shape (steps, size): one shuffled pass over the samples after another."""
        samples, needed = len(self.data[0]), self._grid.steps * size
        rng = np.random.default_rng(0)
        passes = [rng.permutation(samples) for _ in range(-(-needed // samples))]
        return np.concatenate(passes)[:needed].reshape(self._grid.steps, size).astype("int32")

    def arrays(self, size: int) -> tuple[Any, Any]:
        """The samples in that order, so that one epoch of `fit` is exactly the steps of a trial."""
        if size not in self._batches:
            order = self.order(size).ravel()
            self._batches[size] = tuple(column[order] for column in self.data)
        return self._batches[size]

    def build(self) -> Any:
        """A new model with the weights that the script would start from."""
        import keras

        keras.utils.set_random_seed(0)
        return self._module.build()

    def compiled(self, optimizer: str, rate: float) -> Any:
        """A new compiled model."""
        model = self.build()
        model.compile(make_optimizer(optimizer, rate), self.loss)
        return model

    def fit(self, model: Any, size: int, *, callbacks: tuple[Any, ...] = ()) -> float:
        """Trains for the steps of a trial and returns Keras's last loss."""
        x, y = self.arrays(size)
        history = model.fit(x, y, batch_size=size, epochs=1, shuffle=False, verbose=0, callbacks=list(callbacks))
        return float(history.history["loss"][-1])


def make_optimizer(name: str, rate: float) -> Any:
    """An optimizer as sweeper's axis means it."""
    import keras

    match name:
        case "script":
            return keras.optimizers.Adam(rate)
        case "momentum":
            return keras.optimizers.SGD(rate, momentum=0.9)
        case _:
            return keras.optimizers.get({"class_name": name, "config": {"learning_rate": rate}})


def start(grid: Grid, clock: Clock, *, arrays: bool) -> Job:
    """The job with its data, imported and gathered before the clock of the trials starts."""
    import keras

    del keras
    job = Job(grid)
    for size in grid.batch_sizes:
        if arrays:
            job.arrays(size)
    assert job.data is not None
    assert SCRIPT == "script"
    clock.ready = time.time()
    return job
