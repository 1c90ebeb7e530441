"""Shapes: inputs against the model and its layers, numbers of samples, and padding."""

import math
from collections.abc import Iterator

from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Container, Kind, Shape
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._limits import PADDED
from sweeper.checks.diagnose._model_facts import InputFacts, LayerFacts
from sweeper.checks.diagnose._words import shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity

INPUT_SHAPE = FindingKind("SW101", Severity.ERROR, "the data does not have the shape that the model takes")
BATCH_MISSING = FindingKind("SW102", Severity.ERROR, "the batch dimension is missing")
AXES = FindingKind("SW103", Severity.ERROR, "a layer gets more or fewer axes than it takes")
DECLARED_SHAPE = FindingKind(
    "SW108", Severity.WARNING, "a later layer is made with an input shape that is not what it gets"
)
SAMPLE_COUNTS = FindingKind("SW109", Severity.ERROR, "inputs and labels have different numbers of samples")
UNMASKED_PADDING = FindingKind("SW110", Severity.NOTE, "padded sequences are read without a mask")
SHAPES_DIFFER = FindingKind("SW112", Severity.ERROR, "two shapes do not fit together")

_RECURRENT = {"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"}


def pairs_of(facts: Facts) -> Iterator[tuple[ArrayFacts, InputFacts]]:
    """Each array of inputs with the input of the model that takes it; none where they cannot be matched."""
    if len(facts.inputs) == len(facts.model.inputs):
        yield from zip(facts.inputs, facts.model.inputs, strict=True)


def _inputs_unknown(facts: Facts) -> NotApplicable | None:
    if not facts.model.inputs:
        return NotApplicable(why="the model does not tell the shapes of its inputs")
    if len(facts.inputs) != len(facts.model.inputs):
        return NotApplicable(why="the data could not be matched with the inputs of the model")
    return None


@check(SAMPLE_COUNTS, about="as many labels as inputs", rank=Rank.REFUSED, explains=(SHAPES_DIFFER,))
def sample_counts(facts: Facts) -> Answer:
    """Inputs and labels of different numbers of samples."""
    arrays = [array for array in (*facts.inputs, *facts.labels) if array.container is not Container.ELEMENTS]
    counts = {array.name: array.samples for array in arrays if array.samples is not None}
    if len(counts) < 2:  # noqa: PLR2004  one alone cannot differ
        return NotApplicable(why="there are no two arrays to compare")
    if len(set(counts.values())) == 1:
        return None
    listed = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    return SAMPLE_COUNTS.found(
        evidence=f"Samples: {listed}.",
        location=facts.call.location,
        remedy="Every sample needs its label: look where rows are dropped, split or windowed, and do the same to both.",
    )


@check(INPUT_SHAPE, BATCH_MISSING, about="shape of the inputs", rank=Rank.REFUSED, explains=(AXES, SHAPES_DIFFER))
def input_shape(facts: Facts) -> Answer:
    """Samples of another shape than the model takes."""
    if (unknown := _inputs_unknown(facts)) is not None:
        return unknown
    for array, taken in pairs_of(facts):
        if (
            array.lengths is None
            and array.kind not in {Kind.TEXT, Kind.OBJECT}
            and array.container is not Container.LIST
        ):
            found = _misfit(array, taken, facts)
            if found is not None:
                return found
    return None


def _misfit(array: ArrayFacts, taken: InputFacts, facts: Facts) -> Finding | None:
    got, wanted, location = array.sample_shape, taken.shape[1:], facts.call.location
    if agree(wanted, got) or _keras_adds_or_drops_last(wanted, got):
        return _added_axis(array, wanted, location) if len(got) == len(wanted) - 1 and len(wanted) > 1 else None
    seen = f"{array.name} has shape {shape_text(array.shape)}: samples of shape {shape_text(got)}. The model takes "
    seen += f"samples of shape {shape_text(wanted)}."
    # As many labels as rows: the rows are samples, and it is another axis that is missing.
    rows_are_samples = any(labels.samples == array.samples for labels in facts.labels)
    if len(got) == len(wanted) - 1 and agree(wanted, array.shape) and not rows_are_samples:
        return BATCH_MISSING.found(
            title=f"the batch dimension of {array.name} is missing",
            evidence=seen,
            location=location,
            remedy=f"One sample still is a batch of one: give {array.name}[None, ...], of shape {(1, *array.shape)}.",
        )
    return INPUT_SHAPE.found(
        title=f"{array.name} does not have the shape that the model takes: {_difference(got, wanted)}",
        evidence=seen,
        location=location,
        remedy=_shape_remedy(array.name, got, wanted),
    )


def agree(wanted: Shape, got: Shape) -> bool:
    """Whether two shapes are equal where both are known."""
    return len(wanted) == len(got) and all(a is None or b is None or a == b for a, b in zip(wanted, got, strict=True))


