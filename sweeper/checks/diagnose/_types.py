"""Types and forms of the data, and the number of steps against them."""

from sweeper.checks.diagnose._base import Answer, NotApplicable, Rank, check
from sweeper.checks.diagnose._data_facts import ArrayFacts, Container, Kind
from sweeper.checks.diagnose._facts import Facts
from sweeper.checks.diagnose._labels import LABEL_RANGE
from sweeper.checks.diagnose._model import EMBEDDING_RANGE
from sweeper.checks.diagnose._shapes import AXES, INPUT_SHAPE, SAMPLE_COUNTS, pairs_of
from sweeper.checks.diagnose._words import shape_text
from sweeper.findings import Finding, FindingKind, Severity

LENGTHS_DIFFER = FindingKind("SW104", Severity.ERROR, "sequences have different lengths")
LISTS = FindingKind("SW105", Severity.ERROR, "inputs or labels are a Python list")
NOT_NUMBERS = FindingKind("SW121", Severity.ERROR, "text or mixed objects where numbers are needed")
EMBEDDED_FRACTIONS = FindingKind("SW122", Severity.ERROR, "numbers with fractions go to an embedding")
SPARSE_FRACTIONS = FindingKind("SW123", Severity.ERROR, "a sparse loss gets labels with fractions")
TOO_MANY_STEPS = FindingKind("SW126", Severity.WARNING, "steps_per_epoch asks for more batches than the data has")
KERAS_2 = FindingKind("SW132", Severity.ERROR, "the script is written for Keras 2")
NOT_COMPILED = FindingKind("SW135", Severity.ERROR, "the model is not compiled, or has no loss")

