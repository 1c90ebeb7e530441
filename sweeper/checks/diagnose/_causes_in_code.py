"""Causes of exceptions about packages, names, arguments and the making of a model."""

from re import Match

from sweeper.checks.diagnose._base import Cause, always
from sweeper.checks.diagnose._facts import Raised
from sweeper.checks.diagnose._keras_names import KERAS_2_WORDS, gone_from_keras_3, not_known
from sweeper.checks.diagnose._steps import NO_GRADIENT
from sweeper.checks.diagnose._types import KERAS_2, NOT_COMPILED
from sweeper.findings import FindingKind, Severity

TWO_TYPES = FindingKind("SW127", Severity.ERROR, "numbers of two types meet")
NO_PACKAGE = FindingKind("SW133", Severity.ERROR, "a package is not installed")
NO_FILE = FindingKind("SW134", Severity.ERROR, "a file is not there")
NO_VALUES_YET = FindingKind("SW136", Severity.ERROR, "TensorFlow or NumPy is used on an input without values")
NO_NAME = FindingKind("SW137", Severity.ERROR, "a name is not defined")
DISCONNECTED = FindingKind("SW138", Severity.ERROR, "the outputs of the model do not come from its inputs")
UNKNOWN_NAME = FindingKind("SW139", Severity.ERROR, "Keras knows no loss, optimizer, metric or activation of that name")
WRONG_ARGUMENT = FindingKind("SW140", Severity.ERROR, "an argument is not of the kind that is taken")
NOT_MEASURED = FindingKind("SW141", Severity.ERROR, "a callback watches what is not measured")
BESIDE_A_PIPELINE = FindingKind("SW142", Severity.ERROR, "arguments of fit that do not go with a pipeline")
NONE_GIVEN = FindingKind("SW143", Severity.ERROR, "None where numbers are needed")
INCOMPLETE = FindingKind("SW144", Severity.ERROR, "a model or layer of one's own is not complete")
NO_KEY = FindingKind("SW145", Severity.ERROR, "a column or key is not there")


def _wrong_argument(match: Match[str], raised: Raised) -> tuple[str, str]:
    said = match["said"].strip().rstrip(".")
    return f"an argument is not of the kind that is taken: {said}", f"Fix the call: {raised.source or said}"


