"""A model's own train step, changed to return what a probe records instead of its logs.

After the step has run, inside the same trace, the loss that was trained on, the gradient norm and the finiteness of the
weights are read, and all metrics are set back, so that a loss that the step returned is that of one batch, not a
running mean.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sweeper.capture import Interception, instances, is_loss_scaling, metric_variables, numpy_type
from sweeper.engines._loss_source import LossSource, SeenStep, loss_in
from sweeper.engines._recorder import all_finite, global_norm
from sweeper.engines._true_loss import TrueLoss, is_reachable, scalar

LOSS, NORM, FINITE = "loss", "gradient_norm", "finite_weights"
_OWN = "own_train_step"
"""Where a recorded step keeps the one that it stands for."""
_LOG, _PART = "log of the step: ", "loss of a gradient: "
"""Begin the names of what the steps at rate 0 return, from which the source of the loss is chosen."""


class RecordedStep:
    """Wraps `model.train_step` while a probe runs."""

    def __init__(self, model: Any, interception: Interception) -> None:
        import keras

        self.on_apply: Callable[[Any, Sequence[Any]], None] | None = None
        """Called with an optimizer and its variables when a step is traced (or run eagerly)."""
        self.has_norm = True
        self.gathers = False
        """Whether the step applies gradients now and then only, by a count in Python; norms are then left out."""
        self.bare = False
        """Whether metrics are left out of the steps that are traced now, as nothing will read them."""
        self.metrics: list[tuple[Any, Any]] | None = None
        """Every variable of every metric with its first value; None as long as a step may make further ones."""
        restore_train_step(model)
        self.is_keras = is_plain(model, "train_step")
        """Whether the step is Keras's own, whose loss is surely in its logs."""
        self.source: LossSource | None = None
        """Where the loss comes from; as long as it is None, steps return all that may be it."""
        self.places: tuple[str, ...] = ()
        """The lines that take gradients of losses, of the step that was traced last."""
        self._model = model
        self._interception = interception
        self._norms: list[Any] = []
        strategy = getattr(model, "_distribute_strategy", None)
        self.replicas = int(strategy.num_replicas_in_sync) if strategy is not None else 1
        """Parts of a batch that are trained apart and whose gradients are summed up: the loss is the sum of theirs."""
        self._true_loss = TrueLoss(interception.gradients, holds=not self.is_keras and strategy is None)
        self._original = model.train_step
        self._watched = [weight for weight in model.trainable_variables if _is_float(weight)]
        self._stateless = keras.backend.backend() == "jax"
        if not self.is_keras:
            self._note_computed()
        self.renew()

    def renew(self) -> None:
        """Makes the model's train step a new function, as every optimizer needs one.

        JAX keeps what it has compiled by function and shapes: two optimizers whose slots have the same shapes would
        share one compiled step.
        """
        step = self._stateless_step if self._stateless else self._step

        def train_step(*arguments: Any) -> Any:
            return step(*arguments)

        vars(train_step)[_OWN] = self._original
        object.__setattr__(self._model, "train_step", train_step)

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Lets the interception report to this step while fit runs."""
        self._interception.on_apply = self._saw_apply
        self._interception.inside_fit = True
        try:
            yield
        finally:
            self._interception.on_apply = None
            self._interception.inside_fit = False

    @contextlib.contextmanager
    def inside_fit(self) -> Iterator[None]:
        """Lets the interception leave alone what runs in the block, as it does within fit."""
        self._interception.inside_fit = True
        try:
            yield
        finally:
            self._interception.inside_fit = False

    @contextlib.contextmanager
    def as_written(self) -> Iterator[None]:
        """Puts the script's own train step in place, without anything that a probe adds."""
        recorded = vars(self._model)["train_step"]
        object.__setattr__(self._model, "train_step", self._original)
        try:
            with self.inside_fit():
                yield
        finally:
            object.__setattr__(self._model, "train_step", recorded)

    def _saw_apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any] | None) -> None:
        compiled = self._model.optimizer
        # On JAX a loss-scaling optimizer calls its inner one alone, in a branch whose values cannot be read outside.
        in_branch = is_loss_scaling(compiled) and optimizer is compiled.inner_optimizer
        self._true_loss.saw_apply(gradients)
        if self.on_apply is not None:
            self.on_apply(compiled if in_branch else optimizer, variables or ())
        if in_branch:
            return
        norm = global_norm(gradients)
        if is_loss_scaling(optimizer):
            from keras import ops

            norm = norm / ops.cast(optimizer.dynamic_scale, "float32")
            # Loss scaling skips the update of a step whose scaled gradients overflow.
            norm = ops.where(ops.isfinite(norm), norm, ops.zeros_like(norm))
        self._norms.append(norm)

    def _step(self, data: Any) -> dict[str, Any]:
        """The recorded step on backends whose variables change in place."""
        self._norms.clear()
        idle: set[int] = set()
        if self.bare and self.is_keras:
            with loss_alone(self._model):
                logs = self._original(data)
            idle = metric_variables(self._model)
        else:
            with self._watching():
                logs = self._original(data)
        recorded = self._losses(logs, ()) | {NORM: self._norm(), FINITE: all_finite(self._weights())}
        for variable, value in self._metric_values():
            if id(variable) not in idle:
                variable.assign(value)
        return recorded

    def _stateless_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """The recorded step on JAX, whose state is passed in and returned."""
        self._norms.clear()
        with self._watching():
            logs, (trainable, non_trainable, slots, metrics) = self._original(state, data)
        initial = {id(variable): value for variable, value in self._metric_values()}
        fresh = [
            np.asarray(initial[id(variable)]) if id(variable) in initial else value
            for variable, value in zip(self._model.metrics_variables, metrics, strict=True)
        ]
        recorded = self._losses(logs, [*trainable, *slots]) | {NORM: self._norm(), FINITE: all_finite(trainable)}
        return recorded, (trainable, non_trainable, slots, fresh)

    def _watching(self) -> contextlib.AbstractContextManager[None]:
        """Notes what a step takes gradients of, and the loss that the model computes; not in Keras's own step."""
        return contextlib.nullcontext() if self.is_keras else self._true_loss.watching()

    def _note_computed(self) -> None:
        """Makes the model report what it computes as its loss."""
        compute_loss = self._model.compute_loss

        def computed(*args: Any, **kwargs: Any) -> Any:
            loss = compute_loss(*args, **kwargs)
            self._true_loss.saw_computed(loss)
            return loss

        vars(computed)[_OWN] = compute_loss
        object.__setattr__(self._model, "compute_loss", computed)

    def _losses(self, logs: Any, beside: Sequence[Any]) -> dict[str, Any]:
        """The loss of a step; as long as its source is not known, all numbers that it may be as well."""
        if self.is_keras:
            return {LOSS: scalar(loss_in(logs))}
        targets = [
            replace(target, value=self.replicas * target.value) if self.replicas > 1 else target
            for target in self._true_loss.targets(beside)
        ]
        source = self.source
        if source is not None and (source.from_logs or not targets):
            return {LOSS: scalar(loss_in(logs, source.keys))}
        total = sum((target.value for target in targets[1:]), start=targets[0].value) if targets else None
        if source is not None:
            return {LOSS: total}
        self.places = tuple(target.place for target in targets)
        numbers = _numbers(logs) if isinstance(logs, Mapping) else {LOSS: logs}
        seen = {_LOG + name: scalar(value) for name, value in numbers.items()}
        seen |= {f"{_PART}{number}": target.value for number, target in enumerate(targets)}
        return seen | {LOSS: scalar(loss_in(logs)) if total is None else total}

    def _metric_values(self) -> list[tuple[Any, Any]]:
        return metric_values() if self.metrics is None else self.metrics

    def _weights(self) -> list[Any]:
        return [weight for weight in self._model.trainable_variables if _is_float(weight)]

    def _norm(self) -> Any:
        """The norm over all gradients that were applied in this step; zero where it cannot be seen."""
        from keras import ops

        norms, self._norms = self._norms, []
        self.has_norm = bool(norms) and not self.gathers and all(map(is_reachable, norms))
        if not self.has_norm:
            return ops.zeros(())
        squares = [ops.square(norm) for norm in norms]
        return ops.sqrt(sum(squares[1:], start=squares[0]))


