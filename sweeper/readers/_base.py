"""The curve that every reader returns, and functions that readers share."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sweeper.curve import Curve
from sweeper.errors import UsageError


class UnreadableCurves(UsageError):
    """Raised for a file without a curve, or with one that cannot be read; says which, where, and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCurve:
    """A curve from a file, with its name. Its steps are its points counted from 1, whatever the file counts."""

    id: str
    group: str
    """Curves of one group are of one job, as far as the file says."""
    curve: Curve = field(repr=False)
    metric: str = "train_loss"
    """Name of the loss in the file; only curves of the same one are compared."""
    passes: float | None = None
    """Passes over the samples, where the file counts epochs."""
    from_start: bool = False
    """Whether the first point is known to lie before any update: its count is 0, and the next is more than 1."""


def curve_of(
    steps: Sequence[float] | None, train_loss: Sequence[float], val_steps: Sequence[float] | None, val: Sequence[float]
) -> Curve:
    """A curve from the numbers of a file; raises `ValueError` when they do not belong together.

    Args:
        steps: The step of each training loss, ascending; None counts from 1.
        train_loss: Losses; NaN or infinite where they were not finite.
        val_steps: The step of each validation loss; None when there is one for each training loss, in the same order.
        val: Validation losses.
    """
    if not train_loss:
        raise ValueError("it has no training loss")
    steps = range(1, len(train_loss) + 1) if steps is None else steps
    if len(steps) != len(train_loss):
        raise ValueError(f"it has {len(steps)} steps and {len(train_loss)} training losses")
    if any(after <= before for before, after in pairwise(steps)):
        raise ValueError("its steps do not ascend")
    if val_steps is None:
        val_steps = steps if len(val) == len(steps) else ()
    if len(val_steps) != len(val):
        raise ValueError(f"it has {len(val)} validation losses and {len(val_steps)} steps for them (val_steps)")
    bad = next((number for number, loss in enumerate(train_loss, start=1) if not math.isfinite(loss)), None)
    return Curve(
        train_loss=tuple(train_loss),
        val_steps=tuple(bisect_right(steps, step) for step in val_steps),
        val_loss=tuple(val),
        first_nonfinite_loss=bad,
    )


def from_start(steps: Sequence[float] | None) -> bool:
    """Whether a curve begins before any update: at step 0, with its next point after step 1."""
    return steps is not None and len(steps) > 1 and steps[0] == 0.0 and steps[1] > 1.0


def number(value: Any) -> float:
    """The number of a loss in a file; null and nan are NaN. Raises `ValueError` or `TypeError` for other values."""
    if value is None or value == "":
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{value!r} is no number")
    return float(value)
