"""Optimizers for probing: the script's own with a constant rate that can be set, and others by name."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sweeper.capture._state import read, write
from sweeper.job import OptimizerInfo
from sweeper.optimizers import CLIP_SETTINGS, known_optimizer
from sweeper.space import OptimizerChoice, OptionValue

ASSUMED_STEPS = 10_000
"""Updates over which a schedule is looked at where the length of the training is not known."""
LOOKS = 200
"""Steps at which a schedule is evaluated at first; each takes a fraction of a millisecond."""
CLOSER_LOOKS = 20
"""Steps at which a schedule is evaluated between two of these."""
HIGHEST = 2
"""Looks between whose neighbours a schedule is looked at again, so that narrow peaks and jumps are not missed."""


class UncontrollableOptimizer(Exception):
    """The optimizer that applies gradients cannot be found or its rate cannot be set; the message says why."""


class OverriddenRate(UncontrollableOptimizer):
    """The training does not train at the rate that it is given, but sets one itself."""

    def __init__(self, reason: str, *, place: str = "") -> None:
        super().__init__(reason)
        self.place = place
        """`file:line` of the script that sets it, where that is known."""


def make_optimizer(choice: OptimizerChoice, *, loss_scaling: bool) -> Any:
    """A new Keras optimizer for an entry of the axis other than `script`."""
    import keras

    known = known_optimizer(choice.name)
    assert known is not None, choice
    config = {"learning_rate": 0.001, **dict(known.preset), **dict(choice.options)}
    optimizer = keras.optimizers.get({"class_name": known.keras_class, "config": config})
    return keras.optimizers.LossScaleOptimizer(optimizer) if loss_scaling else optimizer


def is_loss_scaling(optimizer: Any) -> bool:
    """Whether an optimizer wraps another one for mixed precision."""
    return hasattr(optimizer, "inner_optimizer")


def inner(optimizer: Any) -> Any:
    """The optimizer that updates weights: what a loss-scaling optimizer wraps, or the optimizer itself."""
    return optimizer.inner_optimizer if is_loss_scaling(optimizer) else optimizer


def schedule_of(optimizer: Any) -> Any:
    """The learning-rate schedule (or callable) of an optimizer, or None."""
    rate = inner(optimizer)._learning_rate  # noqa: SLF001  the property evaluates the schedule
    return rate if callable(rate) and not hasattr(rate, "assign") else None


def peak_rate(optimizer: Any, steps: int | None) -> float | None:
    """The script's learning rate: the highest that its schedule gives in the next `steps` updates, if it has one.

    A resumed optimizer goes on from the updates that it has made. None where the schedule raises, or gives something
    that is not a finite number: then the rate is unknown.
    """
    schedule = schedule_of(optimizer)
    if schedule is None:
        return _six_digits(inner(optimizer).learning_rate)
    count = inner(optimizer)._iterations  # noqa: SLF001  the variable itself, which schedules are called with
    begun = read(count)
    first = int(begun)

    present = _evaluated(inner(optimizer))

    def rate_at(step: int) -> float:
        write(count, np.asarray(step, begun.dtype))
        rate = float(read(present()))
        if not math.isfinite(rate):
            raise ValueError(f"the schedule gives {rate} at step {step}")
        return rate

    try:
        return _six_digits(_highest(rate_at, first, first + max((steps or ASSUMED_STEPS) - 1, 0)))
    except Exception:  # noqa: BLE001  a script's own schedule may raise anything; then the rate is unknown
        return None
    finally:
        write(count, begun)


def _evaluated(optimizer: Any) -> Callable[[], Any]:
    """A function to the rate of an optimizer's next update: a schedule is called with the variable that counts them.

    On TensorFlow it is traced, as the updates of fit are; only what cannot be traced is called step by step.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return lambda: optimizer.learning_rate
    import tensorflow as tf

    traced = tf.function(lambda: tf.convert_to_tensor(optimizer.learning_rate), autograph=False)
    try:
        traced()
    except Exception:  # noqa: BLE001  a schedule that decides in Python can be called eagerly only
        return lambda: optimizer.learning_rate
    return traced


