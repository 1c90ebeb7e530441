"""Facts about the model: its layers, what takes its inputs, and what computes its outputs."""

import math
from collections.abc import Container, Iterable, Iterator
from typing import Any

import numpy as np

from sweeper.capture import SourceLines, path_of, read
from sweeper.checks.diagnose import InputFacts, LayerFacts, ModelFacts, Shape
from sweeper.checks.worker._wiring import Wiring

_SCALING = {
    *("Normalization", "Rescaling", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
    *("UnitNormalization", "SpectralNormalization", "TextVectorization", "StringLookup", "IntegerLookup", "Hashing"),
    *("CategoryEncoding", "Discretization", "FeatureSpace", "Lambda", "MelSpectrogram", "STFTSpectrogram"),
}
"""Layers after which values no longer have the scale of the data."""
_PASSING = {
    *("InputLayer", "Flatten", "Reshape", "Permute", "RepeatVector", "Masking", "Dropout", "SpatialDropout1D"),
    *("SpatialDropout2D", "GaussianNoise", "ZeroPadding1D", "ZeroPadding2D", "Cropping2D", "Resizing", "CenterCrop"),
    *("RandomFlip", "RandomRotation", "RandomZoom", "RandomCrop", "RandomTranslation", "RandomContrast", "Concatenate"),
    *("MaxPooling1D", "MaxPooling2D", "AveragePooling2D", "UpSampling2D", "Identity", "Activation"),
}
"""Layers that leave the scale of their input as it is, or nearly so."""
_NORMALISING = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization"}
_SHAPING = {"Flatten", "Reshape", "Permute", "Dropout", "Identity", "RepeatVector", "Cropping2D", "ZeroPadding2D"}
"""Layers behind an output that do not change what its values mean."""
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "Softmax": "softmax",
    "ELU": "elu",
    "PReLU": "leaky_relu",
}
_LINEAR_CONVOLUTIONS = ("Conv", "Dense", "DepthwiseConv", "SeparableConv", "EinsumDense")
_MOST_READ = 1 << 24
"""Numbers of a kernel up to which it is looked at whether they are all the same."""


def plain_model(model: Any) -> ModelFacts:
    """The facts that any model has, even one that is not built."""
    import keras

    kind = type(model)
    known = kind.__module__.startswith("keras.")
    own_step = any(
        getattr(kind, name, None) is not getattr(keras.Model, name, None)
        for name in ("train_step", "compute_loss", "compute_own_loss")
    )
    weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    words = (
        weights.values() if isinstance(weights, dict) else weights if isinstance(weights, list | tuple) else [weights]
    )
    return ModelFacts(
        name=str(model.name),
        kind=kind.__name__,
        own_step=own_step and not known,
        compiled=bool(model.compiled),
        text_weights=tuple(word for word in words if isinstance(word, str)),
    )


def not_finite(model: Any) -> tuple[str, ...]:
    """Names of weights that hold NaN or infinity."""
    names = []
    for weight in model.weights:
        values = read(weight)
        if values.dtype.kind == "f" and values.size and not np.isfinite(values.sum(dtype=np.float64)):
            names.append(path_of(weight))
    return tuple(names)


def size_of(weight: Any) -> int:
    """Numbers in a weight."""
    return int(np.prod(weight.shape)) if len(weight.shape) else 1


def flat_layers(model: Any) -> list[Any]:
    """The layers of a model and of those nested in it, in the order in which they were added; without containers."""
    found = model._flatten_layers(include_self=False)  # noqa: SLF001  nested layers included, as Keras walks them
    return [layer for layer in found if not getattr(layer, "layers", None)]


def layer_facts(layer: Any, lines: SourceLines, wiring: Wiring) -> LayerFacts:
    """The facts of a layer."""
    declared = getattr(layer, "_input_shape_arg", None)
    weights = [weight for weight in getattr(layer, "_trainable_variables", []) if hasattr(weight, "shape")]
    initializer = getattr(layer, "input_dim", None)
    return LayerFacts(
        name=str(layer.name),
        kind=type(layer).__name__,
        location=lines.of_layer(layer),
        activation=activation_of(layer),
        weights=sum(math.prod(weight.shape) for weight in weights),
        trainable=bool(layer.trainable),
        input_shape=_tensor_shape(layer, "input"),
        output_shape=_tensor_shape(layer, "output"),
        declared_shape=(None, *_shape(declared)) if isinstance(declared, tuple | list) else None,
        rate=float(layer.rate) if isinstance(getattr(layer, "rate", None), int | float) else None,
        input_dim=int(initializer) if isinstance(initializer, int) else None,
        mask_zero=bool(layer.mask_zero) if hasattr(layer, "mask_zero") else None,
        constant_kernel=_constant_kernel(layer),
        taken_by=_taken_by(layer, wiring),
        compute_dtype=str(getattr(layer, "compute_dtype", "") or ""),
    )


