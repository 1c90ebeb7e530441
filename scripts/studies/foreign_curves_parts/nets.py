"""Small networks in plain NumPy, trained as people train: mini-batches, an optimizer, perhaps batch normalisation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Loss: TypeAlias = Callable[[Array, Array], tuple[float, Array]]
"""From outputs and targets to the mean loss and its gradient with respect to the outputs."""
_EPSILON = 1e-7


def softmax_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Cross-entropy of class numbers."""
    shifted = out - out.max(axis=1, keepdims=True)
    chances = np.exp(shifted)
    chances /= chances.sum(axis=1, keepdims=True)
    rows = np.arange(len(out))
    labels = y.astype(int).ravel()
    loss = float(-np.log(np.maximum(chances[rows, labels], _EPSILON)).mean())
    chances[rows, labels] -= 1.0
    return loss, chances / len(out)


def sigmoid_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Cross-entropy of labels that are each there or not."""
    loss = np.maximum(out, 0.0) - out * y + np.log1p(np.exp(-np.abs(out)))
    chances = 1.0 / (1.0 + np.exp(-np.clip(out, -500.0, 500.0)))
    return float(loss.mean()), (chances - y) / out.size


def squared_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Mean squared error."""
    return float(((out - y) ** 2).mean()), 2.0 * (out - y) / out.size


def absolute_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Mean absolute error."""
    return float(np.abs(out - y).mean()), np.sign(out - y) / out.size


def huber_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Squared near the target, absolute far from it."""
    away = np.clip(out - y, -1.0, 1.0)
    return float((away * (out - y) - 0.5 * away**2).mean()), away / out.size


def poisson_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Of counts, by the logarithm of their mean; below zero where counts are large."""
    means = np.exp(np.minimum(out, 50.0))
    return float((means - y * out).mean()), (means - y) / out.size


def hinge_loss(out: Array, y: Array) -> tuple[float, Array]:
    """Of labels -1 and 1."""
    margin = 1.0 - out * y
    return float(np.maximum(margin, 0.0).mean()), np.where(margin > 0.0, -y, 0.0) / out.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a network looks like."""

    widths: tuple[int, ...]
    activation: str = "relu"
    normalised: bool = False
    decay: float = 0.0
    """Weight of half the sum of squared weights in the loss."""
    dead: bool = False
    """Biases so low that no hidden unit ever fires: it can only learn a constant."""


class Net:
    """A stack of dense layers; `parameters` is what an optimizer moves."""

    def __init__(self, shape: Shape, inputs: int, outputs: int, random: np.random.Generator) -> None:
        self.shape = shape
        sizes = (inputs, *shape.widths, outputs)
        self.parameters: list[Array] = []
        for before, after in pairwise(sizes):
            limit = (6.0 / (before + after)) ** 0.5
            bias = np.full(after, -100.0 if shape.dead and after != outputs else 0.0)
            self.parameters += [random.uniform(-limit, limit, (before, after)), bias]
        self.scales = [np.ones(width) for width in shape.widths] if shape.normalised else []
        self.parameters += self.scales
        self.means = [np.zeros(width) for width in shape.widths]
        self.squares = [np.ones(width) for width in shape.widths]

    def outputs(self, x: Array, *, training: bool = False) -> tuple[Array, list[tuple[Array, ...]]]:
        """The last layer's values, and what the gradient needs of every layer."""
        kept: list[tuple[Array, ...]] = []
        number = len(self.shape.widths)
        for layer in range(number + 1):
            z = x @ self.parameters[2 * layer] + self.parameters[2 * layer + 1]
            if layer == number:
                kept.append((x,))
                return z, kept
            normal, spread = z, np.ones(1)
            if self.shape.normalised:
                normal, spread = self._normalised(z, layer, training=training)
                z = normal * self.scales[layer]
            active = np.maximum(z, 0.0) if self.shape.activation == "relu" else np.tanh(z)
            kept.append((x, z, normal, spread, active))
            x = active
        raise AssertionError("the last layer returns")

    def _normalised(self, z: Array, layer: int, *, training: bool) -> tuple[Array, Array]:
        mean, square = (z.mean(axis=0), z.var(axis=0)) if training else (self.means[layer], self.squares[layer])
        if training:
            self.means[layer] = 0.9 * self.means[layer] + 0.1 * mean
            self.squares[layer] = 0.9 * self.squares[layer] + 0.1 * square
        spread = np.sqrt(square + 1e-3)
        return (z - mean) / spread, spread

    def gradients(self, gradient: Array, kept: Sequence[tuple[Array, ...]]) -> list[Array]:
        """The gradient of every parameter from that of the outputs."""
        number = len(self.shape.widths)
        found: list[Array] = [np.zeros(0)] * len(self.parameters)
        for layer in reversed(range(number + 1)):
            if layer < number:
                _, z, normal, spread, active = kept[layer]
                gradient = gradient * ((z > 0.0) if self.shape.activation == "relu" else 1.0 - active**2)
                if self.shape.normalised:
                    found[2 * (number + 1) + layer] = (gradient * normal).sum(axis=0)
                    back = gradient * self.scales[layer]
                    gradient = (back - back.mean(axis=0) - normal * (back * normal).mean(axis=0)) / spread
            weights = self.parameters[2 * layer]
            found[2 * layer] = kept[layer][0].T @ gradient + self.shape.decay * weights
            found[2 * layer + 1] = gradient.sum(axis=0)
            gradient = gradient @ weights.T
        return found

    def penalty(self) -> float:
        """What the weights themselves add to the loss."""
        if not self.shape.decay:
            return 0.0
        weights = self.parameters[: 2 * len(self.shape.widths) + 1 : 2]
        return 0.5 * self.shape.decay * float(sum((weight**2).sum() for weight in weights))


def updates(net: Net, optimizer: str, rate: float) -> Iterator[list[Array] | None]:
    """A generator that takes gradients and moves the parameters by one step of an optimizer."""
    first = [np.zeros_like(parameter) for parameter in net.parameters]
    second = [np.zeros_like(parameter) for parameter in net.parameters]
    step = 0
    while True:
        gradients = yield None
        step += 1
        for number, gradient in enumerate(gradients or ()):
            if optimizer == "sgd":
                change = gradient
            elif optimizer == "momentum":
                first[number] = change = 0.9 * first[number] + gradient
            else:
                first[number] = 0.9 * first[number] + 0.1 * gradient
                second[number] = 0.999 * second[number] + 0.001 * gradient**2
                change = first[number] / (1 - 0.9**step) / (np.sqrt(second[number] / (1 - 0.999**step)) + _EPSILON)
            net.parameters[number] -= rate * change
