"""A small network trained for real, in NumPy: losses and edges are those of a training, in milliseconds a probe."""

import math
from dataclasses import dataclass, field

import numpy as np

from sweeper.curve import Curve
from sweeper.probes import Outcome, OutcomeKind

SAMPLES, INPUTS, HIDDEN, CLASSES = 480, 8, 12, 4


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Trains probes; the fields say what kind of job it is."""

    scale: float = 1.0
    """Of the first weights; 0 is a model that is dead."""
    label_noise: float = 0.1
    """Part of the labels that are drawn at random."""
    poisoned: bool = False
    """Whether a sample of each batch is not a number."""
    total: bool = False
    """Whether the loss of a batch is the sum over its samples, as `reduction="sum"` makes it."""
    validates: bool = True
    too_large: int = 10_000
    """Batch size from which on a probe runs out of memory."""
    data: tuple = field(init=False)

    def __post_init__(self):
        chance = np.random.default_rng(7)
        inputs = chance.normal(size=(SAMPLES, INPUTS))
        labels = (inputs @ chance.normal(size=(INPUTS, CLASSES))).argmax(axis=1)
        noisy = chance.random(SAMPLES) < self.label_noise
        labels[noisy] = chance.integers(CLASSES, size=int(noisy.sum()))
        if self.poisoned:
            inputs[:, 0] = math.nan
        object.__setattr__(self, "data", (inputs, labels))

    def train(self, probe, choice):
        """The outcome of one probe with an entry of the optimizer axis."""
        if probe.batch_size >= self.too_large:
            return Outcome(probe=probe, kind=OutcomeKind.OOM, cause="out of memory", log_tail="killed", seconds=0.1)
        with np.errstate(all="ignore"):
            losses, norms, val = self._run(probe, choice)
        bad = next((step for step, loss in enumerate(losses, 1) if not math.isfinite(loss)), None)
        curve = Curve(
            train_loss=tuple(losses),
            gradient_norm=tuple(norms),
            val_steps=tuple(step for step, _ in val),
            val_loss=tuple(loss for _, loss in val),
            first_nonfinite_loss=bad,
        )
        return Outcome(probe=probe, kind=OutcomeKind.COMPLETED, curve=curve, seconds=0.1, samples_per_second=9000.0)

    def _run(self, probe, choice):
        inputs, labels = self.data
        chance = np.random.default_rng(probe.seed)
        weights = [
            self.scale * chance.normal(size=(INPUTS, HIDDEN)) / math.sqrt(INPUTS),
            self.scale * chance.normal(size=(HIDDEN, CLASSES)) / math.sqrt(HIDDEN),
        ]
        state = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
        losses, norms, val = [], [], []
        every = max(1, probe.steps // 8)
        held_out = slice(0, 80)
        for step in range(probe.steps):
            if self.validates and step % every == 0:
                val.append((step, _loss(weights, inputs[held_out], labels[held_out])[0]))
            picked = chance.integers(80, SAMPLES, size=probe.batch_size)
            loss, gradients = _loss(weights, inputs[picked], labels[picked])
            if self.total:
                loss, gradients = loss * len(picked), [g * len(picked) for g in gradients]
            norm = math.sqrt(sum(float((g * g).sum()) for g in gradients))
            limit = dict(choice.options).get("global_clipnorm")
            if limit and norm > limit:
                gradients = [g * limit / norm for g in gradients]
            rate = probe.learning_rate * min(1.0, (step + 1) / max(1, choice.warmup_steps))
            _update(weights, gradients, state, rate, step, adaptive=choice.name != "sgd")
            losses.append(loss)
            norms.append(norm)
            if not math.isfinite(loss):
                break
        return losses, norms, val


def _loss(weights, inputs, labels):
    """The cross-entropy of a batch and its gradients."""
    hidden = np.maximum(inputs @ weights[0], 0.0)
    logits = hidden @ weights[1]
    logits = logits - logits.max(axis=1, keepdims=True)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = float(-np.log(np.maximum(chances[rows, labels], 1e-7)).mean()) if np.isfinite(chances).all() else math.nan
    error = chances.copy()
    error[rows, labels] -= 1.0
    error /= len(labels)
    back = (error @ weights[1].T) * (hidden > 0)
    return loss, [inputs.T @ back, hidden.T @ error]


def _update(weights, gradients, state, rate, step, *, adaptive):
    for at, gradient in enumerate(gradients):
        if not adaptive:
            weights[at] = weights[at] - rate * gradient
            continue
        mean, square = state[at]
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        state[at] = mean, square
        corrected = mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.999 ** (step + 1))
        weights[at] = weights[at] - rate * corrected[0] / (np.sqrt(corrected[1]) + 1e-7)
