"""Learning rates that rise over the first steps of a probe: as a table of the rate at every step.

Every engine puts the same numbers into the variable that holds the rate: `fit` between steps, the others inside
their loop, which gets the table as an argument. So one loop serves every rate and length of a warm-up.

>>> warm_up([], [], over=0, steps=3).rates.shape
(3, 0)
>>> rising(0.1, over=4, steps=6).tolist()
[0.025, 0.05, 0.07500000000000001, 0.1, 0.1, 0.1]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture import rate_variable

Rates: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """What the steps of a probe change about the rate."""

    variables: tuple[Any, ...]
    """Where each optimizer has its rate; empty without a warm-up, where the rate stays what it is."""
    rates: Rates
    """What belongs there before each step: of shape (steps, variables)."""


def rising(rate: float, *, over: int, steps: int) -> Rates:
    """The rate of each of `steps` steps, which rises linearly up to step `over` and then stays."""
    return rate * np.minimum(1.0, np.arange(1, steps + 1) / over)


def warm_up(optimizers: Sequence[Any], rates: Sequence[float], *, over: int, steps: int) -> WarmUp:
    """The warm-up of optimizers to their rates over so many steps, by the same factor; 0 is none."""
    if over == 0:
        return WarmUp(variables=(), rates=np.zeros((steps, 0)))
    return WarmUp(
        variables=tuple(rate_variable(optimizer) for optimizer in optimizers),
        rates=np.stack([rising(rate, over=over, steps=steps) for rate in rates], axis=1),
    )


def warm_up_callback(warm_up: WarmUp) -> Any:
    """A Keras callback that sets the rate before each step of fit at which it changes."""
    import keras

    class WarmingUp(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self._steps = 0
            self._set: tuple[float, ...] = ()

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            del batch, logs  # batches are counted from the start of an epoch
            rates = tuple(warm_up.rates[self._steps].tolist())
            self._steps += 1
            if rates == self._set:
                return
            if keras.backend.backend() == "jax":
                self.model.jax_state_sync()  # within an epoch the values are with the trainer, not in the variables
            for variable, rate in zip(warm_up.variables, rates, strict=True):
                variable.assign(rate)
            self._set = rates

    return WarmingUp()
