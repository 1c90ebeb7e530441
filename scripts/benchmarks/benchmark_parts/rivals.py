"""Today's ways to make the same map, each over `model.fit` in one process."""

import time
import warnings
from typing import Any

from benchmark_parts.grid import Grid
from benchmark_parts.tasks import Clock, Job, start

AFTER_TRACING = 10
"""Steps of the fit that traces, before a fit is timed."""


def loop(grid: Grid, clock: Clock) -> None:
    """The notebook way: build, compile and fit for each cell."""
    job = start(grid, clock, arrays=True)
    for optimizer, size, rate in grid.cells():
        began = time.perf_counter()
        job.fit(job.compiled(optimizer, rate), size)
        clock.trained(optimizer, size, rate, seconds=time.perf_counter() - began, steps=grid.steps)


def optuna(grid: Grid, clock: Clock) -> None:
    """Optuna's GridSampler with the objective of Optuna's own Keras example."""
    import keras
    import optuna as rival

    rival.logging.set_verbosity(rival.logging.WARNING)
    job = start(grid, clock, arrays=True)

    def objective(trial: Any) -> float:
        began = time.perf_counter()
        keras.backend.clear_session()
        optimizer = trial.suggest_categorical("optimizer", grid.optimizers)
        size = trial.suggest_categorical("batch_size", grid.batch_sizes)
        rate = trial.suggest_categorical("learning_rate", grid.rates)
        loss = job.fit(job.compiled(optimizer, rate), size)
        clock.trained(optimizer, size, rate, seconds=time.perf_counter() - began, steps=grid.steps)
        return loss

    axes = {"optimizer": grid.optimizers, "batch_size": grid.batch_sizes, "learning_rate": grid.rates}
    sampler = rival.samplers.GridSampler({name: list(values) for name, values in axes.items()}, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rival.create_study(sampler=sampler, direction="minimize").optimize(objective)


def keras_tuner(grid: Grid, clock: Clock) -> None:
    """KerasTuner's GridSearch over a HyperModel, with its defaults."""
    import keras_tuner as rival

    job = start(grid, clock, arrays=True)

    class Hyper(rival.HyperModel):
        def build(self, hp: Any) -> Any:
            self.began = time.perf_counter()
            hp.Choice("batch_size", list(grid.batch_sizes))
            optimizer = hp.Choice("optimizer", list(grid.optimizers))
            return job.compiled(optimizer, hp.Choice("learning_rate", list(grid.rates)))

        def fit(self, hp: Any, model: Any, *_: Any, callbacks: Any = (), **__: Any) -> Any:
            size = hp.get("batch_size")
            x, y = job.arrays(size)
            history = model.fit(x, y, batch_size=size, epochs=1, shuffle=False, verbose=0, callbacks=callbacks)
            seconds = time.perf_counter() - self.began
            clock.trained(hp.get("optimizer"), size, hp.get("learning_rate"), seconds=seconds, steps=grid.steps)
            return history

    objective = rival.Objective("loss", "min")
    tuner = rival.GridSearch(Hyper(), objective=objective, directory="keras-tuner", project_name=grid.model)
    tuner.search(verbose=0)


def reference(grid: Grid, clock: Clock) -> None:
    """No contender: every curve as plain `fit` gives it, null curves, and the speed of a `fit` that is traced."""
    job = start(grid, clock, arrays=True)
    clock.extra = {"samples": len(job.data[0]), "warm_fit": [_warm(job, *group, grid.steps) for group in grid.groups]}
    nulls = [("sgd", size, 0.0) for size in grid.batch_sizes]
    for optimizer, size, rate in (*nulls, *grid.cells()):
        began = time.perf_counter()
        losses = _losses(job, optimizer, size, rate)
        seconds = time.perf_counter() - began
        clock.trained(optimizer, size, rate, seconds=seconds, steps=grid.steps, losses=losses)


def _warm(job: Job, optimizer: str, size: int, steps: int) -> dict[str, Any]:
    model = job.compiled(optimizer, 1e-3)
    x, y = job.arrays(size)
    few = AFTER_TRACING * size
    model.fit(x[:few], y[:few], batch_size=size, verbose=0)
    began = time.perf_counter()
    job.fit(model, size)
    return {
        "optimizer": optimizer,
        "batch_size": size,
        "learning_rate": 1e-3,
        "seconds": time.perf_counter() - began,
        "steps": steps,
    }


def _losses(job: Job, optimizer: str, size: int, rate: float) -> list[float]:
    """The loss of each batch: metrics are set back before each one, since Keras's own loss is a running mean."""
    import keras

    found: list[float] = []

    class Losses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            del batch, logs
            self.model.reset_metrics()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch
            found.append(float((logs or {})["loss"]))

    job.fit(job.compiled(optimizer, rate), size, callbacks=(Losses(),))
    return found
