"""Shapes: inputs against the model, labels against its outputs, and what is broadcast without a word."""

import math
from collections.abc import Iterator

from sweeper.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.diagnose._data_facts import ArrayFacts, Container, Kind, Shape
from sweeper.diagnose._facts import Facts
from sweeper.diagnose._limits import PADDED
from sweeper.diagnose._model_facts import HeadFacts, InputFacts, LayerFacts
from sweeper.diagnose._words import shape_text, with_batch
from sweeper.findings import Finding, FindingKind, Severity

INPUT_SHAPE = FindingKind("SW101", Severity.ERROR, "the data does not have the shape that the model takes")
BATCH_MISSING = FindingKind("SW102", Severity.ERROR, "the batch dimension is missing")
AXES = FindingKind("SW103", Severity.ERROR, "a layer gets more or fewer axes than it takes")
LABEL_SHAPE = FindingKind("SW106", Severity.ERROR, "labels do not have the shape of the outputs")
STRETCHED = FindingKind("SW107", Severity.ERROR, "labels are stretched to the shape of the outputs")
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


@check(LABEL_SHAPE, STRETCHED, about="shape of the labels", rank=Rank.REFUSED, explains=(SHAPES_DIFFER,))
def label_shape(facts: Facts) -> Answer:
    """Labels that do not have the shape of the outputs, or have it only after a silent broadcast."""
    heads = [head for head in facts.model.heads if _comparable(head)]
    if not heads:
        return NotApplicable(why="outputs, losses and labels could not be matched, or the loss is the person's own")
    for head in heads:
        found = _label_misfit(head, facts)
        if found is not None:
            return found
    return None


def _comparable(head: HeadFacts) -> bool:
    labels, loss = head.labels, head.loss
    numbers = labels is not None and labels.kind not in {Kind.TEXT, Kind.OBJECT} and labels.lengths is None
    return numbers and loss is not None and labels is not None and labels.container is not Container.LIST


def _label_misfit(head: HeadFacts, facts: Facts) -> Finding | None:
    labels, loss = head.labels, head.loss
    assert labels is not None
    assert loss is not None
    out, got = head.shape[1:], labels.sample_shape
    if loss.own:
        return _own_broadcast(head, facts) if loss.unaligned and (out, got) in {((1,), ()), ((), (1,))} else None
    if loss.name == "sparse_categorical_crossentropy":
        fits = agree(out[:-1], got) or agree((*out[:-1], 1), got)
        return None if fits or _is_one_hot_for(labels, out) else _no_fit(head, facts)
    squeezed_out, squeezed = _one_rank(out, got)
    if loss.name not in _ELEMENTWISE or agree(squeezed_out, squeezed) or _said_by_output_checks(head, got):
        return None
    return _broadcast(head, facts) if _broadcasts(squeezed_out, squeezed) else _no_fit(head, facts)


def _said_by_output_checks(head: HeadFacts, got: Shape) -> bool:
    """Whether labels and units differ in a way for which the checks of labels have better words."""
    assert head.loss is not None
    assert head.labels is not None
    if head.units == 1:
        one_hot = head.labels.one_hot and head.loss.name == "binary_crossentropy"
        return one_hot or head.loss.name == "categorical_crossentropy"
    return head.loss.name in {"categorical_crossentropy", "binary_crossentropy"} and got in {(), (1,)}


_ELEMENTWISE = {
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "binary_crossentropy",
    "categorical_crossentropy",
    "kl_divergence",
    "poisson",
    "hinge",
    "squared_hinge",
}


def _is_one_hot_for(labels: ArrayFacts, out: Shape) -> bool:
    return labels.one_hot and agree(out, labels.sample_shape)


def _one_rank(out: Shape, got: Shape) -> tuple[Shape, Shape]:
    """Both shapes after Keras has made their ranks equal: a last axis of 1 is added to plain numbers, or dropped."""
    if len(out) == len(got) + 1 and out[-1] == 1:
        return (out, (*got, 1)) if not got else (out[:-1], got)
    if len(got) == len(out) + 1 and got[-1] == 1:
        return ((*out, 1), got) if not out else (out, got[:-1])
    return out, got


def _broadcasts(out: Shape, got: Shape) -> bool:
    return len(out) == len(got) and all(
        a is None or b is None or a == b or 1 in (a, b) for a, b in zip(out, got, strict=True)
    )


def _broadcast(head: HeadFacts, facts: Facts) -> Finding:
    labels = head.labels
    assert labels is not None
    out, got = head.shape[1:], labels.sample_shape
    recurrent = len(out) > len(got) or (len(out) > 1 and out[0] != got[0])
    return STRETCHED.found(
        title=f"{labels.name} is stretched to the shape of the outputs: {with_batch(got)} against {with_batch(out)}",
        evidence=f"The model gives {with_batch(out)}, {labels.name} has {shape_text(labels.shape)}. The loss "
        "broadcasts one to the other without a word, so that every output is compared with numbers that are not its "
        "label.",
        location=head.location or facts.call.location,
        remedy="The layer before gives one output for every step: leave return_sequences=True out of the last "
        "recurrent layer, or add Flatten, or give labels for every step."
        if recurrent
        else f"Give the last layer {got[-1] if got else 1} unit(s), or labels of shape {with_batch(out)}.",
    )


def _own_broadcast(head: HeadFacts, facts: Facts) -> Finding:
    labels = head.labels
    assert labels is not None
    return STRETCHED.found(
        severity=Severity.WARNING,
        title=f"a loss of one's own compares {with_batch(labels.sample_shape)} with {with_batch(head.shape[1:])}",
        evidence="y_true - y_pred of shapes (n,) and (n, 1) is a table of n x n differences, each output compared with "
        "every label. Keras gives both one rank for functions and its own losses, but not for a class of one's own.",
        location=facts.call.compiled_at or facts.call.location,
        remedy=f"Give {labels.name} the shape of the outputs: "
        f"{labels.name}.reshape({shape_text((-1, *head.shape[1:]))}).",
    )


def _no_fit(head: HeadFacts, facts: Facts) -> Finding:
    labels, loss = head.labels, head.loss
    assert labels is not None
    assert loss is not None
    out, got = head.shape[1:], labels.sample_shape
    return LABEL_SHAPE.found(
        title=f"{labels.name} does not have the shape of the outputs: {with_batch(got)} for {with_batch(out)}",
        evidence=f"{labels.name} has shape {shape_text(labels.shape)}, layer {head.layer} gives {with_batch(out)}, and "
        f"the loss is {loss.name}.",
        location=head.location or facts.call.location,
        remedy=_label_remedy(head, out, got),
    )


def _label_remedy(head: HeadFacts, out: Shape, got: Shape) -> str:
    assert head.loss is not None
    if len(out) > 1 and len(got) <= 1:
        return (
            "The outputs keep axes of the input: add Flatten() or GlobalAveragePooling before the last Dense, or leave "
            "return_sequences=True out of the last recurrent layer."
        )
    if len(got) == len(out) and len(out) == 1:
        return f"Give the last layer {got[-1]} units, as many as the labels have columns."
    if head.loss.name == "sparse_categorical_crossentropy":
        return "A sparse loss takes one whole number for each output; for one-hot labels take categorical_crossentropy."
    return "Change the last layer or the labels so that both have one shape."


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
