"""The first steps of a training as the script wrote it: its own train step, its callbacks, its start."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import (
    ProcessEnded,
    came_from_callback,
    no_side_effects,
    read,
    reads_logs_itself,
    same_weights_train,
)
from sweeper.engines._fit_callbacks import called_every, each_step_callback
from sweeper.engines._fit_training import FitTraining
from sweeper.engines._loss_source import NoLoss, loss_in
from sweeper.probes import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What a few steps of a training gave."""

    losses: tuple[float, ...]
    """One for each step; NaN where a step tells none."""
    weights: tuple[NDArray[Any], ...]
    """The trainable ones after the last step."""


class CallbackFailed(Exception):
    """A callback of the script raised; the cause is what it raised."""


class _StepsDone(Exception):
    """Ends fit once the steps are done, before the end of its epoch."""


@dataclass(slots=True, kw_only=True)
class OwnSteps:
    """Runs the steps of a probe as the script's own fit does them, at the probe's rate."""

    fit: FitTraining
    probe: Probe
    _traced: Any = None
    """What fit has traced of the script's own step."""

    def run(self, callbacks: Sequence[Any], *, reset_metrics: bool = True) -> Steps:
        """Trains from the start; `reset_metrics` lets the logs give the loss of each batch, and not a running mean.

        Raises `CallbackFailed` where a callback raises, and whatever else the training raises.
        """
        fit, model = self.fit, self.fit.job.model
        fit.begin(self.probe)
        watch = _Watch(fit=fit, probe=self.probe, reset_metrics=reset_metrics)
        # Keras's own step is that of a probe, and need not be traced again, unless something reads metrics or logs.
        written = not (fit.step.is_keras and reset_metrics) or any(map(reads_logs_itself, callbacks))
        step = fit.step
        as_it_is = step.as_written() if written else step.recording()
        with same_weights_train(model), _whole_tracebacks(), no_side_effects(), as_it_is:
            if written:
                model.train_function = self._traced
            try:
                watching = each_step_callback(watch.after, before=watch.before)
                fit.job.fit(model, **self._arguments(), callbacks=[*map(self._as_called, callbacks), watching])
            except _StepsDone:
                pass
            except (ProcessEnded, SystemExit) as error:
                raise CallbackFailed from error
            except Exception as error:
                if came_from_callback(error):
                    raise CallbackFailed from error
                raise
            if written:
                self._traced = model.train_function
        return Steps(losses=tuple(watch.losses), weights=watch.weights or weights_of(model))

    def _as_called(self, callback: Any) -> Any:
        """A callback that is called at the steps at which the script's own fit calls it."""
        at_once = self.fit.job.course.at_once
        return called_every(callback, at_once) if at_once > 1 and reads_logs_itself(callback) else callback

    def _arguments(self) -> dict[str, Any]:
        """The arguments of a fit on the probe's batches, in epochs as long as the script's."""
        fit, steps = self.fit, self.probe.steps
        job, course = fit.job, fit.job.course
        each = min(course.steps or steps, steps)
        validates = each < steps and course.validates and job.val is not None
        return {
            "x": fit.runs.batches(self.probe),
            "initial_epoch": course.first,
            "epochs": max(course.epochs, course.first + steps),
            "steps_per_epoch": each,
            "validation_data": fit.runs.val_batches() if validates else None,
            "shuffle": False,
            "verbose": 0,
        }


def weights_of(model: Any) -> tuple[NDArray[Any], ...]:
    """The trainable weights of a model as they stand."""
    return tuple(np.asarray(read(weight), np.float32) for weight in model.trainable_variables)


@dataclass(slots=True, kw_only=True)
class _Watch:
    """Follows the steps of a fit after the script's callbacks, and ends it."""

    fit: FitTraining
    probe: Probe
    reset_metrics: bool
    losses: list[float] = field(default_factory=list)
    weights: tuple[NDArray[Any], ...] = ()
    """Those after the last step: when fit ends, also by an exception, it may put averages in their place."""

    def before(self, model: Any) -> None:
        """Sets the rate back to the probe's: that rates are constant in probes is said elsewhere."""
        if self.reset_metrics:
            model.reset_metrics()
        self.fit.hold_rate(self.probe)

    def after(self, model: Any, logs: Any) -> None:
        """Takes the loss of a step; ends fit after the last one."""
        try:
            self.losses.append(float(np.mean(np.asarray(loss_in(logs, self.fit.job.loss_keys), np.float64))))
        except (NoLoss, TypeError, ValueError):
            self.losses.append(math.nan)
        if len(self.losses) == self.probe.steps:
            self.weights = weights_of(model)
            raise _StepsDone


@contextlib.contextmanager
def _whole_tracebacks() -> Iterator[None]:
    """Lets an error show whether it came from a callback."""
    import keras

    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()
