"""What exceptions mean: title and remedy in plain words, from what their message says."""

import difflib
import re
from collections.abc import Callable
from re import Match
from typing import TypeAlias

from sweeper.diagnose._facts import Raised

Say: TypeAlias = Callable[[Match[str], Raised], tuple[str, str]]
"""From what a pattern found in a message to title and remedy."""


def not_known(match: Match[str], raised: Raised) -> tuple[str, str]:
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


def wrong_argument(match: Match[str], raised: Raised) -> tuple[str, str]:
    said = match["said"].strip().rstrip(".")
    return f"an argument is not of the kind that is taken: {said}", f"Mend the call: {raised.source or said}"


def beside_a_pipeline(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    what = match["what"]
    return (
        f"{what} does not go together with a pipeline",
        "A dataset holds its labels: tf.data.Dataset.from_tensor_slices((x, y)).batch(32), and fit(dataset) alone."
        if what == "y"
        else "Split it before fit: validation_data=dataset.take(n), and train on dataset.skip(n).",
    )


def missing_key(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"there is no column or key {match['key']}",
        "Print the names that there are (list(frame.columns)): look for spaces, capitals and the header line.",
    )


def always(title: str, remedy: str) -> Say:
    return lambda _match, _raised: (title, remedy)


def layer_rank(match: Match[str], raised: Raised) -> tuple[str, str]:
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


def layer_axis(match: Match[str], raised: Raised) -> tuple[str, str]:
    title = f"layer {match['layer']} is made for {match['value']} features, but gets {match['shape']}"
    if raised.method in {"predict", "evaluate", "__call__"}:
        return title, f"Give {raised.method} data prepared as that of fit: the same columns, encoding and form."
    return title, "Make Input, or the input_shape of the first layer, that of the data; later layers need none."


def label_shape(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    labels, outputs = match["target"], match["output"]
    return (
        f"the labels do not have the shape of the outputs: {labels} for {outputs}",
        (
            "Give the last layer as many units as the labels have columns. For whole class numbers take "
            "sparse_categorical_crossentropy, for one-hot rows categorical_crossentropy."
        ),
    )


def label_value(match: Match[str], raised: Raised) -> tuple[str, str]:
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


def keras_2(match: Match[str], raised: Raised) -> tuple[str, str]:
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
KERAS_2_WORDS = "|".join(re.escape(word) for word in _KERAS_2)


def missing_package(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    module = match["module"]
    return (
        f"the package {module.partition('.')[0]} is not installed here",
        f"Install it: pip install {module.partition('.')[0]}.",
    )


def missing_file(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"a file is not there: {match['file']}",
        (
            "Look at the path: it counts from the folder in which the command runs. Load the data first, or give the "
            "script's own arguments after --."
        ),
    )


def syntax(match: Match[str], raised: Raised) -> tuple[str, str]:
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


def reshape(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return (
        f"the numbers do not fill the shape: {match['said']}",
        (
            "The product of the new lengths must be the number of values; -1 in place of one of them lets NumPy work "
            "it out."
        ),
    )


def two_types(match: Match[str], raised: Raised) -> tuple[str, str]:
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


def missing_name(match: Match[str], raised: Raised) -> tuple[str, str]:
    del raised
    return f"{match['name']} is not defined", "Import it, define it above this line, or mend its spelling."


TEXT = always(
    "text or mixed objects where numbers are needed",
    "Encode text as numbers (pandas.get_dummies, np.unique(y, return_inverse=True), StringLookup) or drop those "
    "columns, then convert: x = x.astype('float32').",
)
LENGTHS = always(
    "the sequences have different lengths, so that they make no array",
    "Fill them up: keras.utils.pad_sequences(sequences, padding='post'), with Embedding(..., mask_zero=True) where "
    "zeros are no data.",
)
LABELS = always(
    "labels and outputs do not have one shape",
    "Give the last layer as many units as the labels have columns; Flatten before it where outputs keep axes of the "
    "input.",
)
MEMORY = always(
    "there is not enough memory",
    "Take a smaller batch size (sweeper batch finds the largest), load less of the data at a time, or a smaller model.",
)
SHAPES = always(
    "two shapes do not fit together",
    "Print the shapes of both; look for a missing axis, or for one that is in another place.",
)
