"""A training loss as a tiny line that needs no script: for the table of probes, for print, for readers without one."""

import math
from dataclasses import dataclass
from typing import Final

from sweeper.reporting._curves import PageCurve, kept_points

WIDTH: Final = 108
HEIGHT: Final = 26
_PADDING = 3
_MOST_POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A line in a box of `WIDTH` by `HEIGHT`."""

    points: str
    """As the `points` of an SVG polyline; empty when no loss was finite."""
    nonfinite_x: float | None
    """Where the first step lies that was not finite."""


def spark(curve: PageCurve, *, steps: int) -> Spark:
    """The training loss over `steps` steps, on a log scale when every loss is positive."""
    losses = [(step, loss) for step, loss in zip(curve.steps, curve.train_loss, strict=True) if loss is not None]
    kept = [losses[index] for index in kept_points([loss for _, loss in losses], most=_MOST_POINTS)]
    logarithmic = all(loss > 0 for _, loss in kept)
    heights = [math.log(loss) if logarithmic else loss for _, loss in kept]
    low, span = (min(heights), max(heights) - min(heights)) if heights else (0.0, 0.0)
    points = [
        f"{_x(step, steps)},{_y((height - low) / span if span else 0.5)}"
        for (step, _), height in zip(kept, heights, strict=True)
    ]
    bad = curve.nonfinite_step
    return Spark(points=" ".join(points), nonfinite_x=None if bad is None else _x(bad, steps))


def _x(step: int, steps: int) -> float:
    return round(_PADDING + (WIDTH - 2 * _PADDING) * (step - 1) / max(1, steps - 1), 1)


def _y(part: float) -> float:
    return round(HEIGHT - _PADDING - (HEIGHT - 2 * _PADDING) * part, 1)
