"""Optimizers made like the script's own: one that accumulates gradients, or one to count the slots of."""

from typing import Any

from sweeper.capture._nbytes import variable_bytes
from sweeper.capture._optimizers import inner, is_loss_scaling, schedule_of
from sweeper.capture._prepare import distribution_scope


def accumulate(model: Any, steps: int) -> None:
    """Replaces the model's optimizer by one that sums up the gradients of `steps` steps for each update."""
    with distribution_scope(model):
        model.optimizer = _like(model.optimizer, gradient_accumulation_steps=steps)


def slot_bytes(model: Any) -> int:
    """Bytes of the variables that the model's optimizer has or will have once built; 0 where it does not tell."""
    optimizer = model.optimizer
    if optimizer is not None and not optimizer.built:
        optimizer = _built_like(model)
    if optimizer is None:
        return 0
    slots = {id(variable): variable for part in (optimizer, inner(optimizer)) for variable in part.variables}
    return sum(variable_bytes(variable) for variable in slots.values())


def _built_like(model: Any) -> Any:
    """A built optimizer like the model's own; building the own one would leave slots if it is replaced later."""
    try:
        with distribution_scope(model):
            optimizer = _like(model.optimizer)
            optimizer.build(model.trainable_variables)
    except Exception:  # noqa: BLE001  a script's own optimizer may have a config that makes no new one
        return None
    return optimizer


def _like(optimizer: Any, **changes: Any) -> Any:
    """A new optimizer with the settings of another one."""
    if is_loss_scaling(optimizer):
        return type(optimizer)(
            _like(optimizer.inner_optimizer, **changes),
            initial_scale=optimizer.initial_scale,
            dynamic_growth_steps=optimizer.dynamic_growth_steps,
        )
    schedule = schedule_of(optimizer)
    if schedule is None:
        return type(optimizer).from_config(optimizer.get_config() | changes)
    # A script's own schedule may have no config.
    optimizer._learning_rate = 0.5  # noqa: SLF001  the setter refuses to replace a schedule
    try:
        config = optimizer.get_config()
    finally:
        optimizer._learning_rate = schedule  # noqa: SLF001
    return type(optimizer).from_config(config | changes | {"learning_rate": schedule})
