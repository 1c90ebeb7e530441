"""Whether the data of a training calls the model that is trained: to find hard samples, or to play a game."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from sweeper.capture._replaced import replaced
from sweeper.capture._sites import own_caller
from sweeper.findings import DATA_ASKS_MODEL, Finding

_WAYS = ("predict", "predict_on_batch", "evaluate", "test_on_batch", "compute_loss", "get_weights")
"""What a script calls on a model beside the model itself."""


@contextlib.contextmanager
def watching_model_calls(model: Any) -> Iterator[list[str]]:
    """Collects the script's lines that call, inside the block, a model or another one that shares its weights.

    Lines that read a weight of it, or a variable of its optimizer such as the count of steps, belong to them.

    Batches that other threads read count as well; those that other processes read do not.
    """
    import keras

    trained = {id(weight) for weight in model.trainable_variables}
    moving = trained | {id(variable) for variable in getattr(model.optimizer, "variables", ())}
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

    value = keras.Variable.value

    def noted_value(variable: Any) -> Any:
        if not places and id(variable) in moving:
            places.append(own_caller(inspect.currentframe()))
        return value.fget(variable)

    holders = [(keras.Layer, "__call__"), *((keras.Model, name) for name in _WAYS)]
    calls = [(holder, name, noted(getattr(holder, name))) for holder, name in holders]
    with replaced([*calls, (keras.Variable, "value", property(noted_value))]):
        yield places


def data_calls_model_finding(place: str) -> Finding:
    """The finding that the batches depend on the model itself."""
    return DATA_ASKS_MODEL.found(
        evidence="While the first batches were drawn, the source of the data called the model, or read its weights "
        "or a variable of its optimizer. Probes train on the batches that the untrained model led to; in the "
        "script later batches depend on how far it has been trained by then.",
        location=place,
        remedy="Read the map as that of a training on the first batches. Where the data changes much as the model "
        "learns, stay well inside the ranges, and look at the loss of the long job early.",
    )
