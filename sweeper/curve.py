"""The curve of a probe: what it recorded at every step.

Losses are the true losses of single batches. Keras's own `logs["loss"]` is a running mean since the
epoch began: it hides divergence, and one NaN spoils the rest of the epoch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

RISEN = 2.0
"""A loss this many times its first value has risen by more than the difference between two batches."""

PATIENCE = 5
"""Steps in a row with a non-finite loss after which nothing more can be learned."""
BLOWN_UP_FACTOR = 1e6
"""Multiple of its first value (or of 1, if that is more) above which a loss counts as blown up."""
BLOWN_UP_PATIENCE = 10
"""Steps in a row that a loss is blown up after which it does not come back within a probe."""


class StopReason(StrEnum):
    """Why a probe ended before its last step. Neither reason can change the verdict."""

    NON_FINITE = "non_finite"
    BLOWN_UP = "blown_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The raw record of a probe. Steps count from 1; NaN and infinity are kept as they came.

    Two curves with a NaN are not equal by `==`; compare them with `same_curve`.
    """

    train_loss: tuple[float, ...]
    """Loss of each step's batch, before that step's update."""
    gradient_norm: tuple[float, ...] = ()
    """Global norm of each step's gradients before clipping; empty where it could not be measured."""
    val_steps: tuple[int, ...] = ()
    """Steps after which the validation loss was measured; 0 is before the first update."""
    val_loss: tuple[float, ...] = ()
    """Mean loss over the validation sample, one for each of `val_steps`."""
    first_nonfinite_loss: int | None = None
    """First step whose loss was NaN or infinite."""
    first_nonfinite_weight: int | None = None
    """First step after which a weight was NaN or infinite."""
    stopped_early: StopReason | None = None

    @property
    def steps(self) -> int:
        """The number of steps that ran."""
        return len(self.train_loss)

    @property
    def broken_by_update(self) -> bool:
        """Whether an update made a weight NaN or infinite while the loss was finite and had not risen.

        A rate that is too high makes the loss grow first. Where it does not, the update itself is not finite: a
        gradient of the root of 0, or an optimizer that divides by 0.
        """
        step = self.first_nonfinite_weight
        if step is None or (self.first_nonfinite_loss is not None and self.first_nonfinite_loss <= step):
            return False
        before = self.train_loss[:step]
        finite = bool(before) and all(map(math.isfinite, before))
        return finite and max(before) - before[0] <= (RISEN - 1) * abs(before[0])

    def beginning(self, steps: int) -> "Curve":
        """The curve as it was after its first `steps` steps."""
        if steps >= self.steps:
            return self
        checkpoints = sum(step <= steps for step in self.val_steps)

        def seen(step: int | None) -> int | None:
            return step if step is not None and step <= steps else None

        return Curve(
            train_loss=self.train_loss[:steps],
            gradient_norm=self.gradient_norm[:steps],
            val_steps=self.val_steps[:checkpoints],
            val_loss=self.val_loss[:checkpoints],
            first_nonfinite_loss=seen(self.first_nonfinite_loss),
            first_nonfinite_weight=seen(self.first_nonfinite_weight),
        )

    def without_first(self, steps: int) -> "Curve":
        """The curve without its first `steps` steps; those that remain are counted from 1."""
        kept = [place for place, step in enumerate(self.val_steps) if step > steps]

        def after(step: int | None) -> int | None:
            return step - steps if step is not None and step > steps else None

        return Curve(
            train_loss=self.train_loss[steps:],
            gradient_norm=self.gradient_norm[steps:],
            val_steps=tuple(self.val_steps[place] - steps for place in kept),
            val_loss=tuple(self.val_loss[place] for place in kept),
            first_nonfinite_loss=after(self.first_nonfinite_loss),
            first_nonfinite_weight=after(self.first_nonfinite_weight),
            stopped_early=self.stopped_early,
        )


def reason_to_stop(losses: Sequence[float]) -> StopReason | None:
    """Why a training with these losses need not go on, whatever its next losses are; None where it must."""
    tail = losses[-PATIENCE:]
    if len(tail) == PATIENCE and not any(math.isfinite(loss) for loss in tail):
        return StopReason.NON_FINITE
    limit = BLOWN_UP_FACTOR * max(abs(losses[0]), 1.0)
    tail = losses[-BLOWN_UP_PATIENCE:]
    if len(tail) == BLOWN_UP_PATIENCE and all(abs(loss) > limit for loss in tail):
        return StopReason.BLOWN_UP
    return None


def same_numbers(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two series are equal number by number; two NaNs count as equal."""
    return len(a) == len(b) and all(x == y or (math.isnan(x) and math.isnan(y)) for x, y in zip(a, b, strict=True))


def same_curve(a: Curve, b: Curve) -> bool:
    """Whether two curves are equal number by number; two NaNs count as equal."""
    return (
        same_numbers(a.train_loss, b.train_loss)
        and same_numbers(a.gradient_norm, b.gradient_norm)
        and same_numbers(a.val_loss, b.val_loss)
        and (a.val_steps, a.first_nonfinite_loss, a.first_nonfinite_weight, a.stopped_early)
        == (b.val_steps, b.first_nonfinite_loss, b.first_nonfinite_weight, b.stopped_early)
    )
