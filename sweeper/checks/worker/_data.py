"""The data that a fit call is given, as values that can be examined, and the facts of its arrays."""

from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture import DEFAULT_BATCH_SIZE, AbstractBatches, Bounds, Call, FitArguments, Samples, input_shapes
from sweeper.checks.diagnose import ArrayFacts
from sweeper.checks.worker._all_labels import Labels
from sweeper.checks.worker._arrays import summarise
from sweeper.checks.worker._nested import length_of, parts_of

ELEMENTS_SAMPLES = 512
"""Samples that are taken of a pipeline, generator or loader."""
ELEMENTS_BYTES = 1 << 26
"""Most bytes of them, 64 MiB."""
ITERATOR_ELEMENTS = 8
"""Elements that are taken of an iterator, which cannot be begun again; they are put back in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The data that fit is given, as values that can be examined."""

    x: Any
    y: Any
    labels: Labels | None = None
    """More of the labels than those in `y`; None where `y` is all of them."""
    of_elements: bool = False
    """Whether `x` and `y` are some samples of a pipeline, generator or loader."""


def take(call: Call, batches: AbstractBatches) -> Samples:
    """The first samples of a source of batches, of which fit still gets all."""
    elements = None if batches.begins_again else ITERATOR_ELEMENTS
    bounds = Bounds(nbytes=ELEMENTS_BYTES, samples=ELEMENTS_SAMPLES, elements=elements)
    taken = batches.taken(bounds, shapes=input_shapes(call.model))
    call.arguments.values["x"] = batches.as_fit_takes_it()
    return taken.samples


def input_summaries(data: Data) -> tuple[ArrayFacts, ...]:
    """The facts of each array of inputs."""
    return _summaries("x", data.x, of_elements=data.of_elements)


def label_summaries(data: Data) -> tuple[ArrayFacts, ...]:
    """The facts of each array of labels, of all of them where more are known than those of the samples."""
    if data.labels is None:
        return _summaries("y", data.y, of_elements=data.of_elements)
    found = _summaries("y", data.labels.values, of_elements=data.of_elements)
    return tuple(replace(array, beginning=not data.labels.fair) for array in found)


def _summaries(name: str, value: Any, *, of_elements: bool) -> tuple[ArrayFacts, ...]:
    return tuple(summarise(part, item, of_elements=of_elements) for part, item in parts_of(name, value))


def in_order(inputs: tuple[ArrayFacts, ...], model: Any) -> tuple[ArrayFacts, ...]:
    """Inputs that are given by name, in the order of the model's inputs."""
    names = [f"x[{str(tensor.name)!r}]" for tensor in getattr(model, "inputs", None) or ()]
    by_name = {array.name: array for array in inputs}
    return tuple(by_name[name] for name in names) if names and all(name in by_name for name in names) else inputs


def batch_count(arguments: FitArguments, data: Data) -> int | None:
    """Batches of an epoch; None where unknown or endless."""
    x = arguments["x"]
    if data.of_elements:
        size = int(x.cardinality()) if hasattr(x, "cardinality") else -1
        return size if size >= 0 else None
    counts = [count for _, item in parts_of("x", x) if (count := length_of(item)) is not None]
    return -(-counts[0] // int(arguments["batch_size"] or DEFAULT_BATCH_SIZE)) if counts else None
