"""A fit call that was taken over: its arguments by name, and what they say of its data."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sweeper.capture._layers import is_stateful
from sweeper.capture._random_states import RandomStates, random_states
from sweeper.capture._sites import CallSite
from sweeper.capture.data import Arguments, Given, Samples, Shapes


@dataclass(frozen=True, slots=True, kw_only=True)
class FitArguments:
    """The arguments of a fit call by name, with Keras's defaults filled in."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def without_model(self) -> Arguments:
        """All of them by name but the model itself, to call fit with again."""
        model_name = next(iter(self.values))
        return {name: value for name, value in self.values.items() if name != model_name}

    @property
    def given(self) -> Given:
        """The arguments that say what the batches of the training are."""
        keeps_part = self["validation_split"] and self["validation_data"] is None
        return Given(
            x=self["x"],
            y=self["y"],
            sample_weight=self["sample_weight"],
            batch_size=self["batch_size"],
            steps_per_epoch=self["steps_per_epoch"],
            shuffle=True if self["shuffle"] is None else self["shuffle"],
            class_weight=self["class_weight"],
            validation_split=float(self["validation_split"]) if keeps_part else 0.0,
        )

    @property
    def given_for_validation(self) -> Given | None:
        """The validation data; None where the call gives none."""
        data = self["validation_data"]
        if data is None:
            return None
        x, y, weight = (*data, None, None)[:3] if isinstance(data, tuple | list) else (data, None, None)
        return Given(x=x, y=y, sample_weight=weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The fit call that is taken over."""

    model: Any
    original: Callable[..., Any]
    """Keras's own `Model.fit`, not intercepted."""
    arguments: FitArguments
    at: CallSite
    number: int
    """1 for the first fit site that the target reaches."""
    random: RandomStates = field(default_factory=random_states)
    """Where the random generators of the process stood when the script called fit."""


def bind_fit(original: Callable[..., Any], model: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> FitArguments:
    """The arguments of a fit call by name; raises `TypeError`, as Python would, when they do not fit."""
    bound = inspect.signature(original).bind(model, *args, **kwargs)
    bound.apply_defaults()
    return FitArguments(values=dict(bound.arguments))


def input_shapes(model: Any) -> Shapes:
    """The shapes of a model's inputs, batch included; empty where they are not known."""
    return tuple(tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ())


def why_fixed(model: Any) -> str:
    """Why a model takes batches of one size only; empty when it takes others."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return f"the model's input {tensor.name!r} has a fixed batch dimension of {tensor.shape[0]}"
    if is_stateful(model):
        return "the model keeps state from batch to batch (a stateful layer), which ties it to one batch size"
    return ""


def fit_batch_size(model: Any, samples: Samples, own_size: int | None) -> int:
    """Samples in a step at the fit site; `own_size` is that of the source's own batches, None for whole elements."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return int(tensor.shape[0])
    if own_size is not None and not samples.whole_elements:
        return own_size
    shapes = [np.shape(column.take(np.zeros(1, dtype=np.int64))[0]) for column in samples.columns]
    return max((int(shape[0]) for shape in shapes if len(shape)), default=1)
