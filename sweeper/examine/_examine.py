"""From a fit call to the facts that checks read; what cannot be examined is left out, with the reason."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import (
    SHORT_STEPS,
    AbstractBatches,
    Bounds,
    Call,
    FitArguments,
    LossScaling,
    Samples,
    SourceLines,
    batches_of,
    inner,
    input_shapes,
    path_of,
    peak_rate,
    rate_callback,
    read,
    schedule_name,
    short_fit,
)
from sweeper.diagnose import (
    ArrayFacts,
    CallFacts,
    EndFacts,
    Facts,
    ModelFacts,
    RateFacts,
    Relation,
    TrainedFacts,
    ValidationFacts,
)
from sweeper.examine._all_labels import Labels, labels_read, labels_taken
from sweeper.examine._arrays import as_numpy, summarise
from sweeper.examine._ends import chosen_rows, look_at_ends
from sweeper.examine._heads import head_by_call, heads_of
from sweeper.examine._model import flat_layers, inputs_of, layer_facts
from sweeper.examine._nested import parts_of
from sweeper.examine._relation import relation_of
from sweeper.examine._statistics import SAMPLE_ROWS, sampled
from sweeper.examine._step import look_at_batch
from sweeper.examine._validation import compare
from sweeper.examine._wiring import Wiring

T = TypeVar("T")

ELEMENTS_SAMPLES = 512
"""Samples that are taken of a pipeline, generator or loader."""
DEFAULT_BATCH_SIZE = 32
"""Keras's own default."""
ELEMENTS_BYTES = 1 << 26
"""Most bytes of them, 64 MiB."""
ITERATOR_ELEMENTS = 8
"""Elements that are taken of an iterator, which cannot be begun again; they are put back in front."""
FIRST_BATCH = 64
"""Most samples of the batch on which gradients are looked at, and never more than the script's own batch: the look
needs no more memory than a step of the script."""
LEAST_BATCH = 4
"""Fewest samples of that batch: of large images no more are taken; dead units are judged from eight on."""
ELEMENTS_BATCH = 16
"""Samples of the first batch of a pipeline, whose elements may be samples or batches."""
LOOK_VALUES = 1 << 25
"""Most values that layers give for such a batch, 128 MiB in single precision."""
SAME_OUTPUT = 1e-6
"""Relative difference up to which outputs count as equal: a few roundings of single precision."""
_TABLE = 2
"""Axes of a table, or of one answer for each of its rows."""
_LOOKED_UP = ("Embedding", "TextVectorization", "Hashing", "StringLookup", "IntegerLookup")
"""Layers whose inputs are indices or categories, not quantities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The data that fit is given, as values that can be examined."""

    x: Any
    y: Any
    labels: Labels | None = None
    """More of the labels than those in `y`; None where `y` is all of them."""
    of_elements: bool = False
    """Whether `x` and `y` are some samples of a pipeline, generator or loader."""


