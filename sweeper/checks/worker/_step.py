"""Facts from one batch on an untrained model: its loss, the gradients of its layers, dead and saturated units."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import (
    DEFAULT_BATCH_SIZE,
    SourceLines,
    State,
    inner,
    is_loss_scaling,
    path_of,
    read,
    schedule_name,
    set_rate,
)
from sweeper.checks.diagnose import BrokenWeights, LayerFacts, LayerStep, StepFacts
from sweeper.checks.worker._data import Data
from sweeper.checks.worker._model import activation_of, flat_layers
from sweeper.checks.worker._nested import as_arrays, first_rows

_Take: TypeAlias = Callable[[Any, Any, Any], tuple[float, list[Any]]]
"""From model, inputs and labels to the loss and its gradient by each trained variable."""
_Outputs: TypeAlias = dict[int, NDArray[Any]]
"""What layers give for the batch, by the identity of the layer."""
FIRST_BATCH = 64
"""Most samples of the batch on which gradients are looked at, and never more than the script's own batch: the look
needs no more memory than a step of the script."""
LEAST_BATCH = 4
"""Fewest samples of that batch: of large images no more are taken; dead units are judged from eight on."""
ELEMENTS_BATCH = 16
"""Samples of the first batch of a pipeline, whose elements may be samples or batches."""
LOOK_VALUES = 1 << 25
"""Most values that layers give for such a batch, 128 MiB in single precision."""
_BETWEEN = {"BatchNormalization", "LayerNormalization", "Dropout"}
"""Layers that may stand between a layer and its activation."""
_NEXT_TO_NOTHING = 1e-6
"""Part of the script's own rate at which an update is tried: what is NaN there is not for a rate too high."""
_FLAT = {"sigmoid": (0.0067, 0.9933), "tanh": (-0.9999, 0.9999)}
"""Outputs beyond which inputs are larger than 5 in size, where the slope is below 1% of its largest (tanh: 0.02%)."""


def first_batch(data: Data, batch_size: int | None, layers: Sequence[LayerFacts]) -> tuple[Any, Any]:
    """The first samples, few enough that the model's outputs for them stay small beside a step of the script."""
    own = ELEMENTS_BATCH if data.of_elements else int(batch_size or DEFAULT_BATCH_SIZE)
    given = sum(math.prod(size or 1 for size in layer.output_shape or ()) for layer in layers)
    count = max(LEAST_BATCH, min(FIRST_BATCH, own, LOOK_VALUES // max(given, 1)))
    return as_arrays(first_rows(data.x, count)), as_arrays(first_rows(data.y, count))


def look_at_batch(model: Any, batch: tuple[Any, Any], lines: SourceLines) -> StepFacts | None:
    """The facts of a first batch; None where gradients cannot be computed. Leaves every variable as it was."""
    import keras

    take = {"tensorflow": _tensorflow_gradients, "jax": _jax_gradients}.get(keras.backend.backend())
    if take is None or getattr(model, "_distribute_strategy", None) is not None or _loses_small_gradients(model):
        return None
    kept = State()
    kept.keep(model.variables)
    if model.optimizer is not None:
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)  # as fit does
        kept.keep(model.optimizer.variables)
    try:
        return _look(model, batch, lines, take)
    finally:
        kept.restore()


def _loses_small_gradients(model: Any) -> bool:
    """Whether gradients are taken in half precision, where only the optimizer's loss scale keeps them above 0."""
    return any(getattr(layer, "compute_dtype", "") == "float16" for layer in flat_layers(model))


def _look(model: Any, batch: tuple[Any, Any], lines: SourceLines, take: _Take) -> StepFacts:
    import keras

    x, y = (keras.tree.map_structure(keras.ops.convert_to_tensor, part) for part in batch)
    loss, gradients = take(model, x, y)
    by_variable = {
        id(variable): None if gradient is None else np.asarray(getattr(gradient, "values", gradient))
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True)
    }
    kernels = [(layer, _kernel_of(layer)) for layer in flat_layers(model)]
    seen = [(layer, kernel) for layer, kernel in kernels if kernel is not None and id(kernel) in by_variable]
    outputs = _outputs_of(model, [_activated(layer) for layer, _ in seen], x)
    steps = tuple(_layer_step(layer, kernel, by_variable[id(kernel)], outputs, lines) for layer, kernel in seen)
    samples = int(keras.tree.flatten(x)[0].shape[0] or 0)
    broken = _broken(model, gradients, by_variable) if np.isfinite(loss) else None
    return StepFacts(loss=loss, layers=steps, samples=samples, broken=broken)


def _broken(model: Any, gradients: list[Any], by_variable: dict[int, Any]) -> BrokenWeights | None:
    """The weights that one update makes NaN or infinite at a rate of nearly 0. Moves the weights."""
    variables = model.trainable_variables
    numbers = [by_variable[id(variable)] for variable in variables]
    bad = [
        variable
        for variable, gradient in zip(variables, numbers, strict=True)
        if gradient is not None and not np.isfinite(gradient).all()
    ]
    by_gradient = bool(bad)
    if not by_gradient and any(gradient is not None for gradient in gradients):
        bad = _ruined_by(model.optimizer, gradients, variables)
    if not bad:
        return None
    first = by_variable[id(bad[0])]
    zeros = float((first == 0).mean()) if first is not None else 0.0
    return BrokenWeights(names=tuple(path_of(variable) for variable in bad), by_gradient=by_gradient, zeros=zeros)


