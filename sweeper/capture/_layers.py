"""What the layers of a model say of it as a whole."""

import contextlib
from collections.abc import Iterator
from typing import Any


def is_built(model: Any) -> bool:
    """Whether all layers have their weights."""
    return all(layer.built for layer in model._flatten_layers())  # noqa: SLF001  what Keras itself asks


def is_stateful(model: Any) -> bool:
    """Whether a layer keeps its state from batch to batch."""
    return any(getattr(layer, "stateful", False) is True for layer in model._flatten_layers())  # noqa: SLF001


def metric_variables(model: Any) -> set[int]:
    """The variables of a model's metrics, by their identity."""
    return {id(variable) for metric in model.metrics for variable in metric.variables}


@contextlib.contextmanager
def same_weights_train(model: Any) -> Iterator[None]:
    """Lets the same layers and weights be trained after the block as before it."""
    items = [*model._flatten_layers(), *[variable for variable in model.variables if hasattr(variable, "_trainable")]]  # noqa: SLF001
    before = [(item, item._trainable) for item in items]  # noqa: SLF001
    try:
        yield
    finally:
        for item, trains in before:
            if item._trainable != trains:  # noqa: SLF001
                item._trainable = trains  # noqa: SLF001  the setter of a layer also sets those inside