@dataclass(slots=True)
class Examination:
    """Examines one fit call, and keeps the reasons why something could not be examined."""

    call: Call
    source_lines: SourceLines
    earlier_fits: int = 0
    samples: Samples | None = None
    """Samples of the call's data, where they have been taken already."""
    cut: bool = False
    """Whether the data has more than these."""
    scaling: LossScaling = field(default_factory=LossScaling)
    """What was seen of loss scaling while steps were traced."""
    unknown: list[tuple[str, str]] = field(default_factory=list)
    data: Data = field(default_factory=lambda: Data(x=None, y=None), init=False)
    """What fit is given, once `facts` has looked."""

    def facts(self) -> Facts:
        """The facts that can be found without training."""
        model, arguments = self.call.model, self.call.arguments
        data = self.data = self._learn("data", self._given) or self.data
        inputs = self._learn("inputs", lambda: _summaries("x", data.x, of_elements=data.of_elements)) or ()
        labels = self._learn("labels", lambda: _label_summaries(data)) or ()
        validated = arguments["validation_data"] is not None or bool(arguments["validation_split"])
        self._learn("build", lambda: _build(model, data))
        facts = self._learn("model", lambda: self._model(labels)) or _plain_model(model)
        if not facts.heads and not facts.own_step:
            called = self._learn(
                "outputs", lambda: head_by_call(model, _as_arrays(_rows(data.x, 2)), labels, self.source_lines)
            )
            facts = replace(facts, heads=called or ())
        return Facts(
            call=self._learn("call", lambda: self._call(data)) or CallFacts(location=self.call.at.place),
            model=facts,
            rate=self._learn("rate", self._rate),
            inputs=_in_order(inputs, model),
            labels=labels,
            has_validation=validated,
            validation=self._learn("validation", lambda: self._validation(data)),
            unscaled_by=self._learn("loss scaling", lambda: self.scaling.forgotten(model)),
            ends=self._learn("ends", lambda: self._ends(facts, data)),
            relation=self._learn("relation", lambda: _relation(data, inputs, facts)),
            unknown=tuple(self.unknown),
        )

    def with_step(self, facts: Facts) -> Facts:
        """The facts, completed by those of a first batch; changes no variable."""
        step = None
        if self.data.x is not None and not facts.model.own_step and facts.model.heads:
            step = self._learn(
                "step", lambda: look_at_batch(self.call.model, self._first_batch(facts), self.source_lines)
            )
        return replace(facts, step=step, unknown=tuple(self.unknown))

    def train(self, facts: Facts) -> tuple[Facts, Any]:
        """Trains a few steps with the script's own fit: returns the facts completed by theirs, and the history."""
        watch = _loss_watch()
        arguments = self.call.arguments
        callbacks = arguments["callbacks"]
        own = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks] if callbacks else []
        watched = FitArguments(values=arguments.values | {"callbacks": [*own, watch]})
        history = short_fit(self.call.model, self.call.original, watched)
        losses = watch.losses
        trained = TrainedFacts(
            steps=SHORT_STEPS,
            first_loss=losses[0] if losses else None,
            last_loss=losses[-1] if losses else None,
            not_finite_weights=not_finite(self.call.model),
            one_output=self._learn("outputs", lambda: self._one_output(facts)),
        )
        return replace(facts, trained=trained, unscaled_by=self.scaling.forgotten(self.call.model)), history

    def _first_batch(self, facts: Facts) -> tuple[Any, Any]:
        """The first samples, few enough that the model's outputs for them stay small beside a step of the script."""
        data, arguments = self.data, self.call.arguments
        own = ELEMENTS_BATCH if data.of_elements else int(arguments["batch_size"] or DEFAULT_BATCH_SIZE)
        given = sum(math.prod(size or 1 for size in layer.output_shape or ()) for layer in facts.model.layers)
        count = max(LEAST_BATCH, min(FIRST_BATCH, own, LOOK_VALUES // max(given, 1)))
        return _as_arrays(_rows(data.x, count)), _as_arrays(_rows(data.y, count))

    def _ends(self, facts: ModelFacts, data: Data) -> tuple[EndFacts, ...] | None:
        """The ends of the outputs' range where the person's own loss is not finite; None without such a loss."""
        import keras

        model = self.call.model
        own_loss = type(model).compute_loss is not keras.Model.compute_loss
        own = own_loss and not type(model).__module__.startswith("keras.")
        if not facts.heads or data.y is None or not (own or any(head.loss and head.loss.own for head in facts.heads)):
            return None
        labels = as_numpy(parts_of("y", data.y)[0][1])[0]
        most = max(1, LOOK_VALUES // max(labels.size // max(len(labels), 1), 1))
        among = sampled(len(labels), min(most, SAMPLE_ROWS))
        rows = np.tile(among[chosen_rows(labels[among])], 3)
        return look_at_ends(model, facts.heads, _as_arrays(_at(data.x, rows)), _as_arrays(_at(data.y, rows)))

    def _one_output(self, facts: Facts) -> float | None:
        """The output value that all samples of a batch get; None where outputs differ, or inputs are equal."""
        import keras

        if not facts.model.heads or self.data.x is None:
            return None
        x, _ = self._first_batch(facts)
        if not any((array != array[:1]).any() for array in keras.tree.flatten(x)):
            return None
        given = [np.asarray(keras.ops.convert_to_numpy(one)) for one in keras.tree.flatten(self.call.model(x))]
        spread = max(float(np.ptp(one, axis=0).max()) for one in given)
        size = max(float(np.abs(one).max()) for one in given)
        return float(given[0].reshape(-1)[0]) if spread <= SAME_OUTPUT * size else None

    def _learn(self, what: str, look: Callable[[], T]) -> T | None:
        """The result of a function; None where objects of the script raise, for which the reason is kept."""
        try:
            return look()
        except Exception as error:  # noqa: BLE001  models and data are whatever a script made; no check may fail for them
            self.unknown.append((what, f"{type(error).__name__}: {str(error).strip()[:200]}"))
            return None

    def _given(self) -> Data:
        arguments = self.call.arguments
        x = arguments["x"]
        batches = batches_of(x)
        if batches is None:
            return Data(x=x, y=arguments["y"])
        samples = self.samples if self.samples is not None else self._take(batches)
        batch = samples.look(ELEMENTS_SAMPLES)
        parts = batch if isinstance(batch, tuple) else (batch,)
        y = parts[1] if len(parts) > 1 else None
        labels = self._learn("all labels", lambda: self._labels(x, y)) if y is not None else None
        return Data(x=parts[0], y=y, labels=labels or Labels(values=y, fair=False), of_elements=True)

    def _labels(self, source: Any, first: Any) -> Labels:
        """The labels of a source, as many as can be read without training."""
        if self.samples is None:
            return labels_read(source, first)
        return labels_taken(self.samples, first, cut=self.cut)

    def _take(self, batches: AbstractBatches) -> Samples:
        elements = None if batches.begins_again else ITERATOR_ELEMENTS
        bounds = Bounds(nbytes=ELEMENTS_BYTES, samples=ELEMENTS_SAMPLES, elements=elements)
        taken = batches.taken(bounds, shapes=input_shapes(self.call.model))
        self.call.arguments.values["x"] = batches.as_fit_takes_it()
        return taken.samples

    def _model(self, labels: tuple[ArrayFacts, ...]) -> ModelFacts:
        import keras

        model = self.call.model
        plain, wiring = _plain_model(model), Wiring(model)
        return replace(
            plain,
            layers=tuple(layer_facts(layer, self.source_lines, wiring) for layer in flat_layers(model)),
            inputs=inputs_of(model, wiring),
            heads=heads_of(model, labels, self.source_lines),
            trainable=sum(_size(weight) for weight in model.trainable_variables),
            parameters=sum(_size(weight) for weight in model.weights),
            not_finite_weights=not_finite(model),
            precision=str(keras.config.dtype_policy().name),
        )

    def _call(self, data: Data) -> CallFacts:
        arguments = self.call.arguments
        steps = arguments["steps_per_epoch"]
        return CallFacts(
            location=self.call.at.place,
            compiled_at=self.source_lines.of_compile(self.call.model),
            epochs=int(arguments["epochs"] or 1),
            batch_size=arguments["batch_size"],
            steps_per_epoch=int(steps) if steps else None,
            batches=_batches(arguments, data),
            earlier_fits=self.earlier_fits,
        )

    def _rate(self) -> RateFacts | None:
        optimizer = self.call.model.optimizer
        if optimizer is None:
            return None
        own = inner(optimizer)
        clips = any(getattr(own, name, None) for name in ("clipnorm", "clipvalue", "global_clipnorm"))
        schedule = schedule_name(optimizer) or rate_callback(self.call.arguments["callbacks"])
        return RateFacts(
            optimizer=type(own).__name__, rate=peak_rate(optimizer, None), schedule=schedule, clips=bool(clips)
        )

    def _validation(self, data: Data) -> ValidationFacts | None:
        arguments = self.call.arguments
        given, split = arguments["validation_data"], arguments["validation_split"]
        if data.of_elements or len(parts_of("x", data.x)) != 1:
            return None
        if isinstance(given, tuple | list) and len(given) > 1 and batches_of(given[0]) is None:
            return compare(data.x, data.y, given[0], given[1])
        if not split or given is not None:
            return None
        at = int((_length(data.x) or 0) * (1 - split))
        return compare(data.x[:at], _cut(data.y, slice(0, at)), data.x[at:], _cut(data.y, slice(at, None)))


def _cut(y: Any, part: slice) -> Any:
    return None if y is None else y[part]


def _summaries(name: str, value: Any, *, of_elements: bool) -> tuple[ArrayFacts, ...]:
    return tuple(summarise(part, item, of_elements=of_elements) for part, item in parts_of(name, value))


def _label_summaries(data: Data) -> tuple[ArrayFacts, ...]:
    if data.labels is None:
        return _summaries("y", data.y, of_elements=data.of_elements)
    found = _summaries("y", data.labels.values, of_elements=data.of_elements)
    return tuple(replace(array, beginning=not data.labels.fair) for array in found)


def _in_order(inputs: tuple[ArrayFacts, ...], model: Any) -> tuple[ArrayFacts, ...]:
    """Inputs that are given by name, in the order of the model's inputs."""
    names = [f"x[{str(tensor.name)!r}]" for tensor in getattr(model, "inputs", None) or ()]
    by_name = {array.name: array for array in inputs}
    return tuple(by_name[name] for name in names) if names and all(name in by_name for name in names) else inputs


def _build(model: Any, data: Data) -> None:
    """Builds a model that fit would build in its first step."""
    if model.built and getattr(model, "inputs", None):
        return
    x = _rows(data.x, 2)
    if type(model).__name__ == "Sequential" and len(getattr(x, "shape", ())) > 1:
        model.build(np.shape(x))


def _rows(value: Any, count: int) -> Any:
    """The first samples of nested data."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _rows(item, count) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_rows(item, count) for item in value)
    return value.iloc[:count] if hasattr(value, "iloc") else value[:count]


def _at(value: Any, rows: NDArray[np.int64]) -> Any:
    """The samples with these indices, of nested data."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _at(item, rows) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_at(item, rows) for item in value)
    return value.iloc[rows] if hasattr(value, "iloc") else as_numpy(value)[0][rows]


def _as_arrays(value: Any) -> Any:
    """Nested data as numpy arrays, floats in Keras's own type."""
    import keras

    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _as_arrays(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_as_arrays(item) for item in value)
    array = value.to_numpy() if hasattr(value, "iloc") else np.asarray(value)
    array = array[:, None] if hasattr(value, "iloc") and array.ndim == 1 else array
    return array.astype(keras.config.floatx()) if array.dtype.kind in "fO" else array


def _plain_model(model: Any) -> ModelFacts:
    """The facts that any model has, even one that is not built."""
    import keras

    kind = type(model)
    known = kind.__module__.startswith("keras.")
    own_step = any(
        getattr(kind, name, None) is not getattr(keras.Model, name, None)
        for name in ("train_step", "compute_loss", "compute_own_loss")
    )
    weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    words = (
        weights.values() if isinstance(weights, dict) else weights if isinstance(weights, list | tuple) else [weights]
    )
    return ModelFacts(
        name=str(model.name),
        kind=kind.__name__,
        own_step=own_step and not known,
        compiled=bool(model.compiled),
        text_weights=tuple(word for word in words if isinstance(word, str)),
    )


def _size(weight: Any) -> int:
    return int(np.prod(weight.shape)) if len(weight.shape) else 1


def not_finite(model: Any) -> tuple[str, ...]:
    """Names of weights that hold NaN or infinity."""
    names = []
    for weight in model.weights:
        values = read(weight)
        if values.dtype.kind == "f" and values.size and not np.isfinite(values.sum(dtype=np.float64)):
            names.append(path_of(weight))
    return tuple(names)


def _batches(arguments: FitArguments, data: Data) -> int | None:
    """Batches of an epoch; None where unknown or endless."""
    x = arguments["x"]
    if data.of_elements:
        size = int(x.cardinality()) if hasattr(x, "cardinality") else -1
        return size if size >= 0 else None
    counts = [count for _, item in parts_of("x", x) if (count := _length(item)) is not None]
    return -(-counts[0] // int(arguments["batch_size"] or DEFAULT_BATCH_SIZE)) if counts else None


def _length(value: Any) -> int | None:
    """The number of samples of an array, sparse ones included."""
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    return len(value) if isinstance(value, list | tuple) else None


def _relation(data: Data, inputs: tuple[ArrayFacts, ...], model: ModelFacts) -> Relation | None:
    """The relation of one table of numbers with one array of labels, for losses that tell what labels are."""
    one = len(parts_of("x", data.x)) == 1 and len(parts_of("y", data.y)) == 1 and len(model.heads) == 1
    if not one or data.of_elements or len(inputs[0].shape) != _TABLE:
        return None
    if any(layer.kind in _LOOKED_UP for layer in model.layers):
        return None  # numbers of words, of which a look at their size tells nothing
    head = model.heads[0]
    if head.loss is None or head.labels is None or head.loss.own or len(head.shape) != _TABLE:
        return None
    single = head.labels.one_hot or head.labels.sample_shape in {(), (1,)}
    if head.loss.name.endswith("crossentropy"):
        classes = single and (head.labels.whole or head.labels.one_hot)
        return relation_of(data.x, data.y, classes=True) if classes else None
    if head.loss.name not in {"mean_squared_error", "mean_absolute_error", "huber"}:
        return None
    return relation_of(data.x, data.y, classes=False)


def _loss_watch() -> Any:
    """A callback that keeps the loss of each step, from Keras's running mean."""
    import keras

    class LossWatch(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.losses: list[float] = []
            self._mean = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if "loss" not in (logs or {}):
                return  # a train step of one's own may report anything
            mean = float(logs["loss"])
            self.losses.append(mean * (batch + 1) - self._mean * batch)
            self._mean = mean

    return LossWatch()
