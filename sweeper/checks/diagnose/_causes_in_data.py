"""Causes of exceptions about data and shapes."""

import re
from re import Match

from sweeper.checks.diagnose._base import Cause, always
from sweeper.checks.diagnose._facts import Raised
from sweeper.checks.diagnose._label_shapes import LABEL_SHAPE
from sweeper.checks.diagnose._labels import LABEL_RANGE
from sweeper.checks.diagnose._model import EMBEDDING_RANGE
from sweeper.checks.diagnose._shapes import AXES, BATCH_MISSING, INPUT_SHAPE, SAMPLE_COUNTS, SHAPES_DIFFER
from sweeper.checks.diagnose._types import LENGTHS_DIFFER, LISTS, NOT_NUMBERS
from sweeper.findings import FindingKind, Severity

NOTHING_LEFT = FindingKind("SW111", Severity.ERROR, "a convolution or pooling has nothing left to work on")
MERGE = FindingKind("SW113", Severity.ERROR, "the inputs of a merging layer do not fit together")


def _layer_rank(match: Match[str], raised: Raised) -> tuple[str, str]:
    layer, wanted, found = match["layer"], int(match["wanted"]), int(match["found"])
    shape = match["shape"]
    title = f"layer {layer} takes {wanted} axes, but gets {found}: {shape}"
    del raised
    recurrent = re.match(r"(bidirectional|lstm|gru|simple_rnn|rnn)", layer) is not None
    if recurrent and found == 4:  # noqa: PLR2004  batch, rows, columns, channels
        return (
            f"a convolution is fed straight into {layer}: {shape} for (batch, steps, features)",
            (
                "Make steps of the rows: Reshape((rows, columns * channels)) before it; or, for videos, put the "
                "convolutions into TimeDistributed(...) and end them with TimeDistributed(Flatten())."
            ),
        )
    if recurrent and found == 2:  # noqa: PLR2004  batch and features
        return (
            title,
            (
                "It reads (batch, steps, features). After another recurrent layer: give that one "
                "return_sequences=True. As the first layer: x[..., None] makes each number a step of one feature."
            ),
        )
    if found == 1:
        return title, "One number for each sample still needs an axis of features: x = x.reshape(-1, 1)."
    if found == 2 and wanted > 2:  # noqa: PLR2004
        return title, "The layer before it flattens its input: move Flatten or Dense behind it, or add Reshape."
    if found == wanted - 1:
        return title, "An axis is missing, mostly that of the channels: x[..., None], and the same in Input."
    return title, "Add Flatten(), GlobalAveragePooling or Reshape(...) before it."


def _layer_axis(match: Match[str], raised: Raised) -> tuple[str, str]:
    title = f"layer {match['layer']} is made for {match['value']} features, but gets {match['shape']}"
    if raised.method in {"predict", "evaluate", "__call__"}:
        return title, f"Give {raised.method} data prepared as that of fit: the same columns, encoding and form."
    return title, "Make Input, or the input_shape of the first layer, that of the data; later layers need none."


