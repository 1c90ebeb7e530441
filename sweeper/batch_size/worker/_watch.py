"""Following one shortened fit from inside: its steps, their times, its stages, and when it has run long enough."""

import contextlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sweeper.capture import ShortFit
from sweeper.trial import Stage

WARM_UP_STEPS = 2
"""First steps of a fit that are not timed: they trace and fill caches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    """One step after the warm-up."""

    samples: int
    seconds: float
    is_first: bool
    """Whether it is the first of an epoch, which also starts the input pipeline."""


class Watch:
    """Follows one shortened fit: its steps, times and stages."""

    def __init__(
        self,
        fit: ShortFit,
        *,
        least_steps: int,
        most_seconds: float,
        alive: Callable[[int], None],
        at_stage: Callable[[Stage], None] = lambda _: None,
        after_first: Callable[[], None] = lambda: None,
    ) -> None:
        self.steps = 0
        self.whole_passes = 0
        """Epochs in which all of the data was trained on."""
        self._fit = fit
        self._least_steps = least_steps
        self._most_seconds = most_seconds
        self._at_stage = at_stage
        self._alive = alive
        self._after_first = after_first
        self._began = 0.0
        self._last: float | None = None
        self._in_epoch = 0
        self._timed: list[_Timed] = []

    def epoch_begins(self) -> None:
        """Called at the start of an epoch, perhaps after a validation."""
        self._at_stage(Stage.TRAINING)
        self._in_epoch, self._last = 0, None

    def step_begins(self) -> None:
        """Called at the start of a step, or of several that the script runs as one."""
        if self._last is None:
            self._last = time.perf_counter()

    def step_ends(self, steps: int) -> bool:
        """Called at the end of a step (or several in one); returns whether the fit has run long enough."""
        now = time.perf_counter()
        assert self._last is not None
        is_first, seconds = self._in_epoch == 0, now - self._last
        if self.steps == 0:
            self._began = now
            self._after_first()
        elif self.steps >= WARM_UP_STEPS:
            self._timed.append(_Timed(samples=self._samples(steps), seconds=seconds, is_first=is_first))
        self.steps += steps
        self._in_epoch += steps
        self.is_alive()
        self._last = time.perf_counter()
        return self.steps >= self._least_steps and now - self._began > self._most_seconds

    def epoch_ends(self) -> None:
        """Called at the end of an epoch and its validation."""
        if self._fit.pass_steps is not None and self._in_epoch >= self._fit.pass_steps:
            self.whole_passes += 1

    def is_alive(self) -> None:
        """Reports that the fit still runs."""
        self._alive(self.steps)

    def validation_begins(self) -> None:
        """Called at the start of an epoch's validation."""
        self._at_stage(Stage.VALIDATION)

    def _samples(self, steps: int) -> int:
        is_last = self._fit.pass_steps is not None and self._in_epoch + steps >= self._fit.pass_steps
        missing = self._fit.batch_size - self._fit.partial if is_last and self._fit.partial else 0
        return self._fit.batch_size * steps - missing

    def samples_per_second(self) -> float | None:
        """Median over full steps after the warm-up; None when there were none."""
        full = [step for step in self._timed if step.samples % self._fit.batch_size == 0]
        chosen = [step for step in full if not step.is_first] or full
        return statistics.median(step.samples / step.seconds for step in chosen) if chosen else None


def watching_callback(watch: Watch) -> Any:
    """A Keras callback through which a fit reports to its watch, and is ended by it."""
    import keras

    class Watching(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            watch.epoch_begins()

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            del batch, logs
            watch.step_begins()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch
            _wait_for(logs)
            if watch.step_ends(int(getattr(self.model, "steps_per_execution", 1) or 1)):
                self.model.stop_training = True

        def on_test_begin(self, logs: Any = None) -> None:
            del logs
            watch.validation_begins()

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            del batch, logs
            watch.is_alive()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            watch.epoch_ends()

    return Watching()


def _wait_for(logs: Any) -> None:
    """Waits until the step that gave these logs has run: devices work on while Python goes on."""
    from keras import ops

    # A script's own train step may return anything.
    with contextlib.suppress(Exception):
        ops.convert_to_numpy(next(iter(logs.values())))
