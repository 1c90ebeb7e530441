"""Collects facts about a fit call before it trains, for the search for its batch size."""

import math
from typing import Any

from sweeper.capture import OwnFit, build, inner, slot_bytes, value_bytes, variable_bytes
from sweeper.engines import device_limit_bytes, training_memory
from sweeper.job import Change
from sweeper.memory import FitFacts, MemoryKind


def build_model(own: OwnFit) -> None:
    """Builds the model of a fit call on a batch of its data, as its first step would, so that its weights exist."""
    build(own.call.model, own.train.taken.samples, own.train.batch_size)


def fit_facts(own: OwnFit, *, before: tuple[Change, ...]) -> FitFacts:
    """The facts about a fit call whose model is built; `before` is what was changed until then."""
    import keras

    model, train, call = own.call.model, own.train, own.call
    optimizer = model.optimizer
    return FitFacts(
        fit_site=call.at.place,
        model=f"{model.name} ({type(model).__name__})",
        parameters=sum(math.prod(weight.shape) for weight in model.weights),
        optimizer=type(inner(optimizer)).__name__ if optimizer is not None else "none",
        batch_size=train.batch_size,
        batch_size_fixed=train.fixed,
        samples=own.samples,
        data=train.kind,
        largest_sample=own.largest.found if own.largest is not None else "",
        sample_bytes=own.largest.nbytes if own.largest is not None else _sample_bytes(own),
        weight_bytes=sum(variable_bytes(weight) for weight in model.weights),
        gradient_bytes=sum(variable_bytes(weight) for weight in model.trainable_variables),
        slot_bytes=slot_bytes(model),
        activation_bytes=activation_bytes(model),
        backend=keras.backend.backend(),
        device="cpu" if training_memory().kind is MemoryKind.HOST else "gpu",
        device_limit_bytes=device_limit_bytes(),
        xla=_uses_xla(model),
        precision=keras.config.dtype_policy().name,
        changes=own.changes() + before,
    )


def _sample_bytes(own: OwnFit) -> int:
    """The mean size of a training sample in bytes."""
    samples = own.train.taken.samples
    count = own.train.batch_size if samples.whole_elements else len(samples)
    return math.ceil(samples.nbytes / max(count, 1))


def _uses_xla(model: Any) -> bool:
    """Whether fit compiles the train step of a model with XLA."""
    import keras

    backend = keras.backend.backend()
    return not model.run_eagerly and (backend == "jax" or (backend == "tensorflow" and bool(model.jit_compile)))


def activation_bytes(model: Any) -> int:
    """The size in bytes of the outputs of all layers for one sample; 0 where not all of their shapes are known."""
    outputs = {
        id(tensor): tensor
        for layer in model._flatten_layers(include_self=False)  # noqa: SLF001  the only way to nested layers
        for node in getattr(layer, "_inbound_nodes", ())
        for tensor in node.output_tensors
    }
    if any(size is None for tensor in outputs.values() for size in tensor.shape[1:]):
        return 0
    return sum(value_bytes(tensor.shape[1:], tensor.dtype) for tensor in outputs.values())