def _taken_by(layer: Any, wiring: Wiring) -> tuple[str, ...]:
    """Class names of the layers that use the output of a layer; `output` where it is the model's own output."""
    kinds: set[str] = set()
    for tensor in wiring.given_by(layer):
        for user in _first_users(tensor, wiring, passing=_PASSING | _NORMALISING, seen=set()):
            kinds.add(type(user).__name__ if user is not None else "output")
    return tuple(sorted(kinds))


def _shape(shape: Iterable[Any]) -> Shape:
    return tuple(None if size is None else int(size) for size in shape)


def _tensor_shape(layer: Any, end: str) -> Shape | None:
    """The shape of a layer's only input or output; None where there is no single one."""
    try:
        return _shape(getattr(layer, end).shape)
    except (AttributeError, ValueError, TypeError, RuntimeError):
        return None


def activation_of(layer: Any) -> str:
    """The name of a layer's activation; empty for a layer without one."""
    kind = type(layer).__name__
    if kind in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[kind]
    if kind == "TimeDistributed" and hasattr(layer, "layer"):
        return activation_of(layer.layer)
    function = getattr(layer, "activation", None)
    if function is None:
        return ""
    return str(getattr(function, "__name__", "") or type(function).__name__).lower()


def _constant_kernel(layer: Any) -> float | None:
    kernel = getattr(layer, "_kernel", None)
    if kernel is None or not hasattr(kernel, "shape") or not 1 < math.prod(kernel.shape) <= _MOST_READ:
        return None
    values = read(kernel).astype(np.float64)
    return float(values.flat[0]) if bool((values == values.flat[0]).all()) else None


def inputs_of(model: Any, wiring: Wiring) -> tuple[InputFacts, ...]:
    """The inputs of a built model; empty where they are not known."""
    tensors = getattr(model, "inputs", None) or ()
    return tuple(_input_facts(tensor, wiring) for tensor in tensors)


def _input_facts(tensor: Any, wiring: Wiring) -> InputFacts:
    found = _first_users(tensor, wiring, passing=_PASSING, seen=set())
    users = [user for user in found if user is not None]
    embeddings = [layer for layer in users if type(layer).__name__ == "Embedding"]
    return InputFacts(
        name=str(tensor.name),
        shape=_shape(tensor.shape),
        dtype=str(tensor.dtype),
        embedded=min(int(layer.input_dim) for layer in embeddings) if users and embeddings else None,
        normalised=not users or any(_scales(layer) for layer in users),
    )


def _operation_of(tensor: Any) -> Any:
    return tensor._keras_history.operation  # noqa: SLF001  how Keras's graph of layers is read


def _first_users(tensor: Any, wiring: Wiring, *, passing: Container[str], seen: set[int]) -> Iterator[Any]:
    """The layers that use a tensor, beyond layers that only pass it on.

    None stands for the end of the model, where it gives the tensor as it is.
    """
    if wiring.is_output(tensor):
        yield None
    for node in wiring.takers(tensor):
        if id(node) in seen:
            continue
        seen.add(id(node))
        user = node.operation
        if type(user).__name__ in passing and not activation_of(user):
            for given in node.output_tensors:
                yield from _first_users(given, wiring, passing=passing, seen=seen)
        else:
            yield user


def _scales(layer: Any) -> bool:
    """Whether the scale of the data is no longer known after a layer: it normalises, or its effect is not known."""
    kind = type(layer).__name__
    if kind in _SCALING:
        return True
    known = kind.startswith(_LINEAR_CONVOLUTIONS) or kind in {"LSTM", "GRU", "SimpleRNN", "Bidirectional", "Embedding"}
    if not known:
        return True
    after = [node.operation for node in getattr(layer, "_outbound_nodes", ())]
    return any(type(user).__name__ in {"BatchNormalization", "LayerNormalization"} for user in after)


def output_of(tensor: Any) -> tuple[Any, str]:
    """The layer that computes the values of an output, and its activation; None and empty where not known."""
    operation = _operation_of(tensor)
    for _ in range(20):
        if getattr(operation, "outputs", None) and getattr(operation, "layers", None):
            operation = _operation_of(operation.outputs[0])
            continue
        if type(operation).__name__ not in _SHAPING:
            break
        before = operation._inbound_nodes[0].input_tensors if operation._inbound_nodes else []  # noqa: SLF001
        if len(before) != 1:
            return None, ""
        operation = _operation_of(before[0])
    return operation, activation_of(operation)
