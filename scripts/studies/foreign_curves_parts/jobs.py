"""Three sets of ten jobs: numbers were chosen on the first, amended after the second, and checked on the third."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

from foreign_curves_parts import nets
from foreign_curves_parts.nets import Array, Loss, Shape

Data = tuple[Array, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is learnt, by what network, and how."""

    name: str
    data: Callable[[np.random.Generator], Data]
    loss: Loss
    shape: Shape
    classes: int = 0
    """Of a cross-entropy of class numbers; 0 for any other loss."""
    optimizer: str = "sgd"
    batch: int = 32
    epochs: int = 25


def _clusters(classes: int, inputs: int, samples: int, *, spread: float) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        centres = random.normal(size=(classes, inputs))
        y = random.integers(0, classes, samples)
        return centres[y] + spread * random.normal(size=(samples, inputs)), y.astype(float)[:, None]

    return make


def _spirals(classes: int, samples: int) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        y, along = random.integers(0, classes, samples), random.uniform(0.2, 1.0, samples)
        angle = 4.0 * along + 2.0 * np.pi * y / classes + 0.1 * random.normal(size=samples)
        return 2.0 * np.stack([along * np.cos(angle), along * np.sin(angle)], axis=1), y.astype(float)[:, None]

    return make


def _function(
    samples: int, inputs: int, *, scale: float = 1.0, shift: float = 0.0, noise: float = 0.1, wave: float = 1.0
) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        x = random.normal(size=(samples, inputs))
        clean = np.sin(wave * x[:, :1]) + 0.5 * x[:, 1:2] + 0.3 * x[:, :1] * x[:, 2:3]
        clean /= clean.std()
        return x, shift + scale * (clean + noise * random.normal(size=clean.shape))

    return make


def _rebuilt(samples: int, *, missing: float = 0.0) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        hidden = random.normal(size=(samples, 4))
        whole = np.tanh(hidden @ random.normal(size=(4, 24)))
        return whole * (random.uniform(size=whole.shape) >= missing), whole

    return make


def _labels(samples: int, number: int) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        x = random.normal(size=(samples, 16))
        return x, (np.tanh(x @ random.normal(size=(16, number))) > 0.3).astype(float)  # noqa: PLR2004  rarer than not

    return make


def _counts(random: np.random.Generator) -> Data:
    x = random.normal(size=(640, 6))
    return x, random.poisson(np.exp(1.0 + 0.7 * x[:, :1] - 0.4 * x[:, 1:2])).astype(float)


def _next_words(words: int, samples: int) -> Callable[[np.random.Generator], Data]:
    def make(random: np.random.Generator) -> Data:
        after = random.dirichlet(np.full(words, 0.1), size=words)
        now = random.integers(0, words, samples)
        y = np.array([random.choice(words, p=after[word]) for word in now])
        return np.eye(words)[now], y.astype(float)[:, None]

    return make


def _series(random: np.random.Generator) -> Data:
    time = np.arange(700)
    values = np.sin(time / 5.0) + 0.5 * np.sin(time / 17.0) + 0.1 * random.normal(size=time.size)
    x = np.stack([values[place : place + 16] for place in range(time.size - 16)])
    return x, values[16:, None]


def _signs(make: Callable[[np.random.Generator], Data]) -> Callable[[np.random.Generator], Data]:
    def signed(random: np.random.Generator) -> Data:
        x, y = make(random)
        return x, 2.0 * y - 1.0

    return signed


def _measured(
    load: Callable[..., tuple[Array, Array]], *, scaled: bool = True
) -> Callable[[np.random.Generator], Data]:
    """A table of real measurements that scikit-learn brings along."""

    def make(random: np.random.Generator) -> Data:
        x, y = load(return_X_y=True)
        order = random.permutation(len(x))
        x, y = np.asarray(x, dtype=float)[order], np.asarray(y, dtype=float)[order]
        return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9) if scaled else x, y[:, None]

    return make


