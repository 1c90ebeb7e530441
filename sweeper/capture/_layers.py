"""What the layers of a model say of it as a whole."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from sweeper.capture._live import instances


def is_built(model: Any) -> bool:
    """Whether all layers have their weights."""
    return all(layer.built for layer in model._flatten_layers())  # noqa: SLF001  what Keras itself asks


def is_stateful(model: Any) -> bool:
    """Whether a layer keeps its state from batch to batch."""
    return any(getattr(layer, "stateful", False) is True for layer in model._flatten_layers())  # noqa: SLF001


def runs_eagerly(model: Any) -> bool:
    """Whether each step of a model runs in Python, by its own setting or by TensorFlow's for all functions."""
    if getattr(model, "run_eagerly", False):
        return True
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and bool(tensorflow.config.functions_run_eagerly())


def metric_variables(model: Any) -> set[int]:
    """The variables of a model's metrics, by their identity."""
    return {id(variable) for metric in model.metrics for variable in metric.variables}


def has_further_metrics() -> bool:
    """Whether there are metrics that no `compile` has made or was given: code of the script may compute with them."""
    import keras

    known: list[Any] = []
    for model in instances(keras.Model):
        parts = [getattr(model, name, None) for name in ("_loss_tracker", "_compile_metrics", "_compile_loss")]
        known += [*parts, *(metric for part in parts for metric in getattr(part, "metrics", ()))]
    ids = set(map(id, known))
    # Keras holds what `compile` was given in lists that are metrics themselves.
    further = [metric for metric in instances(keras.metrics.Metric) if id(metric) not in ids]
    return any(type(metric).__module__ != "keras.src.trainers.compile_utils" for metric in further)


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
