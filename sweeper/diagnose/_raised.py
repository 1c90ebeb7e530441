"""Exceptions of a script in plain words: the class of its message decides which fault it is.

Keras, TensorFlow and NumPy say the same thing in many ways. Each entry is a pattern of what they say and the finding it
means; the first that matches counts, so that the particular stands before the general.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from re import Match

from sweeper.diagnose._facts import Raised, Stage
from sweeper.diagnose._words import shape_text
from sweeper.findings import Finding, Severity

_Say = Callable[[Match[str], Raised], tuple[str, str]]
"""From the match to title and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that an exception can mean."""

    code: str
    pattern: str
    """Of `Kind: message`, over all lines."""
    say: _Say
    line: str = ""
    """A pattern that the person's own line must show, too."""


def explain(raised: Raised) -> Finding | None:
    """The finding that an exception means; None where it is of no class that is known."""
    if (missing := _missing_batch(raised)) is not None:
        return missing
    text = f"{' '.join(raised.kinds)}: {raised.message}"
    for cause in CAUSES:
        match = re.search(cause.pattern, text, re.DOTALL)
        if match is not None and re.search(cause.line, raised.source):
            title, remedy = cause.say(match, raised)
            return _finding(cause.code, title, remedy, raised)
    return None


def _finding(code: str, title: str, remedy: str, raised: Raised) -> Finding:
    where = {
        Stage.BEFORE_FIT: "",
        Stage.IN_FIT: "",
        Stage.AFTER_FIT: f" (in {raised.method or 'the script'}, after fit)",
    }
    return Finding(
        code=code,
        severity=Severity.ERROR,
        title=f"{title}{where[raised.stage]}",
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
    return _finding("SW102", title, remedy, raised)


def _not_known(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    kind, name = match["kind"], match["name"].strip("'\"")
    known = _NAMES.get(kind, ())
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return (
        f"Keras knows no {kind} of the name {name}",
        f"Did you mean '{near[0]}'?" if near else f"Mend its spelling, or give an object of keras.{_MODULES[kind]}.",
    )


_MODULES = {
    "activation": "activations",
    "loss": "losses",
    "metric": "metrics",
    "optimizer": "optimizers",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
}
_LOSSES = (
    *("mse", "mae", "mape", "msle", "mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "hinge"),
    *("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence", "poisson"),
    *("squared_hinge", "categorical_hinge", "cosine_similarity", "mean_squared_logarithmic_error", "dice"),
)
_NAMES = {
    "activation": (
        *("relu", "sigmoid", "softmax", "tanh", "linear", "elu", "selu", "gelu", "silu", "swish", "softplus"),
        *("softsign", "exponential", "leaky_relu", "relu6", "mish", "hard_sigmoid", "log_softmax"),
    ),
    "loss": _LOSSES,
    "metric": (*_LOSSES, "accuracy", "acc", "binary_accuracy", "categorical_accuracy", "auc", "precision", "recall"),
    "optimizer": (
        *("adam", "sgd", "rmsprop", "adamw", "nadam", "adamax", "adagrad", "adadelta", "ftrl", "lion", "adafactor"),
    ),
    "initializer": (
        *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal", "zeros", "ones"),
        *("random_normal", "random_uniform", "truncated_normal", "variance_scaling"),
    ),
}
"""Names in common use, for a guess at what was meant."""


def _argument(match: Match[str], raised: Raised) -> tuple[str, str]:
    said = match["said"].strip().rstrip(".")
    return f"an argument is not of the kind that is taken: {said}", f"Mend the call: {raised.source or said}"


def _two_forms(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    what = match["what"]
    return (
        f"{what} does not go together with a pipeline",
        "A dataset holds its labels: tf.data.Dataset.from_tensor_slices((x, y)).batch(32), and fit(dataset) alone."
        if what == "y"
        else "Split it before fit: validation_data=dataset.take(n), and train on dataset.skip(n).",
    )


def _key(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"there is no column or key {match['key']}",
        "Print the names that there are (list(frame.columns)): look for spaces, capitals and the header line.",
    )


def _fixed(title: str, remedy: str) -> _Say:
    return lambda _match, _raised: (title, remedy)


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


def _labels(match: Match[str], raised: Raised) -> tuple[str, str]:
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
    value, units = int(match["value"]), int(match["units"])
    if units == 1:
        return (
            "one output unit cannot tell classes apart",
            (
                "For two classes take loss='binary_crossentropy' with Dense(1, activation='sigmoid'); for more, one "
                "unit each with softmax."
            ),
        )
    if "to_categorical" in raised.source:
        return (
            f"a label of {value}, but to_categorical makes columns for 0 to {units - 1} only",
            f"Number the classes from 0 (y - 1, where they begin at 1), or make {value + 1} columns.",
        )
    return (
        f"a label of {value}, but {units} units know the classes 0 to {units - 1}",
        f"Number the classes from 0, or give the last layer {value + 1} units.",
    )


def _keras_2(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    word = match["word"]
    return f"the script is written for Keras 2: {word} is gone from Keras 3", _KERAS_2[word]


_KERAS_2 = {
    "lr": "Keras 3 calls the rate learning_rate: Adam(learning_rate=1e-3).",
    "decay": "decay is a schedule now: keras.optimizers.schedules.InverseTimeDecay(...) as the learning_rate.",
    "fit_generator": "Give the generator to fit, with steps_per_epoch.",
    "predict_generator": "Give the generator to predict.",
    "evaluate_generator": "Give the generator to evaluate.",
    "predict_classes": "Use predict(x).argmax(axis=-1), or predict(x) > 0.5 for one sigmoid.",
    "predict_proba": "Use predict(x).",
    "keras.preprocessing.image": "Use keras.utils.image_dataset_from_directory, or "
    "keras.src.legacy.preprocessing.image.",
    "keras.wrappers": "Use the package scikeras.",
    "keras.utils.np_utils": "Use keras.utils.to_categorical.",
    "keras.layers.core": "Import layers from keras.layers.",
    "batch_input_shape": "Begin with keras.Input(batch_shape=...).",
    "weights": "Set initial values with kernel_initializer or embeddings_initializer=keras.initializers.Constant(...).",
    "input_length": "Leave input_length out: an Embedding takes any length.",
}
_KERAS_2_WORDS = "|".join(re.escape(word) for word in _KERAS_2)


def _not_there(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    module = match["module"]
    return (
        f"the package {module.partition('.')[0]} is not installed here",
        f"Install it: pip install {module.partition('.')[0]}.",
    )


def _file(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"a file is not there: {match['file']}",
        (
            "Look at the path: it counts from the folder in which the command runs. Load the data first, or give the "
            "script's own arguments after --."
        ),
    )


def _syntax(match: Match[str], raised: Raised) -> tuple[str, str]:
    said = match["said"].partition(" (")[0].strip()
    return (
        f"the script is not valid Python: {said}",
        "Python could not read the file, so that nothing of it ran. "
        + (
            "Count the brackets up to the end of that line."
            if "never closed" in said
            else "Mend the line, or the one before it."
        )
        + (f" It reads: {raised.source}" if raised.source else ""),
    )


def _negative(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised, match
    return (
        "a convolution or pooling has nothing left to work on",
        (
            "The image gets smaller with every layer: leave some pooling out, take padding='same', smaller kernels, or "
            "larger images."
        ),
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


def _two_types(match: Match[str], raised: Raised) -> tuple[str, str]:
    half = {match["one"], match["other"]} & {"float16", "half", "bfloat16"}
    return (
        f"numbers of two types meet: {match['one']} and {match['other']}",
        (
            "Under mixed precision outputs are half and labels are not: compute the loss in single precision, "
            "tf.cast(outputs, tf.float32), or give the last layer dtype='float32'."
            if half
            else "Bring both to one type first: y = y.astype('float32'), or tf.cast(y, outputs.dtype)."
        )
        + (f" It is in: {raised.source}" if raised.source else ""),
    )


def _name(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return f"{match['name']} is not defined", "Import it, define it above this line, or mend its spelling."


_LAYER = r"of layer ['\"](?P<layer>[^'\"]+)['\"] is incompatible with the layer: "
_TEXT = _fixed(
    "text or mixed objects where numbers are needed",
    "Encode text as numbers (pandas.get_dummies, np.unique(y, return_inverse=True), StringLookup) or drop those "
    "columns, then convert: x = x.astype('float32').",
)
_LENGTHS = _fixed(
    "the sequences have different lengths, so that they make no array",
    "Fill them up: keras.utils.pad_sequences(sequences, padding='post'), with Embedding(..., mask_zero=True) where "
    "zeros are no data.",
)
_LABELS = _fixed(
    "labels and outputs do not have one shape",
    "Give the last layer as many units as the labels have columns; Flatten before it where outputs keep axes of the "
    "input.",
)
_MEMORY = _fixed(
    "there is not enough memory",
    "Take a smaller batch size (sweeper batch finds the largest), load less of the data at a time, or a smaller model.",
)
_SHAPES = _fixed(
    "two shapes do not fit together",
    "Print the shapes of both; look for a missing axis, or for one that is in another place.",
)

CAUSES = (
    Cause(code="SW131", pattern=r"SyntaxError.*?: (?P<said>.+)", say=_syntax),
    Cause(
        code="SW124",
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>-?\d+)(?![\d.e])",
        say=lambda match, _: (
            f"the learning rate {match['rate']} is a whole number, which Keras 3 does not take",
            f"Write {match['rate']}.0"
            + (" - but that is far too high for most optimizers: start at 1e-3." if int(match["rate"]) >= 1 else "."),
        ),
    ),
    Cause(
        code="SW124",
        pattern=r"`learning_rate` should be float.*learning_rate=(?P<rate>[^\n]+)",
        say=lambda match, _: (
            f"the learning rate is no number: {match['rate']}",
            "Give a float, without quotes: learning_rate=1e-3; or a schedule of keras.optimizers.schedules.",
        ),
    ),
    Cause(
        code="SW124",
        pattern=r"[`'\"](?P<name>\w+)[`'\"] must be a float",
        say=lambda match, _: (
            f"{match['name']} is a whole number where Keras 3 takes a float",
            f"Write it with a point: {match['name']}=0.0, not {match['name']}=0.",
        ),
    ),
    Cause(code="SW501", pattern=r"MemoryError|ResourceExhausted|OOM when allocating|out of memory", say=_MEMORY),
    Cause(
        code="SW104", pattern=r"inhomogeneous (shape|part)|Can't convert non-rectangular Python sequence", say=_LENGTHS
    ),
    Cause(
        code="SW104",
        pattern=r"Failed to convert a NumPy array to a Tensor \(Unsupported object type (list|numpy)",
        say=_LENGTHS,
    ),
    Cause(
        code="SW104",
        pattern=r"setting an array element with a sequence|only length-1 arrays can be converted",
        say=_LENGTHS,
    ),
    Cause(
        code="SW105",
        pattern=r"Unrecognized data type: (?P<name>\w+)=\[",
        say=lambda match, _: (
            f"{match['name']} is a Python list, which Keras 3 does not take for an array",
            f"Make an array of it: {match['name']} = np.array({match['name']}).",
        ),
    ),
    Cause(
        code="SW121",
        pattern=r"could not convert string to float|Cast string to \w+ is not supported|Invalid dtype: (object|str)"
        r"|Unsupported object type (str|float|int|NoneType|bool|Timestamp)|Unsupported type: (object|<U)|expected "
        r"float.*got .*str"
        r"|invalid literal for|can't convert np.ndarray of type numpy.(object_|str_)",
        say=_TEXT,
    ),
    Cause(
        code="SW109",
        pattern=r"Data cardinality is ambiguous|inconsistent numbers of samples",
        say=_fixed(
            "inputs and labels have different numbers of samples",
            "Every sample needs its label: look where rows are dropped, split or windowed, and do the same to both.",
        ),
    ),
    Cause(
        code="SW103",
        pattern=_LAYER + r"expected (min_|max_)?ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)\. Full shape received: "
        r"(?P<shape>\([^)]*\))",
        say=_layer_rank,
    ),
    Cause(
        code="SW101",
        pattern=_LAYER + r"expected axis -1 of input shape to have value (?P<value>\d+), but received input with shape "
        r"(?P<shape>\([^)]*\))",
        say=_layer_axis,
    ),
    Cause(
        code="SW102",
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
        code="SW101",
        pattern=r"Expected shape (?P<wanted>\([^)]*\)), but input has incompatible shape (?P<given>\([^)]*\))",
        say=lambda match, _: (
            f"the data does not have the shape that the model takes: {match['given']} for {match['wanted']}",
            "Give the data that shape (x[..., None] adds a last axis, reshape the rest), or make Input for the data.",
        ),
    ),
    Cause(
        code="SW101",
        pattern=r"expects (?P<wanted>\d+) input\(s\), but it received (?P<given>\d+)|missing data for input",
        say=_fixed(
            "the model has another number of inputs than it is given",
            "Give one array for each Input, in a list or in a dict by their names; a single input takes one array, "
            "no list.",
        ),
    ),
    Cause(
        code="SW307",
        pattern=r"Received a label value of (?P<value>-?\d+) which is outside the valid range of \[0, (?P<units>\d+)\)",
        say=_label_value,
    ),
    Cause(
        code="SW307",
        pattern=r"index (?P<value>\d+) is out of bounds for axis 1 with size (?P<units>\d+)",
        line="to_categorical",
        say=_label_value,
    ),
    Cause(
        code="SW412",
        pattern=r"indices\[[\d,]*\] = (?P<value>-?\d+) is not in \[0, (?P<rows>\d+)\)",
        say=lambda match, _: (
            f"an embedding of {match['rows']} rows is asked for row {match['value']}",
            f"Embedding(input_dim=...) must be larger than the largest number, at least {int(match['value']) + 1}.",
        ),
    ),
    Cause(
        code="SW106",
        pattern=r"target\.shape=(?P<target>\([^)]*\)), output\.shape=(?P<output>\([^)]*\))",
        say=_labels,
    ),
    Cause(
        code="SW106",
        pattern=r"logits and labels must (have the same first dimension|be broadcastable)|Shapes \([^)]*\) and "
        r"\([^)]*\) are "
        r"incompatible|compile_loss/\S* = Sub|Dimensions must be equal.*(loss|mse|mean_squared|crossentropy)"
        r"|number of (losses|outputs)",
        say=_LABELS,
    ),
    Cause(
        code="SW111",
        pattern=r"Negative dimension size|output size would be zero or negative|Computed output size would be negative",
        say=_negative,
    ),
    Cause(
        code="SW113",
        pattern=r"requires inputs with matching shapes|[Ii]nputs have incompatible shapes|A merge layer should be "
        r"called",
        say=_fixed(
            "the inputs of a merging layer do not fit together",
            "Concatenate needs equal lengths in every axis but its own, Add and Multiply in all: Flatten or Reshape "
            "them first.",
        ),
    ),
    Cause(code="SW112", pattern=r"(?P<said>cannot reshape array of size \d+ into shape \([^)]*\))", say=_reshape),
    Cause(
        code="SW112",
        pattern=r"(?P<said>total size of the tensor must be unchanged|Input to reshape is a tensor with \d+ values)",
        say=_reshape,
    ),
    Cause(
        code="SW112",
        pattern=r"Matrix size-incompatible|could not be broadcast together|Incompatible shapes|Dimensions must be equal"
        r"|mat1 and mat2 shapes cannot be multiplied|shapes .* not aligned|dot_general requires|incompatible shapes "
        r"for broadcasting",
        say=_SHAPES,
    ),
    Cause(
        code="SW127",
        pattern=r"Op has type (?P<one>\w+) that does not match type (?P<other>\w+) of argument",
        say=_two_types,
    ),
    Cause(
        code="SW127",
        pattern=r"was expected to be an? (?P<one>\w+) tensor but is an? (?P<other>\w+) tensor",
        say=_two_types,
    ),
    Cause(
        code="SW127",
        pattern=r"Tensor conversion requested dtype (?P<one>\w+) for Tensor with dtype (?P<other>\w+)",
        say=_two_types,
    ),
    Cause(
        code="SW132",
        pattern=r"(not recognized|nrecognized keyword|nexpected keyword|no attribute|No module named|cannot import)"
        r"[^\n]*?(?<![\w.])(?P<word>" + _KERAS_2_WORDS + r")(?![\w])",
        say=_keras_2,
    ),
    Cause(
        code="SW132",
        pattern=r"[Ii]nvalid filepath extension|filepath provided must end in `(?P<end>[^`]+)`",
        say=lambda match, _: (
            f"Keras 3 wants another file name: one that ends in {match['end'] or '.keras'}",
            "Whole models are saved as name.keras, weights alone as name.weights.h5; export(folder) for serving.",
        ),
    ),
    Cause(code="SW133", pattern=r"ModuleNotFoundError.*: No module named '(?P<module>[\w.]+)'", say=_not_there),
    Cause(code="SW134", pattern=r"FileNotFoundError.*: .*?'(?P<file>[^']+)'", say=_file),
    Cause(
        code="SW135",
        pattern=r"You must call `compile\(\)`|No loss to compute|Provide a `loss` argument",
        say=_fixed(
            "the model is not compiled, or has no loss",
            "Before fit: model.compile(optimizer='adam', loss=...).",
        ),
    ),
    Cause(
        code="SW136",
        pattern=r"A KerasTensor (cannot be used|is symbolic)|KerasTensor.*cannot be|Cannot convert a symbolic .*array",
        say=_fixed(
            "an operation of TensorFlow or NumPy is used on an input of the model that has no values yet",
            "Use keras.ops, or put it into a Lambda layer or the call of a layer of your own.",
        ),
    ),
    Cause(
        code="SW132",
        pattern=r"metrics=|loss_weights",
        say=_fixed(
            "the third argument of compile is not metrics in Keras 3",
            "Name it: compile(optimizer, loss, metrics=[...]); by position it is loss_weights.",
        ),
    ),
    Cause(
        code="SW138",
        pattern=r"Output with path .* is not connected to `inputs`|Graph disconnected|not connected to the inputs",
        say=_fixed(
            "the outputs of the model do not come from its inputs",
            "Model(inputs=..., outputs=...) needs the very Inputs from which the layers were called: give it those, or "
            "call the inner models on the new ones, inner(new_input).",
        ),
    ),
    Cause(
        code="SW139",
        pattern=r"[Cc]ould not interpret (?P<kind>activation|loss|metric|optimizer|initializer|regularizer|constraint)"
        r"( function)? (identifier|object): (?P<name>[^\n]+)",
        say=_not_known,
    ),
    Cause(
        code="SW140",
        pattern=r"(?P<said>Cannot convert '(?P<value>\d+)' to a shape)",
        say=lambda match, _: (
            f"a shape is a tuple, not the number {match['value']}",
            f"Write shape=({match['value']},): the comma makes it a tuple.",
        ),
    ),
    Cause(
        code="SW140",
        pattern=r"'list' object has no attribute 'get'",
        line="class_weight",
        say=_fixed(
            "class_weight is a list, where fit takes a dict",
            "Write class_weight=dict(enumerate(weights)): the weight of each class number.",
        ),
    ),
    Cause(
        code="SW140",
        pattern=r"(?P<said>missing (a|\d+) required (positional )?arguments?: [^\n]+|nexpected keyword argument [^\n]+"
        r"|nrecognized keyword arguments?[^\n]*|Argument\(s\) not recognized[^\n]*|Received an invalid value for[^\n]+"
        r"|should be passed an `input_shape` with at least[^\n]+)",
        say=_argument,
    ),
    Cause(
        code="SW141",
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
        code="SW142",
        pattern=r"(providing `x` as a [^\n]*|Argument )`(?P<what>y|validation_split)` (should not|is only supported)",
        say=_two_forms,
    ),
    Cause(
        code="SW142",
        pattern=r"generator must return a tuple|must be a tuple of length|Expected.*generator.*tuple",
        say=_fixed(
            "what the generator gives is no pair of inputs and labels",
            "yield x_batch, y_batch: a tuple for each batch, not x alone and not a list.",
        ),
    ),
    Cause(
        code="SW143",
        pattern=r"None values not supported|NoneType.*(cannot|can't) be converted|Attempt to convert a value \(None\)",
        say=_fixed(
            "there is None where numbers are needed",
            "Give fit the labels: fit(x, y). Otherwise a loss, a metric or a call of your own has no return.",
        ),
    ),
    Cause(
        code="SW417",
        pattern=r"No gradients provided for any variable",
        say=_fixed(
            "no gradient reaches any weight",
            "The loss must follow from the outputs by operations with a gradient: no rounding, comparing, argmax, cast "
            "to integers or NumPy in it.",
        ),
    ),
    Cause(
        code="SW144",
        pattern=r"does not have a `call\(\)` method|object has no attribute '_(dtype_policy|tracker|layers|lock)'"
        r"|has not called .*super\(\)|forgot to call `?super",
        say=_fixed(
            "a model or layer of one's own is not complete",
            "Begin __init__ with super().__init__(), and define call(self, inputs), which returns the outputs.",
        ),
    ),
    Cause(
        code="SW144",
        pattern=r"cannot be built because it has no layers",
        say=_fixed("the model has no layers", "Add layers before fit: model.add(keras.layers.Dense(...))."),
    ),
    Cause(code="SW145", pattern=r"KeyError[^\n]*?: (?P<key>\S[^\n]*)", say=_key),
    Cause(code="SW137", pattern=r"NameError.*: name '(?P<name>\w+)' is not defined", say=_name),
)
"""In the order in which they are tried."""