def _beside_a_pipeline(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    what = match["what"]
    return (
        f"{what} does not go together with a pipeline",
        "A dataset holds its labels: tf.data.Dataset.from_tensor_slices((x, y)).batch(32), and fit(dataset) alone."
        if what == "y"
        else "Split it before fit: validation_data=dataset.take(n), and train on dataset.skip(n).",
    )


def _missing_key(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"there is no column or key {match['key']}",
        "Print the names that there are (list(frame.columns)): look for spaces, capitals and the header line.",
    )


def _missing_package(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    module = match["module"]
    if module.startswith("google.colab"):
        return (
            "google.colab is there in Colab only",
            "Put these lines under if 'google.colab' in sys.modules: and what is to be done elsewhere under its else.",
        )
    return (
        f"the package {module.partition('.')[0]} is not installed here",
        f"Install it: pip install {module.partition('.')[0]}.",
    )


def _missing_file(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"a file is not there: {match['file']}",
        (
            "Look at the path: it counts from the folder in which the command runs. Load the data first, or give the "
            "script's own arguments after --."
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


def _missing_name(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return f"{match['name']} is not defined", "Import it, define it above this line, or fix its spelling."


CAUSES_IN_CODE: tuple[Cause, ...] = (
    Cause(
        kind=TWO_TYPES,
        pattern=r"Op has type (?P<one>\w+) that does not match type (?P<other>\w+) of argument",
        say=_two_types,
    ),
    Cause(
        kind=TWO_TYPES,
        pattern=r"was expected to be an? (?P<one>\w+) tensor but is an? (?P<other>\w+) tensor",
        say=_two_types,
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
        say=_two_types,
    ),
    Cause(
        kind=KERAS_2,
        pattern=r"(not recognized|nrecognized keyword|nexpected keyword|no attribute|No module named|cannot import)"
        r"[^\n]*?(?<![\w.])(?P<word>" + KERAS_2_WORDS + r")(?![\w])",
        say=gone_from_keras_3,
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
        say=_missing_package,
    ),
    Cause(kind=NO_FILE, pattern=r"FileNotFoundError.*: .*?'(?P<file>[^']+)'", say=_missing_file),
    Cause(
        kind=NOT_COMPILED,
        pattern=r"You must call `compile\(\)`|No loss to compute|Provide a `loss` argument",
        say=always(
            "the model is not compiled, or has no loss",
            "Before fit: model.compile(optimizer='adam', loss=...).",
        ),
    ),
    Cause(
        kind=NO_VALUES_YET,
        pattern=r"A KerasTensor (cannot be used|is symbolic)|KerasTensor.*cannot be|Cannot convert a symbolic .*array",
        say=always(
            "an operation of TensorFlow or NumPy is used on an input of the model that has no values yet",
            "Use keras.ops, or put it into a Lambda layer or the call of a layer of your own.",
        ),
    ),
    Cause(
        kind=KERAS_2,
        pattern=r"metrics=|loss_weights",
        say=always(
            "the third argument of compile is not metrics in Keras 3",
            "Name it: compile(optimizer, loss, metrics=[...]); by position it is loss_weights.",
        ),
    ),
    Cause(
        kind=DISCONNECTED,
        pattern=r"Output with path .* is not connected to `inputs`|Graph disconnected|not connected to the inputs",
        say=always(
            "the outputs of the model do not come from its inputs",
            "Model(inputs=..., outputs=...) needs the very Inputs from which the layers were called: give it those, or "
            "call the inner models on the new ones, inner(new_input).",
        ),
    ),
    Cause(
        kind=UNKNOWN_NAME,
        pattern=r"[Cc]ould not interpret (?P<kind>activation|loss|metric|optimizer|initializer|regularizer|constraint)"
        r"( function)? (identifier|object): (?P<name>[^\n]+)",
        say=not_known,
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
        say=always(
            "class_weight is a list, where fit takes a dict",
            "Write class_weight=dict(enumerate(weights)): the weight of each class number.",
        ),
    ),
    Cause(
        kind=WRONG_ARGUMENT,
        pattern=r"(?P<said>missing (a|\d+) required (positional )?arguments?: [^\n]+|nexpected keyword argument [^\n]+"
        r"|nrecognized keyword arguments?[^\n]*|Argument\(s\) not recognized[^\n]*|Received an invalid value for[^\n]+"
        r"|should be passed an `input_shape` with at least[^\n]+)",
        say=_wrong_argument,
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
        say=_beside_a_pipeline,
    ),
    Cause(
        kind=BESIDE_A_PIPELINE,
        pattern=r"generator must return a tuple|must be a tuple of length|Expected.*generator.*tuple",
        say=always(
            "what the generator gives is no pair of inputs and labels",
            "yield x_batch, y_batch: a tuple for each batch, not x alone and not a list.",
        ),
    ),
    Cause(
        kind=NONE_GIVEN,
        pattern=r"None values not supported|NoneType.*(cannot|can't) be converted|Attempt to convert a value \(None\)",
        say=always(
            "there is None where numbers are needed",
            "Give fit the labels: fit(x, y). Otherwise a loss, a metric or a call of your own has no return.",
        ),
    ),
    Cause(
        kind=NO_GRADIENT,
        pattern=r"No gradients provided for any variable",
        say=always(
            "no gradient reaches any weight",
            "The loss must follow from the outputs by operations with a gradient: no rounding, comparing, argmax, cast "
            "to integers or NumPy in it.",
        ),
    ),
    Cause(
        kind=INCOMPLETE,
        pattern=r"does not have a `call\(\)` method|object has no attribute '_(dtype_policy|tracker|layers|lock)'"
        r"|has not called .*super\(\)|forgot to call `?super",
        say=always(
            "a model or layer of one's own is not complete",
            "Begin __init__ with super().__init__(), and define call(self, inputs), which returns the outputs.",
        ),
    ),
    Cause(
        kind=INCOMPLETE,
        pattern=r"cannot be built because it has no layers",
        say=always("the model has no layers", "Add layers before fit: model.add(keras.layers.Dense(...))."),
    ),
    Cause(kind=NO_KEY, pattern=r"KeyError[^\n]*?: (?P<key>\S[^\n]*)", say=_missing_key),
    Cause(kind=NO_NAME, pattern=r"NameError.*: name '(?P<name>\w+)' is not defined", say=_missing_name),
)
