"""The script's callbacks called as fit calls them, with no training in between: which variables they change, and when.

Every hook is called with logs of losses that are made up. What a callback does is taken to hold for the real training
where it is the same for losses that fall and for losses that do not.
"""

import math
import time
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture._course import Course
from sweeper.capture._no_side_effects import ProcessEnded
from sweeper.capture._state import read
from sweeper.capture._touches import Touches

SMALL = 64
"""Entries of a variable up to which all its values are kept."""
LOOK_SECONDS = 0.5
"""After about so long it is looked first which callbacks cannot be run for the whole training; then twice as late."""
SLOW_PART = 0.2
"""Part of the time for all that one callback may take which has changed nothing so far."""
EPOCHS_ONLY_SECONDS = 2.0
"""Longest time for the epochs that are left when there is no time for their steps."""


@dataclass(slots=True, kw_only=True)
class Track:
    """The values of one variable before the steps of the training."""

    variable: Any
    first: NDArray[Any] | None
    """None where it is too large for its values to be kept."""
    by: str
    """Class and method of the callback that changes it."""
    changes: list[tuple[int, int, NDArray[Any] | None]] = field(default_factory=list)
    """Epochs from the first one, steps in them, and the value from that step on."""


@dataclass(slots=True, kw_only=True)
class DryRun:
    """What one run of the callbacks shows."""

    tracks: dict[int, Track] = field(default_factory=dict)
    """Variables that were changed, by identity."""
    epochs: int = 0
    """Epochs that were run, the last one perhaps in part."""
    last: tuple[int, int] = (0, 0)
    """The last step, by its epoch and its number in it."""
    out_of_time: bool = False
    """Whether steps were left out for the time that they take."""
    complete: bool = False
    """Whether every epoch was begun and ended, or the training was stopped."""
    slow: list[tuple[Any, float]] = field(default_factory=list)
    """Callbacks that were not run to the end, with the seconds that they had taken."""
    raised: list[tuple[Any, str, int, BaseException]] = field(default_factory=list)
    """Callbacks that raised, with the method and the epoch, counted from the first one."""
    flags: tuple[str, int] | None = None
    """Who changed which layers are trained, compiled again or had the step traced anew, and in which epoch."""

    def changed(self) -> list[Track]:
        """The variables whose values changed."""
        return [track for track in {id(track): track for track in self.tracks.values()}.values() if track.changes]


