"""Reading the gradient norm and the weights of a step, and collecting a curve of them."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from sweeper.curve import BLOWN_UP_FACTOR, Curve, StopReason, reason_to_stop

Progress: TypeAlias = Callable[[int], None]
"""Called with the number of steps that have run."""

_WARM_UP_STEPS = 3
"""First steps that are not timed: they trace and fill caches."""


def global_norm(gradients: Sequence[Any]) -> Any:
    """The global norm of gradients in float32; rows of sparse gradients count one by one."""
    from keras import ops

    dense = [_dense(gradient) for gradient in gradients if gradient is not None]
    squares = [_half_square_sum(ops.cast(gradient, "float32")) for gradient in dense]
    return ops.sqrt(2 * _total(squares)) if squares else ops.zeros(())


def _dense(gradient: Any) -> Any:
    return gradient.values if type(gradient).__name__ == "IndexedSlices" else gradient


def all_finite(weights: Sequence[Any]) -> Any:
    """1.0 if every weight is finite, else 0.0."""
    from keras import ops

    if not weights:
        return ops.ones(())
    # A sum is non-finite as soon as one addend is, and costs one pass over the weights.
    sums = [ops.sum(ops.cast(weight, "float32")) for weight in weights]
    return ops.cast(ops.isfinite(_total(sums)), "float32")


def _half_square_sum(values: Any) -> Any:
    from keras import backend, ops

    if backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.nn.l2_loss(values)  # one operation: in a small model each of them counts
    return ops.sum(ops.square(values)) / 2


def _total(scalars: Sequence[Any]) -> Any:
    from keras import backend

    if backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.add_n(scalars)
    return sum(scalars[1:], start=scalars[0])


class CurveRecorder:
    """Collects the numbers of one probe and decides when nothing more can be learned from it."""

    def __init__(self, *, steps: int, progress: Progress) -> None:
        self._steps = steps
        self._progress = progress
        self._losses: list[float] = []
        self._norms: list[float] = []
        self._val: list[tuple[int, float]] = []
        self._bad_weight: int | None = None
        self._stopped: StopReason | None = None
        self._times: list[float] = []
        self._last: float | None = None

    def epoch_begins(self) -> None:
        """Restarts the clock of the next step, since a validation may lie between."""
        self._last = None

    def step(self, loss: float, norm: float, finite: float) -> bool:
        """Records the numbers of one step; returns whether the probe is over."""
        now = time.perf_counter()
        if self._last is not None:
            self._times.append(now - self._last)
        self._last = now
        over = self._take(loss, norm, finite)
        self._progress(self.taken)
        return over

    def chunk(self, numbers: Sequence[Sequence[float]], *, seconds: float) -> bool:
        """Records loss, norm and finiteness of several steps that ran as one; returns whether the probe is over.

        Steps after the one that ends the probe are left out.
        """
        before = self.taken
        for loss, norm, finite in numbers:
            if self._take(loss, norm, finite):
                break
        self._times += [seconds / len(numbers)] * (self.taken - before)
        self._progress(self.taken)
        return self._is_over()

    @property
    def taken(self) -> int:
        """The number of steps so far."""
        return len(self._losses)

    def _take(self, loss: float, norm: float, finite: float) -> bool:
        self._losses.append(loss)
        self._norms.append(norm)
        if self._bad_weight is None and finite < 1.0:
            self._bad_weight = self.taken
        # Most steps are like this one, and none of those ends a probe.
        if self._bad_weight is not None or not abs(loss) <= BLOWN_UP_FACTOR:
            self._stopped = self._reason_to_stop()
        return self._is_over()

    @property
    def over(self) -> bool:
        """Whether no more steps are wanted."""
        return self._is_over()

    @property
    def saw_nonfinite(self) -> bool:
        """Whether a loss or a weight was not finite."""
        return self._bad_weight is not None or not all(map(math.isfinite, self._losses))

    def _is_over(self) -> bool:
        return self._stopped is not None or self.taken >= self._steps

    @property
    def stopped(self) -> bool:
        """Whether the probe was stopped because nothing more can be learned."""
        return self._stopped is not None

    def validation(self, loss: float) -> None:
        """Records the validation loss after the steps so far; not after a stop, where some engines have none."""
        if not self.stopped:
            self._val.append((len(self._losses), loss))

    def _reason_to_stop(self) -> StopReason | None:
        if self._bad_weight is not None:
            return StopReason.NON_FINITE
        return reason_to_stop(self._losses)

    def curve(self, *, has_norm: bool) -> Curve:
        """The curve that was recorded."""
        bad = next((i + 1 for i, loss in enumerate(self._losses) if not math.isfinite(loss)), None)
        return Curve(
            train_loss=tuple(self._losses),
            gradient_norm=tuple(self._norms) if has_norm else (),
            val_steps=tuple(step for step, _ in self._val),
            val_loss=tuple(loss for _, loss in self._val),
            first_nonfinite_loss=bad,
            first_nonfinite_weight=self._bad_weight,
            stopped_early=self._stopped if len(self._losses) < self._steps else None,
        )

    @property
    def last_step_seconds(self) -> float:
        """The time of the last step; 0 when it was not timed."""
        return self._times[-1] if self._times else 0.0

    def step_seconds(self) -> float | None:
        """Median time of a step after the first ones; None when too few ran."""
        times = sorted(self._times[_WARM_UP_STEPS:])
        return times[len(times) // 2] if times else None
