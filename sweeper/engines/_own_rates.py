"""Whether a training obeys the rate that a probe gives it.

At rate zero nothing may move: neither the rate, nor a weight. What moves all the same is set by the script's own code,
most often in `train_step`, and no map of learning rates can show its effect.
"""

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sweeper.capture import CapturedTraining, Job, OverriddenRate, own_caller, path_of, rate_variable, read, set_rate
from sweeper.engines._fit_callbacks import each_step_callback
from sweeper.findings import MOVES_WITHOUT_RATE, Finding
from sweeper.probes import NULL_RATE
from sweeper.text import rate_text

AT_REST = 1e-5
"""Part of a weight's largest entry up to which it has not moved: what constraints round away, step by step."""
KEPT = 1e-4
"""Relative difference up to which a rate is the one that was set; it is kept in float32."""
MOST_NAMES = 3
"""Weights that a finding names."""


class ZeroRateCheck:
    """Watches the two steps at rate 0 that a job runs before anything else."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._before: list[Any] = []
        self._after: list[Any] = []
        self._places: dict[int, str] = {}
        self._watched: list[Any] = []

    def begin(self, optimizer: Any) -> None:
        """Sets the rate of an optimizer to zero, and takes note of the lines of the script that set it from then on."""
        import keras

        if keras.backend.backend() == "jax" and optimizer is not self._job.model.optimizer:
            return  # met while a step is traced, whose values cannot be set
        set_rate([optimizer], [NULL_RATE])
        variable = rate_variable(optimizer)
        original: Callable[..., Any] = variable.assign

        def assign(value: Any) -> Any:
            self._places.setdefault(id(variable), own_caller(inspect.currentframe()))
            return original(value)

        object.__setattr__(variable, "assign", assign)
        self._watched.append(variable)

    def end(self) -> None:
        """Leaves the optimizers as they were."""
        for variable in self._watched:
            vars(variable).pop("assign", None)

    def callback(self) -> Any:
        """A Keras callback that keeps the weights after the last two steps; the first may still project them."""
        return each_step_callback(lambda *_: self.take())

    def take(self) -> None:
        """Keeps the present weights and those of one step before."""
        self._before, self._after = self._after, [read(weight) for weight in self._job.model.trainable_variables]

    def check_rates(self) -> None:
        """Raises `OverriddenRate` when a rate is not the zero that it was set to."""
        for variable in self._watched:
            rate = float(read(variable))
            if rate != NULL_RATE:
                place = self._places.get(id(variable), "")
                raise OverriddenRate(
                    f"the training sets the learning rate itself{f' ({place})' if place else ''}: it was set to 0 "
                    f"before the first step, and was {rate_text(rate)} after the second. Every probe would train at "
                    "that rate, whatever rate it is given",
                    place=place,
                )

    def moved(self) -> tuple[str, ...]:
        """Names of the trainable weights that the last step moved."""
        if len(self._before) != len(self._after):
            return ()
        weights = self._job.model.trainable_variables
        pairs = zip(weights, self._before, self._after, strict=True)
        return tuple(path_of(weight) for weight, before, after in pairs if _has_moved(before, after))


def _has_moved(before: Any, after: Any) -> bool:
    before, after = (np.asarray(value, np.float64) for value in (before, after))
    if before.shape != after.shape or not (np.isfinite(before).all() and np.isfinite(after).all()):
        return False
    return bool(np.abs(after - before).max(initial=0.0) > AT_REST * np.abs(before).max(initial=0.0))


def moving_finding(moved: Sequence[str], total: int) -> Finding:
    """The finding that weights change although the rate is zero."""
    names = ", ".join(moved[:MOST_NAMES]) + (f" and {len(moved) - MOST_NAMES} more" if len(moved) > MOST_NAMES else "")
    return MOVES_WITHOUT_RATE.found(
        evidence=f"In a step at learning rate 0, {len(moved)} of {total} trainable weights moved: {names}.",
        remedy="Something in train_step or in a layer assigns to them (assign_sub with a step of its own, a copy from "
        "another model), and the map does not vary that. Let an optimizer of keras.optimizers update all trainable "
        "weights, or make those that are copies non-trainable; else read the map as one of the other weights' rate.",
    )


def check_kept_rate(job: CapturedTraining, rate: float, train_at: Callable[[float], None]) -> None:
    """Looks at the rate after a training that began at `rate`; `train_at` runs it again at another one.

    A training that multiplies its own rate still obeys the probe: the job says so. Raises `OverriddenRate` where it
    sets a rate of its own.
    """
    ended = _present(job)
    if math.isclose(ended, rate, rel_tol=KEPT):
        return
    train_at(rate / 2)
    halved = _present(job)
    if not math.isclose(halved, ended / 2, rel_tol=KEPT):
        raise OverriddenRate(
            f"the training sets the learning rate itself: trainings that began at {rate_text(rate)} and "
            f"{rate_text(rate / 2)} ended at {rate_text(ended)} and {rate_text(halved)}. A probe would not train at "
            "the rate it is given",
        )
    job.changed(
        "learning rate",
        f"the training changes its rate itself, by a factor ({rate_text(rate)} had become {rate_text(ended)} after "
        "a few steps); rates on the map are those at the start of a probe",
    )


def _present(job: CapturedTraining) -> float:
    return float(read(rate_variable(job.optimizers[0])))