def _keras_adds_or_drops_last(wanted: Shape, got: Shape) -> bool:
    """Whether Keras 3 makes the shapes equal by itself, by a last axis of length 1."""
    dropped = len(got) == len(wanted) + 1 and got[-1] == 1 and agree(wanted, got[:-1])
    added = len(got) == len(wanted) - 1 and wanted[-1] == 1 and agree(wanted[:-1], got)
    return dropped or added


def _added_axis(array: ArrayFacts, wanted: Shape, location: str) -> Finding:
    what = "channel" if len(wanted) > 2 else "feature"  # noqa: PLR2004  more axes than time and features: an image
    return INPUT_SHAPE.found(
        severity=Severity.WARNING,
        title=f"the {what} axis of {array.name} is missing: {with_batch(array.sample_shape)} for {with_batch(wanted)}",
        evidence=f"{array.name} has shape {shape_text(array.shape)}, the model takes {with_batch(wanted)}. Keras 3 "
        "adds a last axis of length 1 by itself; Keras 2, a layer called by hand and other data (validation, predict) "
        "fail.",
        location=location,
        remedy=f"Add it yourself: {array.name} = {array.name}[..., None].",
    )


def _difference(got: Shape, wanted: Shape) -> str:
    if len(got) == len(wanted) - 1:
        if agree(wanted[:-1], got):
            return f"the last axis ({'channels' if len(wanted) > 2 else 'features'}) is missing"  # noqa: PLR2004
        return f"{with_batch(got)} for {with_batch(wanted)}, one axis too few"
    if len(got) != len(wanted):
        return f"{with_batch(got)} for {with_batch(wanted)}, {len(got) + 1} axes instead of {len(wanted) + 1}"
    if len(got) == 1:
        return f"{got[0]} features instead of {wanted[0]}"
    return f"{with_batch(got)} for {with_batch(wanted)}"


def _shape_remedy(name: str, got: Shape, wanted: Shape) -> str:
    if len(got) == len(wanted) - 1 and agree(wanted[:-1], got):
        if wanted[-1] == 3:  # noqa: PLR2004  red, green, blue
            return (
                f"Grey images for a model of colour images: take Input({shape_text((*got, 1))}) and {name}[..., None], "
                f"or repeat the channel with np.repeat({name}[..., None], 3, axis=-1)."
            )
        return f"Reshape the data so that each sample has shape {shape_text(wanted)}."
    if len(got) == len(wanted) and len(got) > 1 and sorted(map(str, got)) == sorted(map(str, wanted)):
        return f"The same lengths in another order: use np.moveaxis({name}, ...) or give that order to Input."
    if None not in wanted and math.prod(size or 0 for size in got) == math.prod(size or 0 for size in wanted):
        return f"As many numbers in another form: {name} = {name}.reshape({shape_text((-1, *wanted))})."
    return f"Make the model for the data, with Input({shape_text(got)}), or give data of that shape."


@check(DECLARED_SHAPE, about="shapes given to later layers", rank=Rank.HARMFUL)
def declared_shapes(facts: Facts) -> Answer:
    """A later layer made with an input shape that is not what it gets."""
    if not facts.model.layers:
        return NotApplicable(why="the layers of the model are not known")
    for layer in facts.model.layers:
        declared, real = layer.declared_shape, layer.input_shape
        if declared is not None and real is not None and not agree(declared[1:], real[1:]):
            return _wrongly_declared(layer, declared, real, facts)
    return None


def _wrongly_declared(layer: LayerFacts, declared: Shape, real: Shape, facts: Facts) -> Finding:
    return DECLARED_SHAPE.found(
        title=f"layer {layer.name} is made for input of shape {shape_text(declared[1:])}, but gets "
        f"{shape_text(real[1:])}",
        evidence=f"{layer.kind} was given input_shape={shape_text(declared[1:])}. Only the first layer of a model has "
        f"an input shape of its own; this one gets the output of the layer before it, {shape_text(real)}. Keras 3 "
        "ignores the argument without a word, other versions raise.",
        location=layer.location or facts.call.location,
        remedy="Leave input_shape out of every layer but the first; keras.Input as the first entry says it best.",
    )


@check(UNMASKED_PADDING, about="padding without a mask", rank=Rank.MINOR)
def padding(facts: Facts) -> Answer:
    """Sequences filled up with zeros that a recurrent layer reads as if they were data."""
    recurrent = any(layer.kind in _RECURRENT for layer in facts.model.layers)
    embeddings = [layer for layer in facts.model.layers if layer.kind == "Embedding"]
    if not recurrent or not embeddings:
        return NotApplicable(why="no recurrent layer reads an embedding")
    filled = max((array.trailing_zeros for array in facts.inputs), default=0.0)
    if filled < PADDED or any(layer.mask_zero for layer in embeddings):
        return None
    return UNMASKED_PADDING.found(
        title="sequences are padded at the end, and the padding is not masked",
        evidence=f"{filled:.0%} of the positions are zeros at the end of a sequence; the embedding has "
        "mask_zero=False, so the recurrent layer reads them all after the last word.",
        location=embeddings[0].location or facts.call.location,
        remedy="Use Embedding(..., mask_zero=True), with word numbers from 1, or pad in front (padding='pre').",
    )
