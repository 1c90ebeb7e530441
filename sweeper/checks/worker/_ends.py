"""The loss at the ends of the outputs' range: `log(p)` is fine until a sigmoid gives exactly 0 or 1.

A loss of the user's own is computed for real labels, the lowest to the highest, and made-up outputs: some in the
middle of their range, and some at one of its ends, as the activation gives them for inputs that are large enough. Where
value or gradient is not finite, training breaks as soon as one output is as sure as that, however late.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.checks.diagnose import EndFacts, HeadFacts, ModelFacts
from sweeper.checks.worker._arrays import as_numpy
from sweeper.checks.worker._data import Data
from sweeper.checks.worker._nested import as_arrays, parts_of, rows_at
from sweeper.checks.worker._statistics import SAMPLE_ROWS, sampled
from sweeper.checks.worker._step import LOOK_VALUES

_ROWS = 16
"""Samples whose labels are used, evenly from the lowest to the highest."""
_SURE = 200.0
"""Input for which sigmoid and softmax give exactly 0 or 1 in single precision: they do beyond 104."""
_SURE_LOGIT = 60.0
"""Output of a linear layer that stands for a sure logit: as a sigmoid it is exactly 1, two of them as a softmax exactly
0, while its exponential and the square of that are finite."""
_INPUTS = {
    "sigmoid": {"0": -_SURE, "1": _SURE},
    "hard_sigmoid": {"0": -_SURE, "1": _SURE},
    "tanh": {"-1": -_SURE, "1": _SURE},
    "relu": {"0": -1.0},
    "relu6": {"0": -1.0},
    "softplus": {"0": -_SURE},
    "exponential": {"0": -_SURE},
}
"""By activation, each end of its range with an input for which it is given."""
_MOST_VALUES = 1 << 22
"""Numbers of all outputs of the samples above which it is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Values to put into the activation of one output for some samples, most of them in the middle of its range."""

    end: str
    inputs: NDArray[np.float32]


def chosen_rows(labels: NDArray[Any]) -> NDArray[np.int64]:
    """The indices of some samples whose labels range from the lowest to the highest."""
    order = np.argsort(labels.reshape(len(labels), -1).astype(np.float64).mean(axis=1), kind="stable")
    return order[np.linspace(0, len(order) - 1, min(_ROWS, len(order))).astype(np.int64)]


def ends_of(model: Any, facts: ModelFacts, data: Data) -> tuple[EndFacts, ...] | None:
    """The ends of the outputs' range where the user's own loss is not finite; None without such a loss."""
    import keras

    own_loss = type(model).compute_loss is not keras.Model.compute_loss
    own = own_loss and not type(model).__module__.startswith("keras.")
    if not facts.heads or data.y is None or not (own or any(head.loss and head.loss.own for head in facts.heads)):
        return None
    labels = as_numpy(parts_of("y", data.y)[0][1])[0]
    most = max(1, LOOK_VALUES // max(labels.size // max(len(labels), 1), 1))
    among = sampled(len(labels), min(most, SAMPLE_ROWS))
    rows = np.tile(among[chosen_rows(labels[among])], 3)
    return look_at_ends(model, facts.heads, as_arrays(rows_at(data.x, rows)), as_arrays(rows_at(data.y, rows)))


def look_at_ends(model: Any, heads: tuple[HeadFacts, ...], x: Any, y: Any) -> tuple[EndFacts, ...]:
    """The ends of the outputs' range at which the loss of a model is not finite; empty where there are none.

    `x` and `y` are chosen samples, each three times over: outputs for the first are at an end, those for the next
    partly, those for the last are in the middle.
    """
    import keras

    count = int(keras.tree.flatten(y)[0].shape[0])
    shapes = [_output_shape(head, count) for head in heads]
    if any(shape is None or math.prod(shape) > _MOST_VALUES for shape in shapes):
        return ()
    middles = [_middle(shape or ()) for shape in shapes]
    evaluate = _evaluate(model, heads, x, y)
    if evaluate is None or not all(map(math.isfinite, evaluate(middles))):
        return ()
    found = []
    for number, head in enumerate(heads):
        for group in _groups(head, middles[number]):
            loss, gradient = evaluate([*middles[:number], group.inputs, *middles[number + 1 :]])
            if not (math.isfinite(loss) and math.isfinite(gradient)):
                found.append(
                    EndFacts(head=head.name, end=group.end, loss=loss, finite_gradient=math.isfinite(gradient))
                )
    return tuple(found)


def _output_shape(head: HeadFacts, count: int) -> tuple[int, ...] | None:
    """The shape of an output for `count` samples; lengths that the model leaves open are taken from the labels."""
    sizes = list(head.shape[1:])
    given = head.labels.sample_shape if head.labels is not None else ()
    for axis, size in enumerate(sizes):
        if size is None and axis < len(given):
            sizes[axis] = given[axis]
    return None if None in sizes else (count, *(size for size in sizes if size is not None))


def _middle(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Activation inputs that are far from any end of the range, half of them below 0."""
    drawn = np.random.Generator(np.random.PCG64(len(shape))).uniform(0.2, 1.0, size=shape)
    signs = np.where(np.arange(drawn.size).reshape(shape) % 2 == 0, 1.0, -1.0)
    return np.asarray(drawn * signs, dtype=np.float32)


