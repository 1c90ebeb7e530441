"""How probes of different batch sizes are compared, and which size did best.

Null probes show the loss of the same weights at every batch size. Where it is the same, training losses are compared.
Where it depends on the batch size (a sum grows with it; a loss that contrasts the samples of a batch changes in another
way), validation losses are compared if they do not depend on it; else a loss that is a sum is divided by the size.
This is the one place that decides it.
"""

import math
import statistics
from collections.abc import Collection, Sequence

import numpy as np

from sweeper.curve import Curve
from sweeper.growth import Growth, Level, growth
from sweeper.probes import Outcome
from sweeper.recommendation import Comparison, Measure, SizeReached
from sweeper.robust import jitter
from sweeper.text import capital, number_text, plural

LEAST_VALIDATIONS = 3
"""The least number of validation losses from which the error of the last one can be estimated."""


def comparison_of(nulls: Sequence[Outcome], batch_sizes: Collection[int]) -> Comparison:
    """How probes of different batch sizes are to be compared, from their null probes.

    Without null probes of the same weights at every size, by their training loss.
    """
    curves = _same_weights(nulls, batch_sizes)
    levels = _levels(curves)
    grown = growth(levels) if levels else Growth.ALIKE
    if grown is Growth.ALIKE:
        return Comparison(measure=Measure.LOSS)
    small, large = levels[0], levels[-1]
    grows = (
        f"the training loss of the same weights depends on the batch size: it is {number_text(small.value)} at "
        f"{small.batch_size:,} and {number_text(large.value)} at {large.batch_size:,}"
        f"{', as a sum over the batch is' if grown is Growth.PROPORTIONAL else ''}"
    )
    validations = _validation_levels(curves)
    if validations and growth(validations) is Growth.ALIKE:
        return Comparison(measure=Measure.VALIDATION, growth=grown, why=f"{capital(grows)}.")
    if grown is Growth.PROPORTIONAL:
        return Comparison(measure=Measure.PER_SAMPLE, growth=grown, why=f"{capital(grows)}.")
    why = f"{capital(grows)}, and there is no validation loss that does not."
    return Comparison(measure=Measure.NOTHING, growth=grown, why=why)


def end_validation(curves: Sequence[Curve]) -> tuple[float, float] | None:
    """The median of the last validation losses of some curves and its standard error; None unless all are finite."""
    levels = [curve.val_loss[-1] if curve.val_loss else math.nan for curve in curves]
    if not levels or not all(math.isfinite(level) for level in levels):
        return None
    errors = [_validation_error(curve) for curve in curves]
    return statistics.median(levels), statistics.median(errors) / len(errors) ** 0.5


def in_measure(
    measure: Measure,
    score: tuple[float | None, float | None],
    batch_size: int,
    *,
    validation: tuple[float, float] | None,
) -> tuple[float | None, float | None]:
    """The value that a cell is compared by across batch sizes, with its error; None where there is none.

    `score` is its final loss, `validation` its last validation loss, both with their errors.
    """
    if measure is Measure.LOSS:
        return score
    if measure is Measure.PER_SAMPLE and score[0] is not None:
        return score[0] / batch_size, (score[1] or 0.0) / batch_size
    if measure is Measure.VALIDATION and validation is not None:
        return validation
    return None, None


def comparison_sentence(measure: Measure, why: str, sizes: Sequence[SizeReached]) -> str:
    """A sentence on how batch sizes compare and which does best; empty with fewer than two."""
    if len(sizes) < 2:  # noqa: PLR2004
        return ""
    if measure is Measure.NOTHING:
        return f"Batch sizes are not compared: {why[:1].lower()}{why[1:]}"
    steps = {one.steps for one in sizes}
    each = [f"{one.batch_size:,} with {number_text(one.loss)}{_length(one, steps)}" for one in sizes]
    end = f", each after {plural(sizes[0].steps, 'step')}" if len(steps) == 1 else ""
    best = sizes[0]
    cost = f" {best.batch_size:,} saw the most samples, {best.samples:,}." if _saw_most(best, sizes) else ""
    because = f" {why}" if why else ""
    return f"Batch sizes by {measure}, the lowest first: {', '.join(each)}{end}.{cost}{because}"


def _length(one: SizeReached, steps: Collection[int]) -> str:
    return "" if len(steps) == 1 else f" after {plural(one.steps, 'step')}"


def _saw_most(best: SizeReached, sizes: Sequence[SizeReached]) -> bool:
    return all(best.samples > other.samples for other in sizes if other is not best)


def _same_weights(nulls: Sequence[Outcome], batch_sizes: Collection[int]) -> dict[int, list[Curve]]:
    """The null curves at each batch size, ascending, of the seeds that every size has had; empty without such seeds."""
    found: dict[int, dict[int, Curve]] = {size: {} for size in sorted(batch_sizes)}
    for null in nulls:
        if null.curve is not None and null.curve.train_loss and null.probe.batch_size in found:
            found[null.probe.batch_size][null.probe.seed] = null.curve
    shared = set[int].intersection(*(set(curves) for curves in found.values())) if found else set()
    return {size: [curves[seed] for seed in sorted(shared)] for size, curves in found.items()} if shared else {}


def _levels(curves: dict[int, list[Curve]]) -> list[Level]:
    """The training loss before any update by ascending size; empty where one is not finite."""
    levels = []
    for size, some in curves.items():
        losses = np.concatenate([np.asarray(curve.train_loss, dtype=np.float64) for curve in some])
        if not np.isfinite(losses).all():
            return []
        # A mean, since what batches sum up has a mean in proportion to their size, whatever the form of its spread.
        error = float(losses.std(ddof=1)) / losses.size**0.5 if losses.size > 1 else math.inf
        levels.append(Level(batch_size=size, value=float(losses.mean()), error=error))
    return levels


def _validation_levels(curves: dict[int, list[Curve]]) -> list[Level]:
    """The validation loss before any update by ascending size; empty where one was not measured or is not finite."""
    levels = []
    for size, some in curves.items():
        first = [curve.val_loss[0] if curve.val_loss else math.nan for curve in some]
        if not all(math.isfinite(loss) for loss in first):
            return []
        levels.append(Level(batch_size=size, value=statistics.fmean(first)))
    return levels


def _validation_error(curve: Curve) -> float:
    """The error of the last validation loss: how much validation losses scatter around their trend."""
    losses = np.asarray(curve.val_loss[len(curve.val_loss) // 2 :], dtype=np.float64)
    return jitter(losses) if losses.size >= LEAST_VALIDATIONS and np.isfinite(losses).all() else 0.0
