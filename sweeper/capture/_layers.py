"""What the layers of a model say of it as a whole."""

from typing import Any


def is_built(model: Any) -> bool:
    """Whether all layers have their weights."""
    return all(layer.built for layer in model._flatten_layers())  # noqa: SLF001  what Keras itself asks


def is_stateful(model: Any) -> bool:
    """Whether a layer keeps its state from batch to batch."""
    return any(getattr(layer, "stateful", False) is True for layer in model._flatten_layers())  # noqa: SLF001
