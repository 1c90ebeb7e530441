"""A model's own train step, with what a probe records added to its logs.

After the step has run, inside the same trace, the gradient norm and the finiteness of the weights are read, and
all metrics are set back, so that the loss that the step returned is that of one batch, not a running mean.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from sweeper.capture import Interception, instances, is_loss_scaling, read, write
from sweeper.engines._recorder import CurveRecorder, all_finite, global_norm, loss_in

LOSS, NORM, FINITE = "loss", "gradient_norm", "finite_weights"


class RecordedStep:
    """Wraps `model.train_step` while a probe runs."""

    def __init__(self, model: Any, interception: Interception) -> None:
        import keras

        self.on_apply: Callable[[Any, Sequence[Any]], None] | None = None
        """Called with an optimizer and its variables when a step is traced (or run eagerly)."""
        self.has_norm = True
        self.bare = False
        """Whether metrics are left out of the steps that are traced now, as nothing will read them."""
        self.metrics: list[tuple[Any, Any]] | None = None
        """Every variable of every metric with its first value; None as long as a step may make further ones."""
        self._model = model
        self._interception = interception
        self._norms: list[Any] = []
        self._original = model.train_step
        self._watched = [weight for weight in model.trainable_variables if _is_float(weight)]
        self._stateless = keras.backend.backend() == "jax"
        self.renew()

    def renew(self) -> None:
        """Makes the model's train step a new function, as every optimizer needs one.

        JAX keeps what it has compiled by function and shapes: two optimizers whose slots have the same shapes would
        share one compiled step.
        """
        step = self._stateless_step if self._stateless else self._step

        def train_step(*arguments: Any) -> Any:
            return step(*arguments)

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

    def _saw_apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any] | None) -> None:
        compiled = self._model.optimizer
        # On JAX a loss-scaling optimizer calls its inner one alone, in a branch whose values cannot be read outside.
        in_branch = is_loss_scaling(compiled) and optimizer is compiled.inner_optimizer
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
        """The step on backends whose variables change in place."""
        self._norms.clear()
        if self.bare and is_plain(self._model, "train_step"):
            with loss_alone(self._model):
                loss = _mean(loss_in(self._original(data)))
            idle = {id(variable) for metric in self._model.metrics for variable in metric.variables}
        else:
            loss, idle = _mean(loss_in(self._original(data))), set()
        logs = {LOSS: loss, NORM: self._norm(), FINITE: all_finite(self._weights())}
        for variable, value in self._metric_values():
            if id(variable) not in idle:
                variable.assign(value)
        return logs

    def _stateless_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """The step on JAX, whose state comes in and goes out."""
        self._norms.clear()
        logs, (trainable, non_trainable, slots, metrics) = self._original(state, data)
        initial = {id(variable): value for variable, value in self._metric_values()}
        fresh = [
            np.asarray(initial[id(variable)]) if id(variable) in initial else value
            for variable, value in zip(self._model.metrics_variables, metrics, strict=True)
        ]
        recorded = {LOSS: _mean(loss_in(logs)), NORM: self._norm(), FINITE: all_finite(trainable)}
        return recorded, (trainable, non_trainable, slots, fresh)

    def _metric_values(self) -> list[tuple[Any, Any]]:
        return metric_values() if self.metrics is None else self.metrics

    def _weights(self) -> list[Any]:
        return [weight for weight in self._model.trainable_variables if _is_float(weight)]

    def _norm(self) -> Any:
        """The norm over all gradients that were applied in this step; zero where it cannot be seen."""
        from keras import ops

        norms, self._norms = self._norms, []
        self.has_norm = bool(norms) and all(_is_reachable(norm) for norm in norms)
        if not self.has_norm:
            return ops.zeros(())
        squares = [ops.square(norm) for norm in norms]
        return ops.sqrt(sum(squares[1:], start=squares[0]))


def is_plain(model: Any, step: str) -> bool:
    """Whether a step is Keras's own, so that the model's metrics are known to have no part in it."""
    import keras

    names = (step, "compute_metrics", "get_metrics_result")
    return all(getattr(type(model), name) is getattr(keras.Model, name) for name in names)


class KeptLoss:
    """Stands for the metric that averages the loss, and keeps the loss of one batch with its weight in the average."""

    def __init__(self) -> None:
        self.loss: Any = None
        self.weight: Any = None

    def update_state(self, loss: Any, sample_weight: Any = None) -> None:
        """Takes both."""
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


def _is_reachable(norm: Any) -> bool:
    """Whether a norm can be read here: one of a TensorFlow function inside the step belongs to that function."""
    graph = getattr(norm, "graph", None)
    if graph is None:
        return True
    import tensorflow as tf

    return graph is tf.compat.v1.get_default_graph()


def _mean(loss: Any) -> Any:
    """The loss as a scalar; a step may return one value for each sample."""
    from keras import ops

    loss = ops.cast(ops.convert_to_tensor(loss), "float32")
    return loss if loss.shape == () else ops.mean(loss)


def _is_float(weight: Any) -> bool:
    return "float" in str(weight.dtype)


def metric_values() -> list[tuple[Any, Any]]:
    """Every variable of every live metric with the value that a reset gives it."""
    import keras

    found: dict[int, tuple[Any, Any]] = {}
    for metric in instances(keras.metrics.Metric):
        for variable in metric.variables:
            found.setdefault(id(variable), (variable, np.zeros(variable.shape, _numpy_type(variable))))
    return list(found.values())


def _numpy_type(variable: Any) -> str:
    return "float32" if "bfloat" in str(variable.dtype) else str(variable.dtype)


def recording_callback(
    recorder: CurveRecorder, *, stray_metrics: Sequence[tuple[Any, Any]], carried: Sequence[Any]
) -> Any:
    """A Keras callback that hands each step's numbers to a recorder and ends fit when it says so.

    `stray_metrics` are variables of metrics that Keras does not set back after a validation, with their first values;
    `carried` are variables that shall be after a validation what they were before it.
    """
    import keras

    before: list[Any] = []

    class Recording(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            for variable, value in stray_metrics:
                write(variable, value)
            recorder.epoch_begins()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch
            numbers = (float(np.asarray(logs[key])) for key in (LOSS, NORM, FINITE))
            if recorder.step(*numbers):
                self.model.stop_training = True

        def on_test_begin(self, logs: Any = None) -> None:
            del logs
            before[:] = [read(variable) for variable in carried]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del epoch
            for variable, value in zip(carried, before, strict=False):
                write(variable, value)
            val = {key.removeprefix("val_"): value for key, value in (logs or {}).items() if key.startswith("val_")}
            if val:
                recorder.validation(float(np.asarray(loss_in(val))))

    return Recording()
