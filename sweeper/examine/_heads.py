"""Outputs of a model, each with its loss and labels."""

from typing import Any

from sweeper.capture import Places
from sweeper.diagnose import ArrayFacts, HeadFacts, LossFacts, Shape
from sweeper.examine._model import output_of


def heads_of(model: Any, labels: tuple[ArrayFacts, ...], places: Places) -> tuple[HeadFacts, ...]:
    """One for each output of a model that tells them; empty otherwise, or where losses cannot be matched."""
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
                location=places.of_layer(layer) if layer is not None else "",
                loss=loss_facts(loss) if loss is not None else None,
                labels=array,
                metrics=measured,
            )
        )
    return tuple(heads)


def _losses(loss: Any, names: list[str]) -> list[Any]:
    """A loss for each output, None where it has none or cannot be told."""
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
    """The facts of a loss; None where it is none that Keras knows."""
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