_TEXT_LAYERS = {"TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "Lambda"}


@check(NOT_COMPILED, about="a compiled model", rank=Rank.REFUSED)
def compiled(facts: Facts) -> Answer:
    """A model that was never compiled."""
    if facts.model.own_step:
        return NotApplicable(why="the model trains in a way of its own")
    if facts.model.compiled:
        return None
    return NOT_COMPILED.found(
        title="the model is not compiled",
        evidence=f"{facts.model.kind} {facts.model.name} has neither optimizer nor loss when fit is called.",
        location=facts.call.location,
        remedy="Before fit: model.compile(optimizer='adam', loss=...). A copy or new model needs its own compile call.",
    )


@check(
    LENGTHS_DIFFER, about="sequences of one length", rank=Rank.REFUSED, explains=(INPUT_SHAPE, AXES, LISTS, NOT_NUMBERS)
)
def lengths(facts: Facts) -> Answer:
    """Sequences of different lengths that no array can hold."""
    ragged = [array for array in facts.inputs if array.lengths is not None and array.kind is Kind.OBJECT]
    return lengths_differ(ragged[0], facts.call.location) if ragged else None


def lengths_differ(array: ArrayFacts, location: str) -> Finding:
    """The finding for sequences of different lengths."""
    short, long = array.lengths or (0, 0)
    return LENGTHS_DIFFER.found(
        title=f"the sequences in {array.name} have different lengths",
        evidence=f"{array.shape[0]:,} sequences of {short:,} to {long:,} entries. A tensor has one length for all.",
        location=location,
        remedy="Fill them up: keras.utils.pad_sequences(sequences, padding='post'), with Embedding(..., "
        "mask_zero=True) where zeros are no data.",
    )


@check(
    LISTS,
    about="arrays, not lists",
    rank=Rank.REFUSED,
    explains=(INPUT_SHAPE, LENGTHS_DIFFER, SAMPLE_COUNTS, NOT_NUMBERS),
)
def lists(facts: Facts) -> Answer:
    """Plain Python lists, which Keras 3 does not take for an array."""
    arrays = (*facts.inputs, *facts.labels)
    if (samples := _listed_samples(facts)) is not None:
        return samples
    given = [array for array in arrays if array.container is Container.LIST and array.lengths is None]
    if not given:
        return None
    first = given[0]
    return LISTS.found(
        title=f"{first.name} is a Python list, which Keras 3 does not take for an array",
        evidence=f"{' and '.join(array.name for array in given)}: a list of {first.shape[0]:,} entries. Keras reads a "
        "list as several inputs of a model, or refuses it as an unknown type.",
        location=facts.call.location,
        remedy=f"Make an array of it: {first.name} = np.array({first.name}, dtype='float32').",
    )


def _listed_samples(facts: Facts) -> Finding | None:
    """The finding for a list of as many arrays as there are labels, for a model of one input."""
    listed, one = facts.inputs, len(facts.model.inputs) == 1
    counts = {labels.samples for labels in facts.labels}
    if not one or len(listed) < 2 or counts != {len(listed)} or len({array.shape for array in listed}) > 1:  # noqa: PLR2004
        return None
    name = listed[0].name.partition("[")[0]
    return LISTS.found(
        title=f"{name} is a list of {len(listed):,} arrays, one for each sample",
        evidence=f"The model has one input; the arrays of {name} have the shape {shape_text(listed[0].shape)}, and "
        "there are as many labels. Keras reads a list as several inputs of a model.",
        location=facts.call.location,
        remedy=f"Stack them to one array: {name} = np.array({name}).",
    )


@check(NOT_NUMBERS, about="numbers, not text", rank=Rank.REFUSED, explains=(INPUT_SHAPE, LENGTHS_DIFFER))
def text(facts: Facts) -> Answer:
    """Text or mixed objects where numbers are needed."""
    takes_text = any(taken.dtype == "string" for taken in facts.model.inputs)
    takes_text = takes_text or any(layer.kind in _TEXT_LAYERS for layer in facts.model.layers)
    wrong = [array for array in facts.inputs if array.kind in {Kind.TEXT, Kind.OBJECT} and not takes_text]
    wrong += [array for array in facts.labels if array.kind in {Kind.TEXT, Kind.OBJECT}]
    wrong = [array for array in wrong if array.lengths is None]
    if wrong:
        return not_numbers(wrong[0], facts)
    return NotApplicable(why="the model takes text") if takes_text else None


def not_numbers(array: ArrayFacts, facts: Facts) -> Finding:
    """The finding for text and objects."""
    is_label = array in facts.labels
    what = "text" if array.kind is Kind.TEXT else "Python objects, not numbers"
    return NOT_NUMBERS.found(
        title=f"{array.name} holds {what} ({array.dtype})",
        evidence=f"{array.name} has shape {shape_text(array.shape)} and dtype {array.dtype}. A network takes numbers "
        f"only.",
        location=facts.call.location,
        remedy="Number the classes: classes, y = np.unique(y, return_inverse=True)."
        if is_label
        else "Encode columns of text (pandas.get_dummies, StringLookup, TextVectorization) or drop them, then convert "
        "all of it: x = x.astype('float32').",
    )


@check(KERAS_2, about="order of compile's arguments", rank=Rank.WRONG)
def compile_order(facts: Facts) -> Answer:
    """Metrics where compile takes the weights of losses."""
    words = facts.model.text_weights
    if not words:
        return None
    return KERAS_2.found(
        title="the third argument of compile is loss_weights in Keras 3, no longer metrics",
        evidence=f"compile got {', '.join(words)} as the weights of its losses, which are numbers.",
        location=facts.call.compiled_at or facts.call.location,
        remedy=f"Name it: model.compile(optimizer, loss, metrics={list(words)}).",
    )


@check(EMBEDDED_FRACTIONS, about="whole numbers for embeddings", rank=Rank.WRONG, explains=(EMBEDDING_RANGE,))
def embedded_floats(facts: Facts) -> Answer:
    """Numbers with a fraction for an embedding."""
    pairs = [(array, taken) for array, taken in pairs_of(facts) if taken.embedded is not None]
    if not pairs:
        return NotApplicable(why="no input goes to an embedding")
    for array, _ in pairs:
        if array.kind is Kind.FLOAT and not array.whole and array.high is not None:
            return EMBEDDED_FRACTIONS.found(
                title=f"{array.name} has fractions, but an embedding takes whole numbers",
                evidence=f"Values from {array.low:.4g} to {array.high:.4g}, cut off to whole numbers: all the rest "
                f"is lost.",
                location=facts.call.location,
                remedy="Give the embedding the numbers of words or categories, not scaled ones; numbers that measure "
                "something go to a Dense layer without an embedding.",
            )
    return None


@check(SPARSE_FRACTIONS, about="class numbers for sparse losses", rank=Rank.WRONG, explains=(LABEL_RANGE,))
def sparse_floats(facts: Facts) -> Answer:
    """Labels with fractions under a sparse loss."""
    heads = [head for head in facts.model.heads if head.loss and head.loss.name == "sparse_categorical_crossentropy"]
    heads = [head for head in heads if head.loss and not head.loss.own and head.labels is not None]
    if not heads:
        return NotApplicable(why="no loss is sparse")
    for head in heads:
        labels = head.labels
        assert labels is not None
        if labels.kind is Kind.FLOAT and not labels.whole and labels.high is not None:
            return SPARSE_FRACTIONS.found(
                title=f"{labels.name} holds fractions, but {head.loss.name if head.loss else ''} takes class numbers",
                evidence=f"Labels from {labels.low:.4g} to {labels.high:.4g}, of type {labels.dtype}. They are cut off "
                "to whole numbers without a word, and accuracy stays near 0.",
                location=facts.call.compiled_at or facts.call.location,
                remedy="For a quantity, end with Dense(1) and loss='mean_squared_error'. For classes, number them from "
                "0: classes, y = np.unique(y, return_inverse=True).",
            )
    return None


@check(TOO_MANY_STEPS, about="steps_per_epoch against the data", rank=Rank.MINOR)
def steps(facts: Facts) -> Answer:
    """More steps asked for than the data has batches."""
    call = facts.call
    if call.steps_per_epoch is None or call.batches is None:
        return NotApplicable(why="steps_per_epoch is not given, or the data is endless")
    if call.steps_per_epoch <= call.batches:
        return None
    return TOO_MANY_STEPS.found(
        title=f"steps_per_epoch={call.steps_per_epoch:,} asks for more batches than the data has",
        evidence=f"The data has {call.batches:,} batches. Keras runs out of data in the first epoch and ends the "
        "training with a warning.",
        location=call.location,
        remedy="Leave steps_per_epoch out, or let the pipeline go on with .repeat().",
    )
