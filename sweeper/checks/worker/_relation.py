"""Whether the labels of a small table can be predicted from its inputs better than by chance.

Several small learners say each label from all other samples: ridge regressions in three kernels (linear, Gaussian, that
of an infinitely wide ReLU network) and nearest neighbours. Beside them stand the correlations of single features,
squares and products of several. The same is done with the labels in random orders. Where the true order does better
than nearly all of them, or worse as with the parity of bits, labels follow from inputs; the largest of all scores is
compared, so that many learners do not find by chance what one would not (Westfall and Young, 1993).

Every learner is a matrix that takes the labels to what it says of them, so that hundreds of orders cost one product.
"""

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.checks.diagnose import (
    BY_CHANCE,
    RELATION_SAMPLES,
    RELATION_SAMPLES_A_FEATURE,
    ArrayFacts,
    ModelFacts,
    Relation,
)
from sweeper.checks.worker._arrays import as_numpy
from sweeper.checks.worker._data import Data
from sweeper.checks.worker._nested import parts_of
from sweeper.checks.worker._statistics import sampled

_ROWS = 1_000
"""Samples that are compared with each other, at most."""
_LABELS = 3_000_000
"""Most pairs of samples for all columns of labels: of many classes fewer samples are compared."""
_ROWS_OF_FEATURES = 50_000
"""Samples on which single features are correlated with the labels: of large data, weak relations are seen so."""
_VALUES_OF_FEATURES = 1 << 22
"""Most values of the features of these samples, four million: 32 MiB."""
_MANY = 4
"""Times as many samples as are compared with each other from which single features are looked at on all of them."""
_ORDERS = (19, 99, 399)
"""Random orders of the labels: the few of the first look are enough where labels follow beyond any doubt."""
_CLEARLY_BY_CHANCE = 0.06
"""Share of the orders of the second look that do as well as the labels, above which these few are enough."""
_BEYOND_DOUBT = 10.0
"""Standard deviations from what the few random orders give at which the others need no look."""
_MOST_CLASSES, _MOST_TARGETS, _MOST_RANKED = 50, 32, 4
_NEIGHBOURS = (1, 5)
_NOISE = (0.1, 1.0)
"""Variances of the noise that a ridge regression expects, in units of what it explains."""
_ALL_PRODUCTS = 10
"""Features of which products of any number are made: all of ten bits are 1,023."""
_PRODUCTS = 3_000
"""Most products of features; of many features there are none of three, or none at all."""
_VALUES = 600_000_000
"""Most multiplications for the correlations of all products with all orders: about 0.1 s."""

_TABLE = 2
"""Axes of a table, or of one answer for each of its rows."""
_LOOKED_UP = ("Embedding", "TextVectorization", "Hashing", "StringLookup", "IntegerLookup")
"""Layers whose inputs are indices or categories, not quantities."""
_NINE_IN_TEN = 1.28
"""Standard errors above what chance rarely reaches at which a correlation nearly always is beyond it."""

Matrix = NDArray[np.float32]


def data_relation(data: Data, inputs: tuple[ArrayFacts, ...], model: ModelFacts) -> Relation | None:
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


