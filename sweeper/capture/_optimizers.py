"""Optimizers for probing: the script's own with a constant rate that can be set, and others by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.capture._state import read
from sweeper.job import OptimizerInfo
from sweeper.optimizers import CLIP_SETTINGS, known_optimizer
from sweeper.space import OptimizerChoice, OptionValue


class UncontrollableOptimizer(Exception):
    """The optimizer that applies gradients cannot be found or its rate cannot be set; the message says why."""


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
    """The script's learning rate: the highest of its schedule over `steps` updates if it has one."""
    schedule = schedule_of(optimizer)
    if schedule is None:
        return _six_digits(inner(optimizer).learning_rate)
    try:
        if hasattr(schedule, "get_config"):
            points = {0, *(round(i * (steps or 10_000) / 200) for i in range(201))}
            return max(_six_digits(schedule(point)) for point in points)
        return _six_digits(schedule())
    except Exception:  # noqa: BLE001  a script's own schedule may raise anything; then the rate is unknown
        return None


def _six_digits(rate: Any) -> float:
    """A rate as the person wrote it: float32 makes 0.001 into 0.0010000000474974513."""
    return float(f"{float(read(rate)):.6g}")


def make_constant(optimizer: Any) -> None:
    """Replaces the learning-rate schedule of an optimizer by a variable, in place."""
    import keras

    if schedule_of(optimizer) is None:
        return
    target = inner(optimizer)
    variable = keras.Variable(0.001, name="learning_rate", trainable=False, dtype=keras.config.floatx())
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
    """Lets an optimizer clip gradients so in steps that are traced from now on, and in no other way."""
    for name in CLIP_SETTINGS:
        setattr(inner(optimizer), name, settings.get(name))


def schedule_name(optimizer: Any) -> str:
    """Class name of an optimizer's learning-rate schedule; empty without one."""
    schedule = schedule_of(optimizer)
    return type(schedule).__name__ if schedule is not None else ""


def describe(optimizers: Sequence[Any], rates: Sequence[float | None], *, schedule: str, only: str) -> OptimizerInfo:
    """What is known of the script's own optimizers, the first of which gives the rate on the axis."""
    return OptimizerInfo(
        name=" + ".join(type(inner(optimizer)).__name__ for optimizer in optimizers),
        learning_rate=rates[0] or None,
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