def _groups(head: HeadFacts, middle: NDArray[np.float32]) -> list[_Group]:
    third, units = len(middle) // 3, middle.shape[-1]
    if head.activation == "softmax" and units > 1:
        return [_Group(end="0 or 1", inputs=_sure_of_one(middle, third, _SURE))]
    if head.activation == "linear" and _is_logits(head):
        if units > 1 and head.labels is not None and (head.labels.one_hot or head.labels.sample_shape in {(), (1,)}):
            return [_Group(end=f"+-{_SURE_LOGIT:g}", inputs=_sure_of_one(middle, third, _SURE_LOGIT))]
        return [_Group(end=f"{value:g}", inputs=_at(middle, third, value)) for value in (-_SURE_LOGIT, _SURE_LOGIT)]
    ends = _INPUTS.get(head.activation, {})
    return [_Group(end=end, inputs=_at(middle, third, value)) for end, value in ends.items()]


def _at(middle: NDArray[np.float32], third: int, value: float) -> NDArray[np.float32]:
    """Activation inputs that put the first samples wholly at one end, and every second output of the next."""
    inputs = middle.copy()
    inputs[:third] = value
    inputs[third : 2 * third].reshape(-1)[::2] = value
    return inputs


def _sure_of_one(middle: NDArray[np.float32], third: int, value: float) -> NDArray[np.float32]:
    """Activation inputs that make the first samples sure of one class each, another for each sample."""
    inputs, units = middle.copy(), middle.shape[-1]
    rows = inputs[:third].reshape(-1, units)
    rows[:] = -value
    rows[np.arange(len(rows)), np.arange(len(rows)) % units] = value
    inputs[:third] = rows.reshape(inputs[:third].shape)
    return inputs


def _is_logits(head: HeadFacts) -> bool:
    """Whether plain numbers stand for classes: there is one of them for each class, or for each label of 0 or 1."""
    labels = head.labels
    if labels is None or not labels.classes:
        return False
    two = {value for value, _ in labels.classes} <= {0.0, 1.0}
    single = labels.sample_shape in {(), (1,)}
    each = labels.sample_shape == head.shape[1:] or (single and head.units == 1)
    return (two and each) or (single and head.units == len(labels.classes))


def _evaluate(
    model: Any, heads: tuple[HeadFacts, ...], x: Any, y: Any
) -> Callable[[list[NDArray[np.float32]]], tuple[float, float]] | None:
    """A function from activation inputs to the loss and the sum of its gradient; None on other backends."""
    import keras

    backend = keras.backend.backend()
    x, y = (keras.tree.map_structure(keras.ops.convert_to_tensor, part) for part in (x, y))

    def loss_of(inputs: list[Any]) -> Any:
        activations = [keras.activations.get(head.activation or None) for head in heads]
        outputs = [activation(one) for activation, one in zip(activations, inputs, strict=True)]
        with keras.StatelessScope():  # metrics of several outputs must not count what is made up
            return keras.ops.mean(model.compute_loss(x=x, y=y, y_pred=_packed(model, outputs), training=True))

    def with_tensorflow(inputs: list[NDArray[np.float32]]) -> tuple[float, float]:
        import tensorflow as tf

        tensors = [tf.constant(one) for one in inputs]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            loss = loss_of(tensors)
        gradients = [one for one in tape.gradient(loss, tensors) if one is not None]
        return float(loss), float(sum(np.abs(one.numpy()).sum(dtype=np.float64) for one in gradients))

    def with_jax(inputs: list[NDArray[np.float32]]) -> tuple[float, float]:
        import jax

        loss, gradients = jax.value_and_grad(loss_of)(inputs)
        return float(loss), float(sum(np.abs(np.asarray(one)).sum(dtype=np.float64) for one in gradients))

    return {"tensorflow": with_tensorflow, "jax": with_jax}.get(backend)


def _packed(model: Any, outputs: list[Any]) -> Any:
    """Outputs in the structure in which the model returns them."""
    import keras

    structure = getattr(getattr(model, "_functional", None) or model, "_outputs_struct", None)
    if structure is None:
        return outputs[0] if len(outputs) == 1 else outputs
    return keras.tree.pack_sequence_as(structure, outputs)