def relation_of(x: Any, y: Any, *, classes: bool) -> Relation | None:
    """How well labels can be predicted from inputs, each with a row per sample; None where that cannot be judged."""
    inputs, labels = as_numpy(x)[0], as_numpy(y)[0]
    if inputs.ndim != 2 or len(inputs) != len(labels) or not inputs.shape[1]:  # noqa: PLR2004  a table
        return None
    if inputs.dtype.kind not in "fiub" or labels.dtype.kind not in "fiub":
        return None
    if len(inputs) < RELATION_SAMPLES or inputs.shape[1] * RELATION_SAMPLES_A_FEATURE > _ROWS:
        return None
    rows = sampled(len(inputs), min(_ROWS_OF_FEATURES, _VALUES_OF_FEATURES // inputs.shape[1]))
    features = _standardised(inputs[rows].astype(np.float64))
    targets = _targets(labels[rows], classes=classes)
    if targets is None or not features.shape[1] or not (np.isfinite(features).all() and np.isfinite(targets).all()):
        return None
    few = sampled(len(features), min(_ROWS, math.isqrt(_LABELS // targets.shape[1])))
    best, error, visible = _compare(features[few], targets[few])
    if len(features) >= _MANY * len(few):
        error = min(error, _of_single_features(features, targets))
    shares = targets.mean(axis=0)
    variance = float(labels[rows].reshape(len(rows), -1).astype(np.float64).var(axis=0).mean())
    return Relation(
        samples=len(few),
        features=features.shape[1],
        classes=targets.shape[1] if classes else 0,
        others=round(len(few) * float(1 - shares.max())) if classes else len(few),
        chance=float(shares.max()) if classes else variance,
        explained=best,
        by_chance=error,
        visible=visible,
        chance_loss=float(-(shares * np.log(shares)).sum()) if classes else variance,
    )


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns of an array that vary, with mean 0 and variance 1."""
    stds = values.std(axis=0)
    kept = values[:, stds > 1e-12 * np.abs(values).max(axis=0, initial=0.0)]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0) if kept.size else kept[:, :0]


def _targets(labels: NDArray[Any], *, classes: bool) -> NDArray[np.float64] | None:
    """Labels as columns to predict: one for each class, or values and ranks of quantities; None for other labels."""
    flat = labels.reshape(len(labels), -1).astype(np.float64)
    if not classes:
        if flat.shape[1] > _MOST_TARGETS or not (flat.std(axis=0) > 0).all():
            return None
        return _standardised(np.concatenate([flat, _ranks(flat[:, :_MOST_RANKED])], axis=1))
    numbers = flat.argmax(axis=1) if flat.shape[1] > 1 else flat[:, 0]
    found, inverse = np.unique(numbers, return_inverse=True)
    if not 1 < len(found) <= _MOST_CLASSES:
        return None
    return np.asarray(np.eye(len(found))[inverse.reshape(-1)])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values as ranks from -1 to 1; equal values share the middle of their ranks."""
    columns = []
    for column in values.T:
        _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - (counts + 1) / 2
        columns.append(2 * middle[inverse.reshape(-1)] / max(len(column) - 1, 1) - 1)
    return np.stack(columns, axis=1) if columns else values


def _compare(features: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, float, float]:
    """The share that the best learner explains, its p-value, and the least share that would be detected."""
    count, width = targets.shape
    features = _standardised(features)
    centred = (targets - targets.mean(axis=0)).astype(np.float32)
    learners = tuple(_learners(features))
    made = _products(features, most=_VALUES // (centred.size * (_ORDERS[1] + 1)))
    generator = np.random.Generator(np.random.PCG64(count))
    scores = np.zeros((len(learners) + 1, 0))
    for orders in _ORDERS:
        shuffled = [centred[generator.permutation(count)] for _ in range(orders)]
        labels = np.stack([centred, *shuffled], axis=1).reshape(count, -1)
        scores = np.stack(
            [*(_explained(learner, labels, width) for learner in learners), _correlated(made, labels, width)]
        )
        by_chance = _share_of_orders(scores)
        if not by_chance or (orders > _ORDERS[0] and by_chance > _CLEARLY_BY_CHANCE):
            break
    visible = float(np.quantile(scores[-1, 1:], 1 - BY_CHANCE)) + _NINE_IN_TEN / math.sqrt(count)
    return float(scores[:-1, 0].max()), by_chance, min(1.0, visible**2)


def _explained(learner: Matrix, labels: Matrix, width: int) -> NDArray[np.float64]:
    """The share of the labels' variance that a learner explains, for each order of the labels."""
    missed = np.square(labels - learner @ labels).reshape(len(labels), -1, width).sum(axis=(0, 2), dtype=np.float64)
    return np.asarray(1 - missed / np.square(labels[:, :width]).sum(dtype=np.float64))


def _correlated(made: Matrix, labels: Matrix, width: int) -> NDArray[np.float64]:
    """The largest correlation of a product of features with a column of labels, for each order of the labels."""
    sizes = np.linalg.norm(labels, axis=0).clip(1e-12) * math.sqrt(len(labels))
    return np.asarray(
        (np.abs(made.T @ labels) / sizes).reshape(made.shape[1], -1, width).max(axis=(0, 2)), dtype=np.float64
    )


def _share_of_orders(scores: NDArray[np.float64]) -> float:
    """The share of orders that deviate at least as much as the first; 0 where the first is beyond doubt."""
    rest = scores[:, 1:]
    if (np.abs(scores[:, 0] - rest.mean(axis=1)) > _BEYOND_DOUBT * rest.std(axis=1)).any():
        return 0.0
    deviations = np.abs(scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True).clip(1e-12)
    largest = deviations.max(axis=0)
    return float((largest >= largest[0]).mean())


def _learners(features: NDArray[np.float64]) -> Iterator[Matrix]:
    """The learners: each maps the labels of all samples to a prediction for each sample from the others."""
    products = features @ features.T / features.shape[1]
    squares = np.diag(products)
    distances = (squares[:, None] - 2 * products + squares[None, :]).clip(0.0)
    nearest = distances + np.diag(np.full(len(distances), np.inf))
    for neighbours in _NEIGHBOURS:
        among = np.argpartition(nearest, neighbours, axis=1)[:, :neighbours]
        said = np.zeros(distances.shape, dtype=np.float32)
        np.put_along_axis(said, among, np.float32(1 / neighbours), axis=1)
        yield said
    wide = np.sqrt(np.outer(squares + 1, squares + 1))
    angles = np.arccos(((products + 1) / wide).clip(-1.0, 1.0))
    network = wide * (np.sin(angles) + (np.pi - angles) * np.cos(angles)) / np.pi
    yield _ridge(products, noise=_NOISE[1])
    yield _ridge(np.exp(-distances), noise=_NOISE[0])
    yield from (_ridge(network, noise=noise) for noise in _NOISE)


def _ridge(kernel: NDArray[np.float64], *, noise: float) -> Matrix:
    """A ridge regression in closed form that predicts each sample's label without using that label."""
    count = len(kernel)
    centred = kernel - kernel.mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    scaled = (centred / max(float(np.trace(centred)) / count, 1e-30)).astype(np.float32)
    fit = scaled @ np.linalg.inv(scaled + np.float32(noise) * np.eye(count, dtype=np.float32)) + np.float32(1 / count)
    own = np.diag(fit).copy()
    np.fill_diagonal(fit, 0.0)
    return np.asarray(fit / (1 - own).clip(1e-6)[:, None])


def _products(features: NDArray[np.float64], *, most: int) -> Matrix:
    """Features, their squares and products of their ranks as columns, each with mean 0 and variance 1."""
    ranks = _ranks(features)
    middle = ranks - np.median(ranks, axis=0)
    count = features.shape[1]
    made = [features, ranks**2]
    room = min(most, _PRODUCTS)
    for order in range(2, (count if count <= _ALL_PRODUCTS else 3) + 1):
        if math.comb(count, order) > room:
            break
        room -= math.comb(count, order)
        parts = map(list, combinations(range(count), order))
        made.append(np.stack([middle[:, part].prod(axis=1) for part in parts], axis=1))
    return _standardised(np.concatenate(made, axis=1)).astype(np.float32)


def _of_single_features(features: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """The chance that a correlation as large as the largest of any feature, or its square, arises by chance."""
    both = _standardised(np.concatenate([features, _ranks(features) ** 2], axis=1))
    ends = _standardised(targets)
    count = len(both)
    largest = float(np.abs(both.T @ ends / count).max()) * math.sqrt(count)
    return min(1.0, both.shape[1] * ends.shape[1] * math.erfc(largest / math.sqrt(2)))
