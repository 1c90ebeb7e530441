"""Exceptions of a script in plain words: the class of its message decides which fault it is.

Keras, TensorFlow and NumPy say the same thing in many ways. Each entry is a pattern of what they say and the finding it
means; the first that matches counts, so that the particular stands before the general.
"""

import re
from dataclasses import dataclass

from sweeper.diagnose import _meanings as meanings
from sweeper.diagnose._facts import Raised, Stage
from sweeper.diagnose._model import EMBEDDING_RANGE
from sweeper.diagnose._output import LABEL_RANGE
from sweeper.diagnose._shapes import AXES, BATCH_MISSING, INPUT_SHAPE, LABEL_SHAPE, SAMPLE_COUNTS, SHAPES_DIFFER
from sweeper.diagnose._steps import NO_GRADIENT
from sweeper.diagnose._types import KERAS_2, LENGTHS_DIFFER, LISTS, NOT_COMPILED, NOT_NUMBERS
from sweeper.diagnose._words import shape_text
from sweeper.findings import Finding, FindingKind, Severity

NOTHING_LEFT = FindingKind("SW111", Severity.ERROR, "a convolution or pooling has nothing left to work on")
MERGE = FindingKind("SW113", Severity.ERROR, "the inputs of a merging layer do not fit together")
WHOLE_NUMBER = FindingKind("SW124", Severity.ERROR, "the learning rate, or another setting, is a whole number")
TWO_TYPES = FindingKind("SW127", Severity.ERROR, "numbers of two types meet")
SYNTAX = FindingKind("SW131", Severity.ERROR, "the script is not valid Python")
NO_PACKAGE = FindingKind("SW133", Severity.ERROR, "a package is not installed")
NO_FILE = FindingKind("SW134", Severity.ERROR, "a file is not there")
NO_VALUES_YET = FindingKind("SW136", Severity.ERROR, "TensorFlow or NumPy is used on an input without values")
NO_NAME = FindingKind("SW137", Severity.ERROR, "a name is not defined")
DISCONNECTED = FindingKind("SW138", Severity.ERROR, "the outputs of the model do not come from its inputs")
UNKNOWN_NAME = FindingKind("SW139", Severity.ERROR, "Keras knows no loss, optimizer, metric or activation of that name")
WRONG_ARGUMENT = FindingKind("SW140", Severity.ERROR, "an argument is not of the kind that is taken")
NOT_MEASURED = FindingKind("SW141", Severity.ERROR, "a callback watches what is not measured")
BESIDE_A_PIPELINE = FindingKind("SW142", Severity.ERROR, "arguments of fit that do not go with a pipeline")
NONE_GIVEN = FindingKind("SW143", Severity.ERROR, "none where numbers are needed")
INCOMPLETE = FindingKind("SW144", Severity.ERROR, "a model or layer of one's own is not complete")
NO_KEY = FindingKind("SW145", Severity.ERROR, "a column or key is not there")
OUT_OF_MEMORY = FindingKind("SW501", Severity.ERROR, "there is not enough memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that an exception can mean."""

    kind: FindingKind
    pattern: str
    """Of `Kind: message`, over all lines."""
    say: meanings.Say
    line: str = ""
    """A pattern that the person's own line must show, too."""
    after_fit: bool = False
    """Whether it counts in what is done with a model after fit, too: that it has trained for a few steps only does not
    bring it about."""


def explain(raised: Raised) -> Finding | None:
    """The finding that an exception means; None where it is of no class that is known.

    After fit the model has only trained for some steps, for which reason alone what a script does with it may fail.
    What is explained there are calls of a method of the model that fail whatever it has learned.
    """
    if (missing := _missing_batch(raised)) is not None:
        return missing
    text = f"{' '.join(raised.kinds)}: {raised.message}"
    for cause in CAUSES:
        match = re.search(cause.pattern, text, re.DOTALL)
        if match is not None and re.search(cause.line, raised.source):
            if raised.stage is Stage.AFTER_FIT and not (cause.after_fit and raised.method):
                return None
            return _finding(cause.kind, *cause.say(match, raised), raised)
    return None


def _finding(kind: FindingKind, title: str, remedy: str, raised: Raised) -> Finding:
    return kind.found(
        severity=Severity.ERROR,
        title=f"{title} (in {raised.method}, after fit)" if raised.stage is Stage.AFTER_FIT else title,
        evidence=raised.traceback,
        location=raised.location,
        remedy=remedy,
    )


def _missing_batch(raised: Raised) -> Finding | None:
    """One sample where a batch is taken, in any method of a model."""
    given, wanted = raised.given, raised.wanted
    if not raised.method or given is None or wanted is None or len(given) != len(wanted) - 1:
        return None
    if any(a is not None and a != b for a, b in zip(wanted[1:], given, strict=True)):
        return None
    title = f"the batch dimension is missing: {raised.method} got {shape_text(given)} for {shape_text(wanted)}"
    remedy = "One sample still is a batch of one: give x[None, ...], or x[0:1] instead of x[0]."
    return _finding(BATCH_MISSING, title, remedy, raised)


_LAYER = r"of layer ['\"](?P<layer>[^'\"]+)['\"] is incompatible with the layer: "

CAUSES = (
    Cause(kind=SYNTAX, pattern=r"SyntaxError.*?: (?P<said>.+)", say=meanings.syntax),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>-?\d+)(?![\d.e])",
        say=lambda match, _: (
            f"the learning rate {match['rate']} is a whole number, which Keras 3 does not take",
            f"Write {match['rate']}.0"
            + (" - but that is far too high for most optimizers: start at 1e-3." if int(match["rate"]) >= 1 else "."),
        ),
    ),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>[^\n]+)",
        say=lambda match, _: (
            f"the learning rate is no number: {match['rate']}",
            "Give a float, without quotes: learning_rate=1e-3; or a schedule of keras.optimizers.schedules.",
        ),
    ),
    Cause(
        kind=WHOLE_NUMBER,
        pattern=r"[`'\"](?P<name>\w+)[`'\"] must be a float",
        say=lambda match, _: (
            f"{match['name']} is a whole number where Keras 3 takes a float",
            f"Write it with a point: {match['name']}=0.0, not {match['name']}=0.",
        ),
    ),
    Cause(
        kind=OUT_OF_MEMORY,
        pattern=r"MemoryError|ResourceExhausted|OOM when allocating|out of memory",
        say=meanings.MEMORY,
    ),
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"inhomogeneous (shape|part)|Can't convert non-rectangular Python sequence",
        say=meanings.LENGTHS,
    ),
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"Failed to convert a NumPy array to a Tensor \(Unsupported object type (list|numpy)",
        say=meanings.LENGTHS,
    ),
    Cause(
        kind=LENGTHS_DIFFER,
        after_fit=True,
        pattern=r"setting an array element with a sequence|only length-1 arrays can be converted",
        say=meanings.LENGTHS,
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
        say=meanings.TEXT,
    ),
    Cause(
        kind=SAMPLE_COUNTS,
        pattern=r"Data cardinality is ambiguous|inconsistent numbers of samples",
        say=meanings.always(
            "inputs and labels have different numbers of samples",
            "Every sample needs its label: look where rows are dropped, split or windowed, and do the same to both.",
        ),
    ),
    Cause(
        kind=AXES,
        after_fit=True,
        pattern=_LAYER + r"expected (min_|max_)?ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)\. Full shape received: "
        r"(?P<shape>\([^)]*\))",
        say=meanings.layer_rank,
    ),
    Cause(
        kind=INPUT_SHAPE,
        after_fit=True,
        pattern=_LAYER + r"expected axis -1 of input shape to have value (?P<value>\d+), but received input with shape "
        r"(?P<shape>\([^)]*\))",
        say=meanings.layer_axis,
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
        say=meanings.always(
            "the model has another number of inputs than it is given",
            "Give one array for each Input, in a list or in a dict by their names; a single input takes one array, "
            "no list.",
        ),
    ),
    Cause(
        kind=LABEL_RANGE,
        pattern=r"Received a label value of (?P<value>-?\d+) which is outside the valid range of \[0, (?P<units>\d+)\)",
        say=meanings.label_value,
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
        say=meanings.label_shape,
    ),
    Cause(
        kind=LABEL_SHAPE,
        pattern=r"logits and labels must (have the same first dimension|be broadcastable)|Shapes \([^)]*\) and "
        r"\([^)]*\) are "
        r"incompatible|compile_loss/\S* = Sub|Dimensions must be equal.*(loss|mse|mean_squared|crossentropy)"
        r"|number of (losses|outputs)",
        say=meanings.LABELS,
    ),
    Cause(
        kind=NOTHING_LEFT,
        pattern=r"Negative dimension size|output size would be zero or negative|Computed output size would be negative",
        say=meanings.always(
            "a convolution or pooling has nothing left to work on",
            "The image gets smaller with every layer: leave some pooling out, take padding='same', smaller kernels, or "
            "larger images.",
        ),
    ),
    Cause(
        kind=MERGE,
        pattern=r"requires inputs with matching shapes|[Ii]nputs have incompatible shapes|A merge layer should be "
        r"called",
        say=meanings.always(
            "the inputs of a merging layer do not fit together",
            "Concatenate needs equal lengths in every axis but its own, Add and Multiply in all: Flatten or Reshape "
            "them first.",
        ),
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"(?P<said>cannot reshape array of size \d+ into shape \([^)]*\))",
        say=meanings.reshape,
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"(?P<said>total size of the tensor must be unchanged|Input to reshape is a tensor with \d+ values)",
        say=meanings.reshape,
    ),
    Cause(
        kind=SHAPES_DIFFER,
        pattern=r"Matrix size-incompatible|could not be broadcast together|Incompatible shapes|Dimensions must be equal"
        r"|mat1 and mat2 shapes cannot be multiplied|shapes .* not aligned|dot_general requires|incompatible shapes "
        r"for broadcasting",
        say=meanings.SHAPES,
    ),
    Cause(
        kind=TWO_TYPES,
        pattern=r"Op has type (?P<one>\w+) that does not match type (?P<other>\w+) of argument",
        say=meanings.two_types,
    ),
    Cause(
        kind=TWO_TYPES,
        pattern=r"was expected to be an? (?P<one>\w+) tensor but is an? (?P<other>\w+) tensor",
        say=meanings.two_types,
    ),
    Cause(
        kind=TWO_TYPES,
        pattern=r"parameter '(?P<name>\w+)' has DataType (?P<given>\w+) not in list of allowed values: "
        r"(?P<taken>[^\n]+)",
        say=lambda match, raised: (
            f"an operation takes {match['name']} as {match['taken']}, but gets {match['given']}",
            f"Cast them first: tf.cast(..., tf.{match['taken'].partition(',')[0]}). It is in: {raised.source}",
        ),
    ),
    Cause(
        kind=TWO_TYPES,
        pattern=r"Tensor conversion requested dtype (?P<one>\w+) for Tensor with dtype (?P<other>\w+)",
        say=meanings.two_types,
    ),
    Cause(
        kind=KERAS_2,
        pattern=r"(not recognized|nrecognized keyword|nexpected keyword|no attribute|No module named|cannot import)"
        r"[^\n]*?(?<![\w.])(?P<word>" + meanings.KERAS_2_WORDS + r")(?![\w])",
        say=meanings.keras_2,
    ),
    Cause(
        kind=KERAS_2,
        pattern=r"[Ii]nvalid filepath extension|filepath provided must end in `(?P<end>[^`]+)`",
        say=lambda match, _: (
            f"Keras 3 wants another file name: one that ends in {match['end'] or '.keras'}",
            "Whole models are saved as name.keras, weights alone as name.weights.h5; export(folder) for serving.",
        ),
    ),
    Cause(
        kind=NO_PACKAGE,
        pattern=r"ModuleNotFoundError.*: No module named '(?P<module>[\w.]+)'",
        say=meanings.missing_package,
    ),
    Cause(kind=NO_FILE, pattern=r"FileNotFoundError.*: .*?'(?P<file>[^']+)'", say=meanings.missing_file),
    Cause(
        kind=NOT_COMPILED,
        pattern=r"You must call `compile\(\)`|No loss to compute|Provide a `loss` argument",
        say=meanings.always(
            "the model is not compiled, or has no loss",
            "Before fit: model.compile(optimizer='adam', loss=...).",
        ),
    ),
    Cause(
        kind=NO_VALUES_YET,
        pattern=r"A KerasTensor (cannot be used|is symbolic)|KerasTensor.*cannot be|Cannot convert a symbolic .*array",
        say=meanings.always(
            "an operation of TensorFlow or NumPy is used on an input of the model that has no values yet",
            "Use keras.ops, or put it into a Lambda layer or the call of a layer of your own.",
        ),
    ),
    Cause(
        kind=KERAS_2,
        pattern=r"metrics=|loss_weights",
        say=meanings.always(
            "the third argument of compile is not metrics in Keras 3",
            "Name it: compile(optimizer, loss, metrics=[...]); by position it is loss_weights.",
        ),
    ),
    Cause(
        kind=DISCONNECTED,
        pattern=r"Output with path .* is not connected to `inputs`|Graph disconnected|not connected to the inputs",
        say=meanings.always(
            "the outputs of the model do not come from its inputs",
            "Model(inputs=..., outputs=...) needs the very Inputs from which the layers were called: give it those, or "
            "call the inner models on the new ones, inner(new_input).",
        ),
    ),
    Cause(
        kind=UNKNOWN_NAME,
        pattern=r"[Cc]ould not interpret (?P<kind>activation|loss|metric|optimizer|initializer|regularizer|constraint)"
        r"( function)? (identifier|object): (?P<name>[^\n]+)",
        say=meanings.not_known,
    ),
    Cause(
        kind=WRONG_ARGUMENT,
        pattern=r"(?P<said>Cannot convert '(?P<value>\d+)' to a shape)",
        say=lambda match, _: (
            f"a shape is a tuple, not the number {match['value']}",
            f"Write shape=({match['value']},): the comma makes it a tuple.",
        ),
    ),
    Cause(
        kind=WRONG_ARGUMENT,
        pattern=r"'list' object has no attribute 'get'",
        line="class_weight",
        say=meanings.always(
            "class_weight is a list, where fit takes a dict",
            "Write class_weight=dict(enumerate(weights)): the weight of each class number.",
        ),
    ),
    Cause(
        kind=WRONG_ARGUMENT,
        pattern=r"(?P<said>missing (a|\d+) required (positional )?arguments?: [^\n]+|nexpected keyword argument [^\n]+"
        r"|nrecognized keyword arguments?[^\n]*|Argument\(s\) not recognized[^\n]*|Received an invalid value for[^\n]+"
        r"|should be passed an `input_shape` with at least[^\n]+)",
        say=meanings.wrong_argument,
    ),
    Cause(
        kind=NOT_MEASURED,
        pattern=r"(?P<who>\w+) callback received monitor=(?P<name>\w+)",
        say=lambda match, _: (
            f"{match['who']} watches {match['name']}, which is not measured",
            (
                "It can watch loss, val_loss and the metrics of compile by their names: metrics=['accuracy'] is "
                "measured as accuracy and val_accuracy. What begins with val_ needs validation data."
            ),
        ),
    ),
    Cause(
        kind=BESIDE_A_PIPELINE,
        pattern=r"(providing `x` as a [^\n]*|Argument )`(?P<what>y|validation_split)` (should not|is only supported)",
        say=meanings.beside_a_pipeline,
    ),
    Cause(
        kind=BESIDE_A_PIPELINE,
        pattern=r"generator must return a tuple|must be a tuple of length|Expected.*generator.*tuple",
        say=meanings.always(
            "what the generator gives is no pair of inputs and labels",
            "yield x_batch, y_batch: a tuple for each batch, not x alone and not a list.",
        ),
    ),
    Cause(
        kind=NONE_GIVEN,
        pattern=r"None values not supported|NoneType.*(cannot|can't) be converted|Attempt to convert a value \(None\)",
        say=meanings.always(
            "there is None where numbers are needed",
            "Give fit the labels: fit(x, y). Otherwise a loss, a metric or a call of your own has no return.",
        ),
    ),
    Cause(
        kind=NO_GRADIENT,
        pattern=r"No gradients provided for any variable",
        say=meanings.always(
            "no gradient reaches any weight",
            "The loss must follow from the outputs by operations with a gradient: no rounding, comparing, argmax, cast "
            "to integers or NumPy in it.",
        ),
    ),
    Cause(
        kind=INCOMPLETE,
        pattern=r"does not have a `call\(\)` method|object has no attribute '_(dtype_policy|tracker|layers|lock)'"
        r"|has not called .*super\(\)|forgot to call `?super",
        say=meanings.always(
            "a model or layer of one's own is not complete",
            "Begin __init__ with super().__init__(), and define call(self, inputs), which returns the outputs.",
        ),
    ),
    Cause(
        kind=INCOMPLETE,
        pattern=r"cannot be built because it has no layers",
        say=meanings.always("the model has no layers", "Add layers before fit: model.add(keras.layers.Dense(...))."),
    ),
    Cause(kind=NO_KEY, pattern=r"KeyError[^\n]*?: (?P<key>\S[^\n]*)", say=meanings.missing_key),
    Cause(kind=NO_NAME, pattern=r"NameError.*: name '(?P<name>\w+)' is not defined", say=meanings.missing_name),
)
"""In the order in which they are tried."""