class MadeUpLogs(dict[str, float]):
    """Logs as fit gives them; a key that only a step of one's own would give has a value too."""

    def __init__(self, names: Sequence[str], loss: float) -> None:
        super().__init__({name: _value(name, loss) for name in names})
        self._loss = loss

    def __missing__(self, name: str) -> float:
        return _value(name, self._loss)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a key, made up for a key that is not known."""
        del default
        return self[name]


def _value(name: str, loss: float) -> float:
    rises = any(part in name for part in ("acc", "auc", "precision", "recall", "f1", "iou", "dice", "score"))
    return 1 / (1 + loss) if rises else loss


class CallbackCalls:
    """Calls callbacks in the order in which fit calls them, without training anything in between."""

    def __init__(self, model: Any, callbacks: Sequence[Any], course: Course) -> None:
        self._model = model
        self.callbacks = list(callbacks)
        self._course = course
        self.touches = Touches()
        self._seconds: dict[int, float] = {}
        self.run = DryRun()
        self._known: tuple[list[Any], list[Any]] | None = None
        self._flags = _flags(model)

    def begin(self) -> None:
        """Makes the calls of fit up to its first step; raises what the callbacks raise."""
        self._each("on_train_begin")

    def begin_epoch(self, epoch: int) -> None:
        """Makes the calls of fit before the first step of an epoch."""
        self._each("on_epoch_begin", epoch)
        self._each("on_train_batch_begin", 0)

    def _each(self, method: str, *position: int, logs: MadeUpLogs | None = None) -> None:
        for callback in list(self.callbacks if "_batch_" not in method else self._stepping()):
            started = time.perf_counter()
            self.touches.doing = f"{type(callback).__name__}.{method}"
            try:
                getattr(callback, method)(*position, {} if logs is None else logs)
            except Exception as error:  # noqa: BLE001  the script's own code may raise anything
                self.failed(callback, method, error)
            self._seconds[id(callback)] = self._seconds.get(id(callback), 0.0) + time.perf_counter() - started
            if "_epoch_" in method:
                self._see_flags(position[0])

    def _see_flags(self, epoch: int) -> None:
        """Records who has changed which layers are trained, at the first time."""
        if self.run.flags is None and _flags(self._model) != self._flags:
            self.run.flags = self.touches.doing, epoch

    def _stepping(self) -> list[Any]:
        """The callbacks that have something to do with steps."""
        if self._known is None or self._known[0] != self.callbacks:
            self._known = list(self.callbacks), [item for item in self.callbacks if _has_steps(item)]
        return self._known[1]

    def failed(self, callback: Any, method: str, error: Exception) -> None:
        """Records that a callback raised, and goes on without it."""
        self.run.raised.append((callback, method, max(0, self.run.epochs - 1), error))
        self.callbacks.remove(callback)

    def go_on(self, *, falling: bool, names: Sequence[str], seconds: float) -> DryRun:
        """Runs from the first step to the end of the training, for at most `seconds`."""
        self._started, self._limit, self._look = time.perf_counter(), seconds, LOOK_SECONDS
        course, run = self._course, self.run
        try:
            with self.touches.watching(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for number, epoch in enumerate(range(course.first, course.epochs)):
                    loss = 1000.0 * 0.5**number if falling else 1.0
                    run.epochs = number + 1
                    if number:
                        self._each("on_epoch_begin", epoch)
                    self._steps(number, MadeUpLogs(names, loss))
                    self._end_epoch(epoch, names, loss)
                    if self._model.stop_training:
                        break
                    if run.out_of_time and not self._may_skip_steps():
                        return run
                run.complete = True
        except (ProcessEnded, SystemExit):
            run.complete = True
        return run

    def _steps(self, number: int, logs: MadeUpLogs) -> None:
        """Runs the steps of an epoch; only the first where no callback does anything in steps, or time is over."""
        count = self._course.assumed_steps
        if self.run.out_of_time or not self._stepping():
            count = 1
        at_once = self._course.at_once
        for batch in range(0, count, at_once):
            if number or batch:
                self._each("on_train_batch_begin", batch)
            self._see(number, batch)
            last = min(batch + at_once, count) - 1
            self.run.last = number, last
            self._each("on_train_batch_end", last, logs=logs)
            if self._model.stop_training:
                return
            if self._elapsed() > self._look and self._is_over(number, batch):
                return

    def _end_epoch(self, epoch: int, names: Sequence[str], loss: float) -> None:
        self._see_flags(epoch)
        if self._course.validates_after(epoch):
            self._each("on_test_begin")
            self._each("on_test_end", logs=MadeUpLogs(names, loss))
            names = [*names, *[f"val_{name}" for name in names]]
        self._each("on_epoch_end", epoch, logs=MadeUpLogs(names, loss))

    def _elapsed(self) -> float:
        return time.perf_counter() - self._started

    def _is_over(self, number: int, batch: int) -> bool:
        """Whether time is over; before that, slow callbacks that have changed nothing are left out."""
        elapsed, self._look = self._elapsed(), 2 * self._look
        epochs = max(1, self._course.epochs - self._course.first)
        done = (number + (batch + 1) / self._course.assumed_steps) / epochs
        if elapsed / done > self._limit:
            changers = {by.partition(".")[0] for by in self.touches.by.values()}
            for callback in list(self.callbacks):
                taken = self._seconds[id(callback)]
                if taken / done > SLOW_PART * self._limit and type(callback).__name__ not in changers:
                    self.run.slow.append((callback, taken))
                    self.callbacks.remove(callback)
        self.run.out_of_time = elapsed > self._limit
        return self.run.out_of_time

    def _may_skip_steps(self) -> bool:
        """Whether the epochs that are left can be run without their steps."""
        if self._elapsed() > self._limit + EPOCHS_ONLY_SECONDS:
            return False
        return not any(
            batch or "_batch_" in track.by for track in self.run.tracks.values() for _, batch, _ in track.changes
        )

    def _see(self, number: int, batch: int) -> None:
        """Records the values of variables that were touched since the last step."""
        fresh = self.touches.fresh | self.touches.traced
        self.touches.fresh = {}
        for variable in fresh.values():
            track = self.run.tracks.get(id(variable))
            if track is None:
                continue
            value = self._value(variable, track) if track.first is not None else None
            last = track.changes[-1][2] if track.changes else track.first
            if value is None or last is None:
                if not track.changes:
                    track.changes.append((number, batch, None))
                    track.by = self.touches.by.get(id(variable), track.by)
            elif value != last if value.ndim == 0 else not np.array_equal(value, last):
                track.changes.append((number, batch, value))
                track.by = self.touches.by.get(id(variable), track.by)

    def _value(self, variable: Any, track: Track) -> NDArray[Any]:
        """The present value of a variable, as it was assigned where that was a number."""
        assert track.first is not None
        given = self.touches.given.get(id(variable))
        if given is None or track.first.ndim or id(variable) in self.touches.traced:
            return np.asarray(read(variable))
        return np.asarray(given, track.first.dtype)

    def watch(self, variables: Sequence[Any], *, moving: Collection[int]) -> None:
        """Keeps track of these variables, whose present values are those of the first step.

        Of those that training moves, and of large ones, only that they are touched.
        """
        for variable in variables:
            first = read(variable) if id(variable) not in moving and _size(variable) <= SMALL else None
            track = Track(variable=variable, first=first, by="")
            # TensorFlow's variable inside a Keras variable may be assigned to directly.
            self.run.tracks[id(variable)] = track
            self.run.tracks[id(getattr(variable, "_value", variable))] = track


def _size(variable: Any) -> int:
    try:
        return math.prod(int(length) for length in variable.shape)
    except (TypeError, ValueError):
        return SMALL + 1  # of a shape that may change


def _has_steps(callback: Any) -> bool:
    """Whether a callback does anything before or after a step."""
    import keras

    names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    plain = keras.callbacks.Callback
    if isinstance(callback, keras.callbacks.LambdaCallback) and set(names) & set(vars(callback)):
        return True
    return any(getattr(type(callback), name) is not getattr(plain, name) for name in names)


def _flags(model: Any) -> tuple[Any, ...]:
    """What decides what is trained: the layers' flags, the optimizer, the last `compile`, and the traced step."""
    layers = model._flatten_layers()  # noqa: SLF001
    held = (model.optimizer, getattr(model, "_compile_config", None), getattr(model, "train_function", None))
    return (*[layer.trainable for layer in layers], *map(id, held))
