"""The heads of a model: its outputs, each with its loss and labels."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from sweeper.capture import SourceLines
from sweeper.checks.diagnose import ArrayFacts, HeadFacts, LossFacts, Shape
from sweeper.checks.worker._model import activation_of, flat_layers, output_of


def heads_of(model: Any, labels: tuple[ArrayFacts, ...], lines: SourceLines) -> tuple[HeadFacts, ...]:
    """The heads of a model whose outputs are known; empty for others, or where losses cannot be matched to outputs."""
    tensors = list(getattr(model, "outputs", None) or ())
    if not tensors:
        return ()
    names = [str(name) for name in getattr(model, "output_names", None) or [tensor.name for tensor in tensors]]
    losses = _losses(getattr(model, "loss", None), names)
    matched = _by_output(labels, names)
    metrics = _metrics(model, names)
    heads = []
    for tensor, name, loss, array, measured in zip(tensors, names, losses, matched, metrics, strict=True):
        layer, activation = output_of(tensor)
        shape: Shape = tuple(None if size is None else int(size) for size in tensor.shape)
        heads.append(
            HeadFacts(
                name=name,
                shape=shape,
                activation=activation,
                layer=str(layer.name) if layer is not None else name,
                location=lines.of_layer(layer) if layer is not None else "",
                loss=loss_facts(loss) if loss is not None else None,
                labels=array,
                metrics=measured,
            )
        )
    return tuple(heads)


def head_by_call(model: Any, x: Any, labels: tuple[ArrayFacts, ...], lines: SourceLines) -> tuple[HeadFacts, ...]:
    """The head of a model whose output is only known when it is called on samples; empty where it has several."""
    made: list[tuple[Any, Any]] = []
    with _watched(flat_layers(model), made):
        output = model(x, training=False)
    loss = getattr(model, "loss", None)
    if not hasattr(output, "shape") or isinstance(loss, dict | list | tuple) or len(labels) > 1:
        return ()
    layer = next((layer for layer, given in reversed(made) if given is output), None)
    return (
        HeadFacts(
            name="output",
            shape=(None, *(int(size) for size in output.shape[1:])),
            activation=activation_of(layer) if layer is not None else "",
            layer=str(layer.name) if layer is not None else "output",
            location=lines.of_layer(layer) if layer is not None else "",
            loss=loss_facts(loss) if loss is not None else None,
            labels=labels[0] if labels else None,
            metrics=_metrics(model, ["output"])[0],
        ),
    )


@contextlib.contextmanager
def _watched(layers: list[Any], made: list[tuple[Any, Any]]) -> Iterator[None]:
    """Records the outputs of each layer while the model is called."""

    def noting(layer: Any, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def noted(*args: Any, **kwargs: Any) -> Any:
            output = call(*args, **kwargs)
            made.append((layer, output))
            return output

        return noted

    # Around Keras, which keeps track of every attribute that is set.
    for layer in layers:
        object.__setattr__(layer, "call", noting(layer, layer.call))
    try:
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


def _losses(loss: Any, names: list[str]) -> list[Any]:
    """The loss of each output, None where there is none or it is not known."""
    if isinstance(loss, dict):
        return [loss.get(name) for name in names]
    if isinstance(loss, list | tuple):
        return list(loss) if len(loss) == len(names) else [None] * len(names)
    return [loss] * len(names)


def _by_output(labels: tuple[ArrayFacts, ...], names: list[str]) -> list[ArrayFacts | None]:
    if len(labels) != len(names):
        return [None] * len(names)
    by_name = {array.name: array for array in labels}
    keys = [f"y[{name!r}]" for name in names]
    return [by_name[key] for key in keys] if all(key in by_name for key in keys) else list(labels)


def loss_facts(loss: Any) -> LossFacts | None:
    """The facts of a loss; None where Keras does not know it."""
    import keras

    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except (ValueError, TypeError):
            return None
    function = getattr(loss, "fn", loss)
    arguments = dict(getattr(loss, "_fn_kwargs", None) or {})
    name = str(getattr(function, "__name__", "") or type(function).__name__)
    own = not str(getattr(function, "__module__", "")).startswith("keras.")
    # A class of labels that is left out may have any number.
    return LossFacts(
        name=name,
        from_logits=bool(arguments.get("from_logits", False)),
        own=own or arguments.get("ignore_class") is not None,
        unaligned=own and isinstance(loss, keras.losses.Loss) and not hasattr(loss, "fn"),
        summed=getattr(loss, "reduction", None) == "sum",
    )


def _metrics(model: Any, names: list[str]) -> list[tuple[str, ...]]:
    """The metrics of each output as they were given to compile."""
    given = getattr(getattr(model, "_compile_metrics", None), "_user_metrics", None)
    if isinstance(given, dict):
        return [_metric_names(given.get(name)) for name in names]
    if isinstance(given, list | tuple) and len(given) == len(names) > 1:
        return [_metric_names(item) for item in given]
    return [_metric_names(given)] * len(names)


def _metric_names(given: Any) -> tuple[str, ...]:
    items = [item for item in (given if isinstance(given, list | tuple) else [given]) if item is not None]
    return tuple(item if isinstance(item, str) else str(getattr(item, "name", "")) for item in items)
