"""Whether somebody composed the batches of a pipeline: balanced, paired, or sorted by their labels.

Batches of random samples hold random numbers of each class. Where these numbers hardly vary, or vary far more than
chance would have them, the batches are what the script means them to be, and must not be taken apart.

The measure is Pearson's chi-square of the table of batches by classes, which for random batches is its degrees of
freedom on average; how unlikely it is comes from the approximation of Wilson and Hilferty (PNAS 17, 1931).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES = 100
"""Different labels up to which they are taken for classes."""
LEAST_BATCHES = 8
"""Batches below which nothing is said of how they vary."""
COMPOSED_DISPERSION = 0.25
"""Chi-square over degrees of freedom below which batches are composed, if chance is out of question. Data that come in
turns, as collected ones often do, have up to half of it."""
SORTED_DISPERSION = 2.0
"""Chi-square over degrees of freedom above which batches are sorted."""
BEYOND_CHANCE = 4.0
"""Standard deviations of a normal variable beyond which chance is out of question: one in 30,000."""


def why_composed(structure: Any, batches: list[list[Any]]) -> str:
    """Why the batches of a source must stay as they are, by their labels; empty where labels do not show it."""
    labels = _labels(structure, batches)
    if labels is None:
        return ""
    found = dispersion(labels)
    if found is None or abs(found.deviations) < BEYOND_CHANCE:
        return ""
    measured = f"counts of classes vary {found.ratio:.2g} times as much as in random batches"
    if found.ratio < COMPOSED_DISPERSION:
        return f"its batches are composed: classes are spread over them more evenly than by chance ({measured})"
    if found.ratio > SORTED_DISPERSION:
        return f"its samples are sorted: a batch holds more of some classes than by chance ({measured})"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How much the class counts vary from batch to batch."""

    ratio: float
    """In units of how much they vary in random batches."""
    deviations: float
    """Standard deviations that lie between this and 1."""


def dispersion(labels: list[NDArray[np.int64]]) -> Dispersion | None:
    """How the class counts of batches vary; None where that says nothing."""
    sizes = np.array([len(batch) for batch in labels])
    full = [batch for batch, size in zip(labels, sizes, strict=True) if size == sizes.max()]
    if len(full) < LEAST_BATCHES or sizes.max() < 2:  # noqa: PLR2004  a batch of one sample has no composition
        return None
    classes, everything = np.unique(np.concatenate(full), return_inverse=True)
    if not 2 <= len(classes) <= MOST_CLASSES:  # noqa: PLR2004
        return None
    counts = np.array([np.bincount(batch, minlength=len(classes)) for batch in np.split(everything, len(full))])
    expected = counts.mean(axis=0)
    # Batches without replacement vary less than a multinomial: exactly so much.
    total = everything.size
    without_replacement = (total - sizes.max()) / (total - 1)
    freedom = (len(full) - 1) * (len(classes) - 1)
    shares = expected / sizes.max()
    # Of the counts of classes, one follows from the others: weights of 1/E give the degrees of freedom on average.
    chi_square = float((np.square(counts - expected) / expected).sum())
    average = len(full) * without_replacement * float((1 - shares).sum())
    ratio = chi_square / average
    spread = math.sqrt(2 / (9 * freedom))
    return Dispersion(ratio=ratio, deviations=(ratio ** (1 / 3) - (1 - spread**2)) / spread)


def _labels(structure: Any, batches: list[list[Any]]) -> list[NDArray[np.int64]] | None:
    """The classes of each batch; None where targets are not one array of classes."""
    if not isinstance(structure, list) or structure[0] != "tuple" or len(structure) < 3:  # noqa: PLR2004  x and y
        return None
    place = structure[2]
    if not isinstance(place, int):
        return None
    found = [leaves[place] for leaves in batches]
    if not all(isinstance(leaf, np.ndarray) and leaf.dtype.kind in "iubf" for leaf in found):
        return None
    if all(leaf.ndim == 2 and leaf.shape[1] > 1 and _is_one_hot(leaf) for leaf in found):  # noqa: PLR2004
        return [leaf.argmax(axis=1) for leaf in found]
    if all(leaf.ndim == 1 or leaf.shape[1:] == (1,) for leaf in found):
        flat = [leaf.reshape(-1) for leaf in found]
        if all(np.array_equal(leaf, np.round(leaf)) for leaf in flat):
            return [leaf.astype(np.int64) for leaf in flat]
    return None


def _is_one_hot(labels: NDArray[Any]) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())