def _label_shape(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    labels, outputs = match["target"], match["output"]
    return (
        f"the labels do not have the shape of the outputs: {labels} for {outputs}",
        (
            "Give the last layer as many units as the labels have columns. For whole class numbers take "
            "sparse_categorical_crossentropy, for one-hot rows categorical_crossentropy."
        ),
    )


def _label_value(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    value, units = int(match["value"]), int(match["units"])
    if units == 1:
        return (
            "one output unit cannot tell classes apart",
            (
                "For two classes take loss='binary_crossentropy' with Dense(1, activation='sigmoid'); for more, one "
                "unit each with softmax."
            ),
        )
    return (
        f"a label of {value}, but {units} units know the classes 0 to {units - 1}",
        f"Number the classes from 0, or give the last layer {value + 1} units.",
    )


def _reshape(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"the numbers do not fill the shape: {match['said']}",
        (
            "The product of the new lengths must be the number of values; -1 in place of one of them lets NumPy work "
            "it out."
        ),
    )


_TEXT = always(
    "text or mixed objects where numbers are needed",
    "Encode text as numbers (pandas.get_dummies, np.unique(y, return_inverse=True), StringLookup) or drop those "
    "columns, then convert: x = x.astype('float32').",
)


_LENGTHS = always(
    "the sequences have different lengths, so that they make no array",
    "Fill them up: keras.utils.pad_sequences(sequences, padding='post'), with Embedding(..., mask_zero=True) where "
    "zeros are no data.",
)


_LABELS = always(
    "labels and outputs do not have one shape",
    "Give the last layer as many units as the labels have columns; Flatten before it where outputs keep axes of the "
    "input.",
)


_SHAPES = always(
    "two shapes do not fit together",
    "Print the shapes of both; look for a missing axis, or for one that is in another place.",
)


_LAYER = r"of layer ['\"](?P<layer>[^'\"]+)['\"] is incompatible with the layer: "

CAUSES_IN_DATA: tuple[Cause, ...] = (
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"inhomogeneous (shape|part)|Can't convert non-rectangular Python sequence",
        say=_LENGTHS,
    ),
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"Failed to convert a NumPy array to a Tensor \(Unsupported object type (list|numpy)",
        say=_LENGTHS,
    ),
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"setting an array element with a sequence|only length-1 arrays can be converted",
        say=_LENGTHS,
    ),
    Cause(
        kind=LISTS,
        after_fit=True,
        pattern=r"Unrecognized data type: (?P<name>\w+)=\[",
        say=lambda match, _: (
            f"{match['name']} is a Python list, which Keras 3 does not take for an array",
            f"Make an array of it: {match['name']} = np.array({match['name']}).",
        ),
    ),
    Cause(
        kind=NOT_NUMBERS,
        after_fit=True,
        pattern=r"could not convert string to float|Cast string to \w+ is not supported|Invalid dtype: (object|str)"
        r"|Unsupported object type (str|float|int|NoneType|bool|Timestamp)|Unsupported type: (object|<U)|expected "
        r"float.*got .*str"
        r"|invalid literal for|can't convert np.ndarray of type numpy.(object_|str_)",
        say=_TEXT,
    ),
    Cause(
        kind=SAMPLE_COUNTS,
        pattern=r"Data cardinality is ambiguous|inconsistent numbers of samples",
        say=always(
            "inputs and labels have different numbers of samples",
            "Every sample needs its label: look where rows are dropped, split or windowed, and do the same to both.",
        ),
    ),
    Cause(
        kind=AXES,
        after_fit=True,
        pattern=_LAYER + r"expected (min_|max_)?ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)\. Full shape received: "
        r"(?P<shape>\([^)]*\))",
        say=_layer_rank,
    ),
    Cause(
        kind=INPUT_SHAPE,
        after_fit=True,
        pattern=_LAYER + r"expected axis -1 of input shape to have value (?P<value>\d+), but received input with shape "
        r"(?P<shape>\([^)]*\))",
        say=_layer_axis,
    ),
    Cause(
        kind=BATCH_MISSING,
        after_fit=True,
        pattern=r"Expected shape (?P<wanted>\(None, (?P<sample>\d[^)]*)\)), but input has incompatible shape "
        r"(?P<given>\((?P=sample),?\))",
        say=lambda match, _: (
            f"the batch dimension is missing: {match['given']} for {match['wanted']}",
            (
                "A pipeline gives single samples until it is batched, also that of the validation: dataset = "
                "dataset.batch(32), which changes no dataset in place. One array of one sample: x[None, ...]."
            ),
        ),
    ),
    Cause(
        kind=INPUT_SHAPE,
        after_fit=True,
        pattern=r"Expected shape (?P<wanted>\([^)]*\)), but input has incompatible shape (?P<given>\([^)]*\))",
        say=lambda match, _: (
            f"the data does not have the shape that the model takes: {match['given']} for {match['wanted']}",
            "Give the data that shape (x[..., None] adds a last axis, reshape the rest), or make Input for the data.",
        ),
    ),
    Cause(
        kind=INPUT_SHAPE,
        after_fit=True,
        pattern=r"expects (?P<wanted>\d+) input\(s\), but it received (?P<given>\d+)|missing data for input",
        say=always(
            "the model has another number of inputs than it is given",
            "Give one array for each Input, in a list or in a dict by their names; a single input takes one array, "
            "no list.",
        ),
    ),
    Cause(
        kind=LABEL_RANGE,
        pattern=r"Received a label value of (?P<value>-?\d+) which is outside the valid range of \[0, (?P<units>\d+)\)",
        say=_label_value,
    ),
    Cause(
        kind=LABEL_RANGE,
        pattern=r"index (?P<value>\d+) is out of bounds for axis 1 with size (?P<units>\d+)",
        line="to_categorical",
        say=lambda match, _: (
            f"a label of {match['value']}, but to_categorical makes columns for 0 to {int(match['units']) - 1} only",
            f"Number the classes from 0 (y - 1, where they begin at 1), or make {int(match['value']) + 1} columns.",
        ),
    ),
    Cause(
        kind=EMBEDDING_RANGE,
        pattern=r"indices\[[\d,]*\] = (?P<value>-?\d+) is not in \[0, (?P<rows>\d+)\)",
        say=lambda match, _: (
            f"an embedding of {match['rows']} rows is asked for row {match['value']}",
            f"Embedding(input_dim=...) must be larger than the largest number, at least {int(match['value']) + 1}.",
        ),
    ),
    Cause(
        kind=LABEL_SHAPE,
        pattern=r"target\.shape=(?P<target>\([^)]*\)), output\.shape=(?P<output>\([^)]*\))",
        say=_label_shape,
    ),
    Cause(
        kind=LABEL_SHAPE,
        pattern=r"logits and labels must (have the same first dimension|be broadcastable)|Shapes \([^)]*\) and "
        r"\([^)]*\) are "
        r"incompatible|compile_loss/\S* = Sub|Dimensions must be equal.*(loss|mse|mean_squared|crossentropy)"
        r"|number of (losses|outputs)",
        say=_LABELS,
    ),
    Cause(
        kind=NOTHING_LEFT,
        pattern=r"Negative dimension size|output size would be zero or negative|Computed output size would be negative",
        say=always(
            "a convolution or pooling has nothing left to work on",
            "The image gets smaller with every layer: leave some pooling out, take padding='same', smaller kernels, or "
            "larger images.",
        ),
    ),
    Cause(
        kind=MERGE,
        pattern=r"requires inputs with matching shapes|[Ii]nputs have incompatible shapes|A merge layer should be "
        r"called",
        say=always(
            "the inputs of a merging layer do not fit together",
            "Concatenate needs equal lengths in every axis but its own, Add and Multiply in all: Flatten or Reshape "
            "them first.",
        ),
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"(?P<said>cannot reshape array of size \d+ into shape \([^)]*\))",
        say=_reshape,
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"(?P<said>total size of the tensor must be unchanged|Input to reshape is a tensor with \d+ values)",
        say=_reshape,
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"Matrix size-incompatible|could not be broadcast together|Incompatible shapes|Dimensions must be equal"
        r"|mat1 and mat2 shapes cannot be multiplied|shapes .* not aligned|dot_general requires|incompatible shapes "
        r"for broadcasting",
        say=_SHAPES,
    ),
)