def _ruined_by(optimizer: Any, gradients: list[Any], variables: list[Any]) -> list[Any]:
    """The variables that are not finite after an update by an optimizer of Keras; none for others."""
    if optimizer is None or is_loss_scaling(optimizer) or not type(optimizer).__module__.startswith("keras."):
        return []
    finite_before = [variable for variable in variables if np.isfinite(read(variable)).all()]
    if not schedule_name(optimizer):
        set_rate([optimizer], [float(read(inner(optimizer).learning_rate)) * _NEXT_TO_NOTHING])
    optimizer.apply(list(gradients), variables)
    return [variable for variable in finite_before if not np.isfinite(read(variable)).all()]


def _tensorflow_gradients(model: Any, x: Any, y: Any) -> tuple[float, list[Any]]:
    """The loss, and its gradient by each trained variable; None for those that it does not depend on."""
    import tensorflow as tf

    def taken(x: Any, y: Any) -> tuple[Any, list[Any]]:
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=None, training=True)
        return loss, tape.gradient(loss, [variable.value for variable in model.trainable_variables])

    # Step by step a recurrent layer takes seconds; as a graph, its steps are one loop.
    loss, gradients = (tf.function(taken) if any(map(_is_recurrent, flat_layers(model))) else taken)(x, y)
    return float(loss), gradients


def _jax_gradients(model: Any, x: Any, y: Any) -> tuple[float, list[Any]]:
    """The loss and its gradients with JAX, which are 0 for variables that the loss does not depend on."""
    import jax

    state = [
        [variable.value for variable in group]
        for group in (model.trainable_variables, model.non_trainable_variables, model.metrics_variables)
    ]
    # Compiled: operation by operation, JAX compiles each by itself, which takes longer.
    taken = jax.jit(jax.value_and_grad(partial(model.compute_loss_and_updates, training=True), has_aux=True))
    slots = [variable.value for variable in model.optimizer.variables]
    (loss, _), found = taken(*state, x, y, None, optimizer_variables=slots)
    return float(loss), list(found)


def _is_recurrent(layer: Any) -> bool:
    return hasattr(layer, "return_sequences")


def _activated(layer: Any) -> Any:
    """The layer that applies the activation of a layer: itself, or an `Activation` or `ReLU` right after it."""
    found = layer
    while activation_of(found) in {"", "linear"}:
        # A Sequential calls its layers again with every layer that is added.
        users = {id(node.operation): node.operation for node in getattr(found, "_outbound_nodes", ())}
        if len(users) != 1:
            return layer
        (found,) = users.values()
        if type(found).__name__ not in {*_BETWEEN, "Activation", "ReLU"}:
            return layer
    return found


def _kernel_of(layer: Any) -> Any:
    """The kernel of a layer, which it multiplies its inputs by; None without one."""
    for name in ("_kernel", "kernel", "_embeddings", "depthwise_kernel", "recurrent_kernel"):
        found = getattr(layer, name, None)
        if found is not None and hasattr(found, "shape"):
            return found
    return None


def _outputs_of(model: Any, layers: Sequence[Any], x: Any) -> _Outputs:
    """The outputs of layers with a ReLU, sigmoid or tanh for a batch, in a model that is a graph of layers."""
    import keras

    # What a recurrent layer gives is a product of its activations; the ends of the output's range are no fault.
    hidden = [layer for layer in layers if not _is_recurrent(layer) and activation_of(layer) in {"relu", *_FLAT}]
    ids = {id(layer) for layer in hidden if layer is not layers[-1] or activation_of(layer) == "relu"}
    graph = getattr(model, "_functional", None) or model  # a Sequential keeps its graph inside
    nodes = (node for depth in getattr(graph, "_nodes_by_depth", {}).values() for node in depth)
    outputs = {id(node.operation): node.output_tensors[0] for node in nodes if id(node.operation) in ids}
    if not outputs:
        return {}
    shown = keras.Model(model.inputs, list(outputs.values()))
    found = shown.predict_on_batch(x) if any(map(_is_recurrent, shown.layers)) else shown(x, training=False)
    found = found if isinstance(found, list | tuple) else [found]
    return {number: np.asarray(value) for number, value in zip(outputs, found, strict=True)}


def _layer_step(layer: Any, kernel: Any, gradient: Any, outputs: _Outputs, lines: SourceLines) -> LayerStep:
    activated = _activated(layer)
    activation, values = activation_of(activated), outputs.get(id(activated))
    return LayerStep(
        name=str(layer.name),
        location=lines.of_layer(layer),
        activation=activation,
        weight_norm=float(np.linalg.norm(read(kernel).astype(np.float64))),
        gradient_norm=None if gradient is None else float(np.linalg.norm(gradient.astype(np.float64))),
        dead=_dead(values) if values is not None and activation == "relu" else None,
        saturated=_saturated(values, activation) if values is not None and activation in _FLAT else None,
    )


def _dead(values: NDArray[Any]) -> float:
    """The share of a layer's units (or channels) that are 0 for all samples and positions."""
    return float((values.reshape(-1, values.shape[-1]) <= 0).all(axis=0).mean())


def _saturated(values: NDArray[Any], activation: str) -> float:
    low, high = _FLAT[activation]
    return float(((values < low) | (values > high)).mean())
