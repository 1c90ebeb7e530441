"""Names in Keras: what a misspelt one may mean, and what Keras 3 has in place of names of Keras 2."""

import difflib
import re
from re import Match

from sweeper.checks.diagnose._facts import Raised
from sweeper.optimizers import KNOWN_OPTIMIZERS


def not_known(match: Match[str], raised: Raised) -> tuple[str, str]:
    """Title and remedy for a name that Keras does not know, with the known name that is most like it."""
    del raised
    kind, name = match["kind"], match["name"].strip("'\"")
    known = _NAMES.get(kind, ())
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return (
        f"Keras knows no {kind} of the name {name}",
        f"Did you mean '{near[0]}'?" if near else f"Fix its spelling, or give an object of keras.{_MODULES[kind]}.",
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
    "optimizer": tuple(dict.fromkeys(known.keras_class.lower() for known in KNOWN_OPTIMIZERS)),
    "initializer": (
        *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal", "zeros", "ones"),
        *("random_normal", "random_uniform", "truncated_normal", "variance_scaling"),
    ),
}
"""Names in common use, for a guess at what was meant."""


def gone_from_keras_3(match: Match[str], raised: Raised) -> tuple[str, str]:
    """Title and remedy for a name of Keras 2 that Keras 3 does not have."""
    del raised
    word = match["word"]
    return f"the script is written for Keras 2: {word} is gone from Keras 3", _GONE[word]


_GONE = {
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
KERAS_2_WORDS = "|".join(re.escape(word) for word in _GONE)
"""Regular expression of the names that are gone."""