def _highest(rate_at: Callable[[int], float], first: int, last: int) -> float:
    """The highest rate between two steps: every one where they are few, else by ever finer looks around the highest."""
    known: dict[int, float] = {}
    around, looks = [(first, last)], LOOKS
    while around:
        for low, high in around:
            points = {low + round(i * (high - low) / looks) for i in range(looks + 1)} - known.keys()
            known |= {point: rate_at(point) for point in points}
        places = sorted(known)
        best = sorted(range(len(places)), key=lambda number: known[places[number]])[-HIGHEST:]
        gaps = {(places[side], places[side + 1]) for at in best for side in (at - 1, at) if 0 <= side < len(places) - 1}
        around, looks = [(low, high) for low, high in gaps if high - low > 1], CLOSER_LOOKS
    return max(known.values())


def _six_digits(rate: Any) -> float:
    """A rate as the user wrote it: float32 makes 0.001 into 0.0010000000474974513."""
    return float(f"{float(read(rate)):.6g}")


def make_constant(optimizer: Any) -> None:
    """Replaces the learning-rate schedule of an optimizer by a variable, in place."""
    import keras

    if schedule_of(optimizer) is not None:
        variable = keras.Variable(0.001, name="learning_rate", trainable=False, dtype=keras.config.floatx())
        put_rate_variable(optimizer, variable)


def put_rate_variable(optimizer: Any, variable: Any) -> None:
    """Makes this variable the learning rate of an optimizer, in place of a schedule or of another variable."""
    target = inner(optimizer)
    if target._learning_rate is variable:  # noqa: SLF001  the property gives its value
        return
    tracker = target._tracker  # noqa: SLF001  a built optimizer refuses new variables
    locked, tracker.locked = tracker.locked, False
    try:
        target._learning_rate = variable  # noqa: SLF001  the setter refuses to replace a schedule
    finally:
        tracker.locked = locked


def set_rate(optimizers: Sequence[Any], rates: Sequence[float]) -> None:
    """Sets each optimizer's learning rate."""
    for optimizer, rate in zip(optimizers, rates, strict=True):
        inner(optimizer).learning_rate = float(rate)


def rate_variable(optimizer: Any) -> Any:
    """The variable with an optimizer's learning rate, which must be constant."""
    return inner(optimizer)._learning_rate  # noqa: SLF001  the property gives its value


def clip_settings(optimizer: Any) -> dict[str, OptionValue | None]:
    """How an optimizer clips gradients: each of Keras's settings, None where it is not set."""
    return {name: getattr(inner(optimizer), name) for name in CLIP_SETTINGS}


def set_clipping(optimizer: Any, settings: Mapping[str, OptionValue | None]) -> None:
    """Sets how an optimizer clips gradients in steps that are traced from now on, and switches other clipping off."""
    for name in CLIP_SETTINGS:
        setattr(inner(optimizer), name, settings.get(name))


def schedule_name(optimizer: Any) -> str:
    """Class name of an optimizer's learning-rate schedule; empty without one."""
    schedule = schedule_of(optimizer)
    return type(schedule).__name__ if schedule is not None else ""


def describe(
    optimizers: Sequence[Any], rates: Sequence[float | None], *, schedule: str, only: str, unknown: str = ""
) -> OptimizerInfo:
    """What is known of the script's own optimizers, the first of which gives the rate on the axis.

    `unknown` says why its rate in the script's training is not known; empty where it is.
    """
    return OptimizerInfo(
        name=" + ".join(type(inner(optimizer)).__name__ for optimizer in optimizers),
        learning_rate=None if unknown else rates[0] or None,
        unknown=unknown,
        schedule=schedule,
        settings=_settings(inner(optimizers[0])),
        only=only,
    )


def _settings(optimizer: Any) -> tuple[tuple[str, OptionValue], ...]:
    """Settings other than the rate, those that differ from the class's defaults first."""
    try:
        config = optimizer.get_config()
        defaults = type(optimizer)().get_config()
    except Exception:  # noqa: BLE001  a script's own optimizer may not support either; then nothing is shown
        return ()
    kept = [
        (name, value)
        for name, value in config.items()
        if name not in {"name", "learning_rate"} and isinstance(value, bool | int | float | str)
    ]
    return tuple(sorted(kept, key=lambda item: config[item[0]] == defaults.get(item[0])))
