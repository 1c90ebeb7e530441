"""Whether the kept samples of arrays are what Keras itself makes of them."""

import contextlib
from typing import Any

import numpy as np

from sweeper.capture._own_batches import own_passes
from sweeper.capture._samples import Samples, flatten
from sweeper.capture._sources import as_tuple, keep_leaf

MOST_BYTES = 1 << 28
"""Samples that take more are not compared: Keras would copy all of them."""


def why_not_as_keras(
    model: Any, data: tuple[Any, Any, Any], samples: Samples, *, batch_size: int, class_weight: Any
) -> str:
    """How the first batch that Keras makes of arrays, unshuffled, differs from the samples; empty where it does not.

    `data` are inputs, targets and sample weights as fit got them; `samples` must be all of them, in their order.
    """
    if samples.nbytes > MOST_BYTES:
        return ""
    with contextlib.closing(
        own_passes(model, *data, batch_size=batch_size, shuffle=False, class_weight=class_weight)
    ) as passes:
        own = next(next(passes), None)
    if own is None:
        return ""
    kept = samples.batch(np.arange(min(batch_size, len(samples)), dtype=np.int64))
    _, own_leaves = flatten(as_tuple(own))
    _, kept_leaves = flatten(as_tuple(kept))
    if len(own_leaves) != len(kept_leaves):
        return f"{len(own_leaves)} arrays, not {len(kept_leaves)}"
    pairs = zip(own_leaves, kept_leaves, strict=True)
    reasons = (_why_other(keep_leaf(own), keep_leaf(kept)) for own, kept in pairs)
    return next(filter(None, reasons), "")


def _why_other(own: Any, kept: Any) -> str:
    if not (isinstance(own, np.ndarray) and isinstance(kept, np.ndarray)):
        return ""  # ragged and sparse ones are kept as they came
    if own.shape != kept.shape:
        return f"batches of shape {own.shape}, not {kept.shape}"
    if "O" in own.dtype.kind + kept.dtype.kind or own.dtype.kind in "SU":
        return ""
    if own.dtype != kept.dtype:
        return f"numbers of type {own.dtype}, not {kept.dtype}"
    return "" if np.array_equal(own, kept, equal_nan=own.dtype.kind == "f") else "other values"
