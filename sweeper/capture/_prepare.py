"""Making a captured model ready: its variables exist, and its optimizers are known and can be set."""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from sweeper.capture._job import Job
from sweeper.capture._layers import is_built
from sweeper.capture._optimizers import (
    UncontrollableOptimizer,
    inner,
    is_loss_scaling,
    make_constant,
    peak_rate,
    schedule_name,
)
from sweeper.capture.data import Samples
from sweeper.text import rate_text


def distribution_scope(model: Any) -> AbstractContextManager[Any]:
    """The scope of the model's TensorFlow distribution strategy, in which its variables must be made."""
    strategy = getattr(model, "_distribute_strategy", None)
    return strategy.scope() if strategy is not None else contextlib.nullcontext()


def build(model: Any, samples: Samples, batch_size: int) -> None:
    """Creates the weights that fit would create in its first step, so that they can be kept before it."""
    if is_built(model):
        return
    count = 1 if samples.whole_elements else min(batch_size, len(samples))
    batch = samples.batch(np.arange(count, dtype=np.int64))
    try:
        with distribution_scope(model):
            model._symbolic_build(data_batch=batch)  # noqa: SLF001  what Keras's other backends do in fit
    except Exception:  # noqa: BLE001  a model without call() cannot be built so; its first step creates the rest
        return


class OptimizerWatch:
    """Learns which optimizers a script's train step really uses.

    An overridden `compile` may keep optimizers of its own, and then `model.optimizer` is a decoy.
    """

    def __init__(self, job: Job, *, on_first: Callable[[Any], None]) -> None:
        self._job = job
        self._on_first = on_first
        """Called with each optimizer once its rate can be set, before its first step."""
        self._rates: dict[int, float | None] = {}
        self._seen: list[Any] = []

    def prepare(self, optimizer: Any, variables: Sequence[Any]) -> None:
        """Makes an optimizer ready before its first step: its rate noted and constant, its slots built and kept."""
        if id(optimizer) in self._rates and optimizer.built:
            return
        with _lifted(), distribution_scope(self._job.model):
            is_first = id(optimizer) not in self._rates
            if is_first:
                self._job.schedule = self._job.schedule or schedule_name(optimizer)
                self._rates[id(optimizer)] = peak_rate(optimizer, self._job.total_steps)
                make_constant(optimizer)
            if not optimizer.built and variables:
                optimizer.build(list(variables))
            self._job.state.keep(optimizer.variables)
            if is_first:
                self._on_first(optimizer)

    def record(self, optimizer: Any, variables: Sequence[Any]) -> None:
        """Records an optimizer that is about to apply gradients."""
        self.prepare(optimizer, variables)
        if all(optimizer is not other for other in self._seen):
            self._seen.append(optimizer)
            if getattr(self._job.model, "_distribute_strategy", None) is None:
                # Weights that a model makes in its first forward pass are kept before they are trained. Under a
                # distribution strategy Keras has made them before, and a replica may not read them.
                with _lifted():
                    self._job.state.keep_new()

    @property
    def found(self) -> bool:
        """Whether an optimizer has applied gradients."""
        return bool(self._seen)

    def store(self) -> None:
        """Stores the optimizers in the job; raises `UncontrollableOptimizer` when there are none."""
        job, seen = self._job, self._seen
        if not seen:
            raise UncontrollableOptimizer(
                "no Keras optimizer applied gradients in the first training steps, so there is no learning rate to vary"
            )
        rates = [self._rates[id(optimizer)] for optimizer in seen]
        if len(seen) > 1 and not all(rates):
            raise UncontrollableOptimizer(
                f"train_step uses {len(seen)} optimizers and the rate of one is zero or cannot be read, "
                "so their rates cannot be varied together"
            )
        job.optimizers = seen
        job.rates = [rate or 0.0 for rate in rates]
        job.loss_scaling = is_loss_scaling(seen[0])
        job.only = self._why_only()
        if len(seen) > 1:
            names = [type(inner(optimizer)).__name__ for optimizer in seen]
            listed = ", ".join(f"{name} {rate_text(rate)}" for name, rate in zip(names, job.rates, strict=True))
            detail = f"the axis is the first optimizer's rate; all are moved by one factor ({listed})"
            job.changed("learning rate", detail)

    def _why_only(self) -> str:
        if len(self._seen) > 1:
            return f"a training step applies gradients with {len(self._seen)} optimizers"
        if self._seen[0] is not self._job.compiled:
            used, compiled = (type(one).__name__ for one in (self._seen[0], self._job.compiled))
            other = "was not given to compile" if self._job.compiled is None else f"is not model.optimizer ({compiled})"
            return f"a training step applies gradients with an optimizer ({used}) that {other}"
        return ""


def _lifted() -> AbstractContextManager[Any]:
    """Leaves a TensorFlow trace for the block, so that variables can be made; nothing on other backends."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    import tensorflow as tf

    return tf.init_scope()