def restore_train_step(model: Any) -> None:
    """Gives a model its own methods back."""
    for name in ("train_step", "compute_loss"):
        own = vars(vars(model).get(name, object)).get(_OWN)
        if own is not None:
            object.__delattr__(model, name)
            if getattr(model, name) != own:  # it was set on the model itself, not in its class
                object.__setattr__(model, name, own)


def is_plain(model: Any, step: str) -> bool:
    """Whether a step is Keras's own, so that its loss is in its logs and the model's metrics have no part in it."""
    import keras

    names = (step, "compute_metrics", "get_metrics_result", "metrics")
    own = all(getattr(type(model), name) is getattr(keras.Model, name) for name in names)
    return own and not any(name in vars(model) for name in (step, *names[1:3]))


class KeptLoss:
    """Stands for the metric that averages the loss, and keeps the loss of one batch with its weight in the average."""

    def __init__(self) -> None:
        self.loss: Any = None
        self.weight: Any = None

    def update_state(self, loss: Any, sample_weight: Any = None) -> None:
        """Keeps the loss of a batch and its weight."""
        self.loss, self.weight = loss, sample_weight


@contextlib.contextmanager
def loss_alone(model: Any) -> Iterator[KeptLoss]:
    """Lets Keras's own steps give the loss of their batch, without metrics: they cost most in small models."""
    kept, tracker = KeptLoss(), model._loss_tracker  # noqa: SLF001  where the step puts its loss
    # Keras's own way to set an attribute would track it.
    object.__setattr__(model, "_loss_tracker", kept)
    object.__setattr__(model, "compute_metrics", lambda *_, **__: {LOSS: kept.loss})
    try:
        yield kept
    finally:
        object.__setattr__(model, "_loss_tracker", tracker)
        object.__delattr__(model, "compute_metrics")


def _numbers(logs: Mapping[Any, Any]) -> dict[str, Any]:
    """The entries of logs that are numbers."""
    found = {}
    for name, value in logs.items():
        dtype = str(getattr(value, "dtype", type(value).__name__))
        if any(kind in dtype for kind in ("float", "int")) and not isinstance(value, Mapping | list | tuple):
            found[str(name)] = value
    return found


def seen_step(logs: Mapping[str, Any]) -> SeenStep:
    """What a step at rate 0 returned, as plain numbers."""
    numbers = {name: float(np.asarray(value)) for name, value in logs.items()}
    parts = tuple(value for name, value in numbers.items() if name.startswith(_PART))
    named = {name.removeprefix(_LOG): value for name, value in numbers.items() if name.startswith(_LOG)}
    return SeenStep(logs=named, parts=parts)


def _is_float(weight: Any) -> bool:
    return "float" in str(weight.dtype)


def metric_values() -> list[tuple[Any, Any]]:
    """Every variable of every live metric with the value that a reset gives it."""
    import keras

    found: dict[int, tuple[Any, Any]] = {}
    for metric in instances(keras.metrics.Metric):
        for variable in metric.variables:
            found.setdefault(id(variable), (variable, np.zeros(variable.shape, numpy_type(variable))))
    return list(found.values())
