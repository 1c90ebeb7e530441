"""Whether the data of a training asks the model that is trained: which samples are hard, say, or what it would play."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from sweeper.capture._sites import own_caller
from sweeper.findings import DATA_ASKS_MODEL, Finding

_WAYS = ("predict", "predict_on_batch", "evaluate", "test_on_batch", "compute_loss", "get_weights")
"""What a script calls on a model beside the model itself."""


@contextlib.contextmanager
def watching_questions(model: Any) -> Iterator[list[str]]:
    """Gathers the lines of the script that call a model, or another one with weights of it, inside the block.

    Batches that other threads read count as well; those that other processes read do not.
    """
    import keras

    trained = {id(weight) for weight in model.trainable_variables}
    places: list[str] = []

    def shares(layer: Any) -> bool:
        return any(id(weight) in trained for weight in layer.trainable_variables)

    def noted(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(layer: Any, *arguments: Any, **named: Any) -> Any:
            if not places and shares(layer):
                places.append(own_caller(inspect.currentframe()))
            return original(layer, *arguments, **named)

        return call

    holders = [(keras.Layer, "__call__"), *((keras.Model, name) for name in _WAYS)]
    before = [(holder, name, vars(holder).get(name)) for holder, name in holders]
    try:
        for holder, name in holders:
            setattr(holder, name, noted(getattr(holder, name)))
        yield places
    finally:
        for holder, name, original in before:
            if original is None:
                delattr(holder, name)
            else:
                setattr(holder, name, original)


def asked_finding(place: str) -> Finding:
    """The batches depend on the model itself."""
    return DATA_ASKS_MODEL.found(
        evidence="While the first batches were drawn, the source of the data called the model or read its weights. "
        "Probes train on the batches that the untrained model led to; in the script later batches depend on what it "
        "has learned by then.",
        location=place,
        remedy="Read the map as that of a training on the first batches. Where the data changes much as the model "
        "learns, stay well inside the ranges, and look at the loss of the long job early.",
    )
