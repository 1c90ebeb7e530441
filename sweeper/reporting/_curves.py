"""Curves as the page draws them: few enough points to send, and nothing that matters lost.

A curve is cut into stretches of steps, and of each stretch the lowest and the highest loss are kept, so that a spike of
a single step stays as high as it was. The first and the last step and the first one that was not finite always stay.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sweeper.curve import Curve
from sweeper.verdict import Judged

MOST_POINTS: Final = 200
"""Points of a curve on the page; a chart is about twice as many pixels wide."""
_MANY_CURVES = 300
"""Curves beyond which each has only half as many points, so that a page stays small."""
_ALWAYS_KEPT = 3
_KEPT_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCurve:
    """A curve with at most `MOST_POINTS` steps; None stands for a loss that was not finite."""

    steps: tuple[int, ...]
    train_loss: tuple[float | None, ...]
    val_steps: tuple[int, ...]
    val_loss: tuple[float | None, ...]
    nonfinite_step: int | None
    """The first step whose loss was not finite; without one, the first after which a weight was not."""


def curves_for_page(judged: Sequence[Judged], detailed: Collection[str] | None = None) -> dict[str, PageCurve]:
    """The curve of each probe that has one, by the probe's id; of those in `detailed` only, if that is given."""
    curves = {one.outcome.probe.id: one.outcome.curve for one in judged if one.outcome.curve is not None}
    kept = {name: curve for name, curve in curves.items() if detailed is None or name in detailed}
    most = MOST_POINTS if len(kept) <= _MANY_CURVES else MOST_POINTS // 2
    return {name: page_curve(curve, most=most) for name, curve in kept.items()}


def page_curve(curve: Curve, *, most: int = MOST_POINTS) -> PageCurve:
    """The curve with at most `most` points in each of its lines."""
    nonfinite = curve.first_nonfinite_loss or curve.first_nonfinite_weight
    kept = kept_points(curve.train_loss, keep=() if nonfinite is None else (nonfinite - 1,), most=most)
    val_kept = kept_points(curve.val_loss, most=most)
    return PageCurve(
        steps=tuple(index + 1 for index in kept),
        train_loss=tuple(_rounded(curve.train_loss[index]) for index in kept),
        val_steps=tuple(curve.val_steps[index] for index in val_kept),
        val_loss=tuple(_rounded(curve.val_loss[index]) for index in val_kept),
        nonfinite_step=nonfinite,
    )


def kept_points(values: Sequence[float], *, keep: Iterable[int] = (), most: int = MOST_POINTS) -> list[int]:
    """Ascending indices of at most `most` values (6 or more) that show the course of all of them."""
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0, len(values) - 1, *(index for index in keep if index < len(values))}
    stretches = (most - _ALWAYS_KEPT) // 2
    bounds = [round(part * len(values) / stretches) for part in range(stretches + 1)]
    for start, end in pairwise(bounds):
        kept.update(_lowest_and_highest(values, start, end))
    return sorted(kept)


def _lowest_and_highest(values: Sequence[float], start: int, end: int) -> tuple[int, ...]:
    finite = [index for index in range(start, end) if math.isfinite(values[index])]
    if not finite:
        return ()
    return min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)


def _rounded(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{_KEPT_DIGITS}g}")
    # The largest floats round up to infinity.
    return rounded if math.isfinite(rounded) else value
