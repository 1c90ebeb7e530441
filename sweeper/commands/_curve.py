"""From the points that a program has written to the curve of its probe."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sweeper.curve import BLOWN_UP_FACTOR, Curve, StopReason, reason_to_stop

HANDFUL = 5
"""Points below which a curve says nothing; the shortest rules look at as many steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a program wrote of one step: its loss, a validation loss after it, or both."""

    loss: float | None = None
    val_loss: float | None = None


def curve_of_points(points: Iterable[Point], *, steps: int) -> tuple[Curve, bool]:
    """The curve of a probe of so many steps, and whether it has all that can be learnt: further points are left out."""
    losses: list[float] = []
    val: dict[int, float] = {}
    stopped: StopReason | None = None
    for point in points:
        if len(losses) >= steps and point.loss is not None:
            break
        if point.loss is not None:
            losses.append(point.loss)
            stopped = reason_to_stop(losses)
        if point.val_loss is not None:
            val[len(losses)] = point.val_loss
        if stopped is not None:
            break
    curve = Curve(
        train_loss=tuple(losses),
        val_steps=tuple(val),
        val_loss=tuple(val.values()),
        first_nonfinite_loss=next((i for i, loss in enumerate(losses, 1) if not math.isfinite(loss)), None),
        stopped_early=stopped if len(losses) < steps else None,
    )
    return curve, stopped is not None or len(losses) >= steps


def how_it_broke(curve: Curve) -> StopReason | None:
    """How the loss of a program broke before it ended: with its last points not finite, or far above the first."""
    if not curve.train_loss:
        return None
    first, last = curve.train_loss[0], curve.train_loss[-1]
    if not math.isfinite(last):
        return StopReason.NON_FINITE
    return StopReason.BLOWN_UP if abs(last) > BLOWN_UP_FACTOR * max(abs(first), 1.0) else None
