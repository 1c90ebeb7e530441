"""From a fit call to the facts that checks read; what cannot be examined is left out, with the reason."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from sweeper.capture import (
    SHORT_STEPS,
    Call,
    FitArguments,
    LossScaling,
    Samples,
    SourceLines,
    batches_of,
    inner,
    peak_rate,
    rate_callback,
    schedule_name,
    short_fit,
)
from sweeper.checks.diagnose import ArrayFacts, CallFacts, Facts, ModelFacts, RateFacts, TrainedFacts
from sweeper.checks.worker._all_labels import Labels, labels_read, labels_taken
from sweeper.checks.worker._data import (
    ELEMENTS_SAMPLES,
    Data,
    batch_count,
    in_order,
    input_summaries,
    label_summaries,
    take,
)
from sweeper.checks.worker._ends import ends_of
from sweeper.checks.worker._heads import head_by_call, heads_of
from sweeper.checks.worker._model import flat_layers, inputs_of, layer_facts, not_finite, plain_model, size_of
from sweeper.checks.worker._nested import as_arrays, first_rows
from sweeper.checks.worker._relation import data_relation
from sweeper.checks.worker._step import first_batch, look_at_batch
from sweeper.checks.worker._trained import loss_watch, one_output
from sweeper.checks.worker._validation import validation_facts
from sweeper.checks.worker._wiring import Wiring

T = TypeVar("T")


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
        inputs = self._learn("inputs", lambda: input_summaries(data)) or ()
        labels = self._learn("labels", lambda: label_summaries(data)) or ()
        self._learn("build", lambda: _build(model, data))
        facts = self._learn("model", lambda: self._model(labels)) or plain_model(model)
        if not facts.heads and not facts.own_step:
            called = self._learn(
                "outputs", lambda: head_by_call(model, as_arrays(first_rows(data.x, 2)), labels, self.source_lines)
            )
            facts = replace(facts, heads=called or ())
        return Facts(
            call=self._learn("call", lambda: self._call(data)) or CallFacts(location=self.call.at.place),
            model=facts,
            rate=self._learn("rate", self._rate),
            inputs=in_order(inputs, model),
            labels=labels,
            validation=self._learn("validation", lambda: validation_facts(arguments, data)),
            unscaled_by=self._learn("loss scaling", lambda: self.scaling.forgotten(model)),
            ends=self._learn("ends", lambda: ends_of(model, facts, data)),
            relation=self._learn("relation", lambda: data_relation(data, inputs, facts)),
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
        watch = loss_watch()
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
        return first_batch(self.data, self.call.arguments["batch_size"], facts.model.layers)

    def _one_output(self, facts: Facts) -> float | None:
        if not facts.model.heads or self.data.x is None:
            return None
        return one_output(self.call.model, self._first_batch(facts)[0])

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
        samples = self.samples if self.samples is not None else take(self.call, batches)
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

    def _model(self, labels: tuple[ArrayFacts, ...]) -> ModelFacts:
        import keras

        model = self.call.model
        plain, wiring = plain_model(model), Wiring(model)
        return replace(
            plain,
            layers=tuple(layer_facts(layer, self.source_lines, wiring) for layer in flat_layers(model)),
            inputs=inputs_of(model, wiring),
            heads=heads_of(model, labels, self.source_lines),
            trainable=sum(size_of(weight) for weight in model.trainable_variables),
            parameters=sum(size_of(weight) for weight in model.weights),
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
            batches=batch_count(arguments, data),
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


def _build(model: Any, data: Data) -> None:
    """Builds a model that fit would build in its first step."""
    if model.built and getattr(model, "inputs", None):
        return
    x = first_rows(data.x, 2)
    if type(model).__name__ == "Sequential" and len(getattr(x, "shape", ())) > 1:
        model.build(np.shape(x))
