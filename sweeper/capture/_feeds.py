"""Which feed a fit call has, and at which batch size its script trains."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture._array_feed import ArrayFeed
from sweeper.capture._feed import AbstractFeed
from sweeper.capture._fixed_feed import FixedFeed
from sweeper.capture._job import Call, arrays_batch_size, fit_batch_size, let_keras_check, why_fixed
from sweeper.capture._pipeline_feed import PipelineFeed
from sweeper.capture._python_feeds import GeneratorFeed, LoaderFeed, PyDatasetFeed, Replay
from sweeper.capture._sources import (
    Bounds,
    TakenData,
    UnusableData,
    is_array_like,
    is_loader,
    is_py_dataset,
    is_tf_dataset,
    take_arrays,
    take_elements,
)

_LOOK = Bounds(nbytes=1 << 28, samples=32, steps=1)
"""How much is taken to look at: a batch of Keras's default size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitData:
    """The training or validation data of a fit call, with what is known of them."""

    feed: AbstractFeed
    taken: TakenData
    """A few samples, with what is known of their source."""
    batch_size: int
    """Samples in a step at the fit site."""
    fixed: str
    """Why other batch sizes cannot be made; empty when they can."""


def training_data(call: Call) -> FitData:
    """The training data of a fit call; raises `UnusableData`, or what Keras raises on a faulty call."""
    if is_array_like(call.arguments["x"]):
        return _array_data(call)
    return _batch_data(call.arguments["x"], call.model)


def validation_data(call: Call) -> FitData | None:
    """The validation data of a fit call where it comes in batches; None for arrays and where there is none."""
    data = call.arguments["validation_data"]
    if data is None or isinstance(data, tuple | list) or is_array_like(data):
        return None
    return _batch_data(data, call.model)


def _array_data(call: Call) -> FitData:
    arguments = call.arguments
    let_keras_check(arguments)
    x, y, weight = (arguments[name] for name in ("x", "y", "sample_weight"))
    taken = take_arrays(x, y, weight, _LOOK, keep_order=True)
    available = taken.available or 0
    split = float(arguments["validation_split"] or 0.0) if arguments["validation_data"] is None else 0.0
    taken = replace(taken, available=int(available * (1.0 - split)))
    feed = ArrayFeed(arguments, available=available, samples=taken.available or 0)
    return FitData(
        feed=feed,
        taken=taken,
        batch_size=fit_batch_size(call.model, taken.samples, arrays_batch_size(arguments, x)),
        fixed=why_fixed(call.model),
    )


def _batch_data(source: Any, model: Any) -> FitData:
    kind, make, give = _kind(source)
    elements = give.look() if isinstance(give, Replay) else iter(give)
    first = next(elements, None)
    if first is None:
        raise UnusableData(f"the {kind} is empty")
    shapes = tuple(tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ())
    taken = replace(take_elements(iter([first]), _LOOK, input_shapes=shapes), kind=kind, available=None)
    fixed = taken.whole_reason or why_fixed(model)
    if "Distributed" in type(source).__name__:
        fixed = "the data is a distributed dataset, whose batches were made for the script's own batch size"
    own = fit_batch_size(model, taken.samples, taken.batch_size)
    feed = FixedFeed(lambda: _as_fit_takes(give)) if fixed else make(give, own)
    return FitData(feed=feed, taken=taken, batch_size=own, fixed=fixed)


def _kind(source: Any) -> tuple[str, Callable[[Any, int], AbstractFeed], Any]:
    """What the source is, how its feed is made, and what it is made of."""
    if is_tf_dataset(source):
        return "tf.data pipeline", PipelineFeed, source
    if is_py_dataset(source):
        return "PyDataset", PyDatasetFeed, source
    if is_loader(source):
        return "data loader", LoaderFeed, source
    return "generator", GeneratorFeed, Replay(source)


def _as_fit_takes(source: Any) -> Any:
    # Keras takes nothing but generators for iterators.
    return (element for element in source) if isinstance(source, Replay) else source
