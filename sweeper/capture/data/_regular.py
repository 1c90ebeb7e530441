"""What the shapes and sizes of batches say: whether they can be split into samples, and whether they are cut evenly."""

from typing import Any

import numpy as np

from sweeper.capture.data._base import Shapes
from sweeper.capture.data._columns import Indices
from sweeper.capture.data._leaves import as_tuple, leaf_shape
from sweeper.capture.data._samples import flatten
from sweeper.capture.data._sparse import SparseColumn


def why_whole(leaves: list[Any], element: Any, input_shapes: Shapes) -> str:
    """Why an element with these leaves cannot be split into samples; empty when its shapes do not forbid it."""
    return _why_no_samples([leaf_shape(leaf) for leaf in leaves]) or _why_not_batch(element, input_shapes)


def _why_no_samples(shapes: list[tuple[int, ...]]) -> str:
    """Why parts of these shapes have no samples in common."""
    if any(len(shape) == 0 for shape in shapes):
        return "an element of the pipeline holds a scalar, so it cannot be split into samples"
    if len({shape[0] for shape in shapes}) > 1:
        sizes = ", ".join(str(shape[0]) for shape in shapes)
        return f"the parts of an element have different first dimensions ({sizes}), so it cannot be split into samples"
    return ""


def _why_not_batch(element: Any, input_shapes: Shapes) -> str:
    """Why the first dimension of an element is not that of a batch: the model takes something of fewer dimensions."""
    x = as_tuple(element)
    shapes = [leaf_shape(leaf) for leaf in flatten(x[0] if isinstance(x, tuple) else x)[1]]
    for shape, wanted in zip(shapes, input_shapes, strict=False):
        # Keras drops a last dimension of 1 by itself.
        squeezed = shape[-1:] == (1,) and len(shape) == len(wanted) + 1 and _agree(shape[1:-1], wanted[1:])
        if len(shape) > len(wanted) and not squeezed:
            return f"an element of the pipeline has shape {shape}, but the model takes batches of shape {wanted}"
    return ""


def _agree(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return all(size is None or size == given for given, size in zip(shape, wanted, strict=True))


def why_padded(elements: list[list[Any]]) -> str:
    """Why elements must stay whole: their samples differ in size from element to element; empty when they do not."""
    for leaves in elements:
        for leaf, first in zip(leaves, elements[0], strict=True):
            if isinstance(leaf, np.ndarray | SparseColumn) and leaf.shape[1:] != first.shape[1:]:
                sizes = f"samples of {first.shape[1:]} and of {leaf.shape[1:]}"
                return f"batches are padded or cut to different sizes ({sizes})"
    return ""


def is_regular(sizes: Indices, ends: list[int]) -> bool:
    """Whether all batches have one size, smaller ones at the ends of passes aside."""
    smaller = np.flatnonzero(sizes != sizes.max())
    inside = np.setdiff1d(smaller, np.array(ends, dtype=np.int64) - 1)
    if not len(inside):
        return True
    # A pipeline that repeats itself after its batching has a smaller batch at the end of each of its own passes.
    gaps = np.diff(np.concatenate([[-1], inside]))
    return len(set(sizes[inside].tolist())) == 1 and len(set(gaps.tolist())) == 1 and gaps[0] > 1


def has_one_smaller_a_pass(sizes: Indices, ends: list[int]) -> bool:
    """Whether each pass has at most one smaller batch, the rest of its samples, wherever Keras's shuffling puts it."""
    smaller = [part[part != sizes.max()] for part in np.split(sizes, ends)]
    return all(len(part) <= 1 for part in smaller) and len({int(part[0]) for part in smaller if len(part)}) <= 1


def are_cut_evenly(sizes_by_pass: tuple[Indices, ...], *, ends: bool) -> bool:
    """Whether batches are those that an order makes of its passes by itself: only the last of a pass may be smaller."""
    size = max(int(sizes.max()) for sizes in sizes_by_pass)
    last = -1 if ends else None
    return all((sizes[:last] == size).all() for sizes in sizes_by_pass)
