"""What is set before each step of a probe, as a table: a rate that rises, and variables that callbacks drive.

Every engine puts the same numbers into the variables: `fit` between steps, the others inside their loop, which gets the
table as an argument. So one loop serves every rate and length of a warm-up.

>>> warm_up([], [], over=0, steps=3).rates.shape
(3, 0)
>>> rising(0.1, over=4, steps=6).tolist()
[0.025, 0.05, 0.07500000000000001, 0.1, 0.1, 0.1]
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture import numpy_type, rate_variable

Rates: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """What is set before the steps of a probe."""

    variables: tuple[Any, ...]
    """The rate variable of each optimizer in a warm-up, then variables that callbacks set; often empty."""
    rates: Rates
    """What belongs there before each step: of shape (steps, entries of all variables)."""

    def beside(self, variables: Sequence[Any], values: Sequence[Rates]) -> "WarmUp":
        """The table with further variables, and the values of each before each step."""
        return WarmUp(variables=(*self.variables, *variables), rates=np.concatenate([self.rates, *values], axis=1))


def spans(variables: Sequence[Any]) -> list[tuple[int, int]]:
    """Where each variable has its entries in a row of the table: first column, and the one behind the last."""
    sizes = [math.prod(int(length) for length in getattr(variable, "shape", ())) for variable in variables]
    return list(itertools.pairwise(itertools.accumulate(sizes, initial=0)))


def rising(rate: float, *, over: int, steps: int) -> Rates:
    """The rate of each of `steps` steps, which rises linearly up to step `over` and then stays."""
    return rate * np.minimum(1.0, np.arange(1, steps + 1) / over)


def warm_up(optimizers: Sequence[Any], rates: Sequence[float], *, over: int, steps: int) -> WarmUp:
    """A linear warm-up of optimizers to their rates over `over` steps; 0 is none."""
    if over == 0:
        return WarmUp(variables=(), rates=np.zeros((steps, 0)))
    return WarmUp(
        variables=tuple(rate_variable(optimizer) for optimizer in optimizers),
        rates=np.stack([rising(rate, over=over, steps=steps) for rate in rates], axis=1),
    )


def warm_up_callback(warm_up: WarmUp) -> Any:
    """A Keras callback that sets the variables before each step of fit at which something changes."""
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
            for variable, (first, end) in zip(warm_up.variables, spans(warm_up.variables), strict=True):
                values = np.asarray(rates[first:end]).reshape(tuple(variable.shape))
                variable.assign(values.astype(numpy_type(variable)))
            self._set = rates

    return WarmingUp()