TUNING = (
    Job(
        name="2 classes",
        data=_clusters(2, 8, 480, spread=2.0),
        loss=nets.softmax_loss,
        shape=Shape(widths=(24,)),
        classes=2,
    ),
    Job(
        name="3 classes, spirals",
        data=_spirals(3, 480),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32)),
        classes=3,
        optimizer="adam",
    ),
    Job(
        name="10 classes, normalised, decay",
        data=_clusters(10, 16, 640, spread=1.0),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32), normalised=True, decay=1e-3),
        classes=10,
        optimizer="momentum",
    ),
    Job(
        name="10 classes, deep, decay",
        data=_clusters(10, 16, 640, spread=1.0),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32, 32), decay=5e-4),
        classes=10,
        optimizer="momentum",
        epochs=40,
    ),
    Job(
        name="100 classes",
        data=_clusters(100, 24, 1200, spread=0.5),
        loss=nets.softmax_loss,
        shape=Shape(widths=(64,)),
        classes=100,
        optimizer="adam",
    ),
    Job(name="regression", data=_function(480, 6), loss=nets.squared_loss, shape=Shape(widths=(32,))),
    Job(
        name="regression, targets as they are",
        data=_function(480, 6, scale=20.0, shift=50.0),
        loss=nets.squared_loss,
        shape=Shape(widths=(32, 32)),
        optimizer="adam",
    ),
    Job(
        name="autoencoder",
        data=_rebuilt(640),
        loss=nets.squared_loss,
        shape=Shape(widths=(16, 4, 16), activation="tanh"),
        optimizer="adam",
    ),
    Job(
        name="8 labels",
        data=_labels(640, 8),
        loss=nets.sigmoid_loss,
        shape=Shape(widths=(32,)),
        optimizer="momentum",
        epochs=15,
    ),
    Job(
        name="absolute error",
        data=_function(480, 6, noise=0.6),
        loss=nets.absolute_loss,
        shape=Shape(widths=(24, 24)),
        epochs=12,
    ),
)
CHECKING = (
    Job(
        name="2 classes, tumours",
        data=_measured(load_breast_cancer),
        loss=nets.sigmoid_loss,
        shape=Shape(widths=(16,)),
        optimizer="momentum",
    ),
    Job(
        name="3 classes, wines, not scaled",
        data=_measured(load_wine, scaled=False),
        loss=nets.softmax_loss,
        shape=Shape(widths=(24,)),
        classes=3,
        optimizer="adam",
        batch=16,
        epochs=40,
    ),
    Job(
        name="10 classes, digits",
        data=_measured(load_digits),
        loss=nets.softmax_loss,
        shape=Shape(widths=(48, 48)),
        classes=10,
        batch=64,
        epochs=20,
    ),
    Job(
        name="10 classes, digits, normalised, decay",
        data=_measured(load_digits),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32, 32), normalised=True, decay=2e-3),
        classes=10,
        optimizer="momentum",
        batch=64,
        epochs=30,
    ),
    Job(
        name="40 words",
        data=_next_words(40, 1280),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32,), activation="tanh"),
        classes=40,
        optimizer="adam",
    ),
    Job(
        name="diabetes, targets as they are",
        data=_measured(load_diabetes),
        loss=nets.squared_loss,
        shape=Shape(widths=(24,)),
        optimizer="adam",
        epochs=60,
    ),
    Job(name="series", data=_series, loss=nets.huber_loss, shape=Shape(widths=(24, 24)), epochs=15),
    Job(
        name="denoising",
        data=_rebuilt(640, missing=0.3),
        loss=nets.squared_loss,
        shape=Shape(widths=(48,), normalised=True),
        optimizer="momentum",
    ),
    Job(name="counts", data=_counts, loss=nets.poisson_loss, shape=Shape(widths=(24,)), optimizer="adam"),
    Job(
        name="margin",
        data=_signs(_clusters(2, 12, 480, spread=2.5)),
        loss=nets.hinge_loss,
        shape=Shape(widths=(24, 24)),
        optimizer="momentum",
        epochs=10,
    ),
)
FINAL = (
    Job(
        name="2 classes, spirals",
        data=_spirals(2, 480),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32), activation="tanh"),
        classes=2,
        optimizer="momentum",
    ),
    Job(
        name="3 classes, irises, not scaled",
        data=_measured(load_iris, scaled=False),
        loss=nets.softmax_loss,
        shape=Shape(widths=(24,)),
        classes=3,
        optimizer="adam",
        batch=16,
        epochs=40,
    ),
    Job(
        name="5 classes, deep",
        data=_clusters(5, 10, 480, spread=1.5),
        loss=nets.softmax_loss,
        shape=Shape(widths=(24, 24, 24)),
        classes=5,
        epochs=30,
    ),
    Job(
        name="10 classes, digits, not scaled",
        data=_measured(load_digits, scaled=False),
        loss=nets.softmax_loss,
        shape=Shape(widths=(48,)),
        classes=10,
        batch=64,
        epochs=20,
    ),
    Job(
        name="10 classes, normalised, more decay",
        data=_clusters(10, 12, 640, spread=1.2),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32, 32), normalised=True, decay=5e-3),
        classes=10,
        optimizer="momentum",
    ),
    Job(
        name="60 words",
        data=_next_words(60, 1280),
        loss=nets.softmax_loss,
        shape=Shape(widths=(32,)),
        classes=60,
        optimizer="adam",
        epochs=15,
    ),
    Job(
        name="regression, shifted",
        data=_function(480, 5, scale=5.0, shift=-20.0),
        loss=nets.squared_loss,
        shape=Shape(widths=(24,)),
    ),
    Job(
        name="denoising, deep",
        data=_rebuilt(640, missing=0.5),
        loss=nets.squared_loss,
        shape=Shape(widths=(32, 8, 32), activation="tanh"),
        optimizer="adam",
    ),
    Job(
        name="5 labels",
        data=_labels(640, 5),
        loss=nets.sigmoid_loss,
        shape=Shape(widths=(24, 24)),
        optimizer="adam",
        epochs=12,
    ),
    Job(
        name="absolute error, normalised",
        data=_function(480, 6, noise=0.4),
        loss=nets.absolute_loss,
        shape=Shape(widths=(24,), normalised=True),
        optimizer="momentum",
        epochs=20,
    ),
)
