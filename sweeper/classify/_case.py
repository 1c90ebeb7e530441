"""One curve with everything that rules look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sweeper.classify._context import Context
from sweeper.classify._signals import Signals, measure
from sweeper.classify._thresholds import VerdictThresholds
from sweeper.curve import Curve
from sweeper.verdict import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A curve with its null curve, its context and its measured signals: the input of every rule."""

    curve: Curve
    null: Curve | None
    context: Context
    thresholds: VerdictThresholds
    signals: Signals | None
    """None when the curve has no step, or when it or its null curve has a loss that is not finite."""

    @property
    def is_beginning(self) -> bool:
        """Whether the curve is only the beginning of the planned probe."""
        return self.curve.steps < self.context.planned_steps


Rule: TypeAlias = Callable[[Case], Evidence | None]
"""A rule returns its evidence, or None when it does not fire."""


def open_case(curve: Curve, *, null: Curve | None, context: Context, thresholds: VerdictThresholds) -> Case:
    """The case of one curve, with its signals measured."""
    losses = np.asarray(curve.train_loss, dtype=np.float64)
    baseline = None if null is None or not null.train_loss else np.asarray(null.train_loss, dtype=np.float64)
    finite = bool(np.isfinite(losses).all()) and (baseline is None or bool(np.isfinite(baseline).all()))
    signals = None
    if losses.size and finite:
        signals = measure(
            losses,
            baseline,
            planned_steps=context.planned_steps,
            known_noise=context.noise,
            same_batches=context.same_batches,
            thresholds=thresholds,
        )
    return Case(curve=curve, null=null, context=context, thresholds=thresholds, signals=signals)
