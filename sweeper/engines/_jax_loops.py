"""Loops over the steps of a training, compiled by JAX: of one probe, or of several at a time as one program.

The number of steps to run is an argument, so one compiled loop serves chunks of every length. Samples are arguments
too: what a function closes over becomes a part of the program. With several lanes every part of the state has a
leading axis, one entry for each probe; `vmap` is inside the loop, so that the loop itself has one end for all.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture import DenseColumn, Indices, Samples, unflatten
from sweeper.engines._loss_source import loss_in
from sweeper.engines._step import FINITE, LOSS, NORM, metric_values
from sweeper.engines._warm_up import Rates

Place: TypeAlias = tuple[int, int, int, int]
"""A variable to set before each step: part of the state, number in it, first column and the one behind the last."""

MOST_ROWS = 256
"""Steps that a compiled loop can run at once; what starting it costs is nothing beside so many."""

Train: TypeAlias = Callable[..., tuple[Any, Any]]
"""From state, columns, and for each step a row of sample indices (of each lane, where these are `apart`) and the rates
to set before it in each lane to the state afterwards and loss, norm and finiteness of the steps that ran. The state is
used up."""
Validate: TypeAlias = Callable[..., tuple[Any, Any]]
"""From weights, metrics, columns and order to the weights afterwards and the loss. The weights are used up."""


class DeviceSamples:
    """Samples that stay in the memory of the device."""

    def __init__(self, samples: Samples) -> None:
        import jax.numpy as jnp

        self.columns = [jnp.asarray(column.array) for column in samples.columns if isinstance(column, DenseColumn)]
        self._structure = samples.structure

    def batch(self, columns: list[Any], chosen: Any) -> Any:
        """The samples at the chosen indices, as `fit` hands them to a step; `columns` are those of this object."""
        leaves = [column.at[chosen].get(mode="promise_in_bounds") for column in columns]
        element = unflatten(self._structure, leaves)
        return element if isinstance(element, tuple) else (element,)


def train_loop(step: Callable[[Any, Any], Any], samples: DeviceSamples, *, rising: Sequence[Place]) -> Train:
    """A function that trains in one compiled loop, which is the same for every number of steps.

    `rising` are the places of the variables that it sets before each step.
    """
    import jax
    import jax.numpy as jnp

    one_step = _one_step(step, samples, rising)

    def loop(state: Any, columns: list[Any], rows: Any, rates: Any, count: Any, *, lanes: int, apart: bool) -> Any:
        every = _in_lanes(one_step, lanes=lanes, apart=apart)

        def goes_on(carried: Any) -> Any:
            number, sound, *_ = carried
            return jnp.logical_and(number < count, sound)

        def run_one(carried: Any) -> Any:
            number, _, state, seen = carried
            state, numbers = every(state, columns, rows[number], rates[number])
            # Weights that are not finite stay so.
            return number + 1, jnp.any(numbers[..., -1] > 0), state, seen.at[number].set(numbers)

        seen = jnp.zeros((MOST_ROWS, *((lanes,) if lanes > 1 else ()), 3), "float32")
        number, _, state, seen = jax.lax.while_loop(
            goes_on, run_one, (jnp.zeros((), "int32"), jnp.asarray(True), state, seen)
        )
        return state, number, seen

    compiled = jax.jit(loop, donate_argnums=0, static_argnames=("lanes", "apart"))

    def train(
        state: Any, columns: list[Any], rows: Indices, rates: Rates, *, lanes: int, apart: bool
    ) -> tuple[Any, Any]:
        ahead = _padded(rows, np.int32), _padded(_of_lanes(rates, lanes), np.float32)
        state, number, seen = compiled(state, columns, *ahead, np.int32(len(rows)), lanes=lanes, apart=apart)
        return state, np.asarray(seen)[: int(number)]

    return train


def train_stepwise(step: Callable[[Any, Any], Any], samples: DeviceSamples, *, rising: Sequence[Place]) -> Train:
    """A function that trains with one call for each step, none of which waits for the one before."""
    import jax

    one_step = _one_step(step, samples, rising)

    def at(state: Any, columns: list[Any], row: Any, rates: Any, *, lanes: int, apart: bool) -> Any:
        return _in_lanes(one_step, lanes=lanes, apart=apart)(state, columns, row, rates)

    compiled = jax.jit(at, donate_argnums=0, static_argnames=("lanes", "apart"))

    def train(
        state: Any, columns: list[Any], rows: Indices, rates: Rates, *, lanes: int, apart: bool
    ) -> tuple[Any, Any]:
        seen = []
        for row, now in zip(rows.astype(np.int32), _of_lanes(rates, lanes).astype(np.float32), strict=True):
            state, numbers = compiled(state, columns, row, now, lanes=lanes, apart=apart)
            seen.append(numbers)
        return state, np.stack([np.asarray(numbers) for numbers in seen])

    return train


def _one_step(step: Callable[[Any, Any], Any], samples: DeviceSamples, rising: Sequence[Place]) -> Callable[..., Any]:
    """A step from state, chosen samples and rates to the state afterwards and what is recorded."""
    import jax.numpy as jnp

    def one(state: Any, columns: list[Any], chosen: Any, rates: Any) -> Any:
        logs, changed = step(_with_rates(state, rising, rates), samples.batch(columns, chosen))
        return _as_before(changed, state), jnp.stack([logs[LOSS], logs[NORM], logs[FINITE]])

    return one


def _with_rates(state: Any, places: Sequence[Place], rates: Any) -> Any:
    """The state with the rates in these places."""
    parts = [list(part) for part in state]
    for part, number, first, end in places:
        old = parts[part][number]
        parts[part][number] = rates[first:end].reshape(old.shape).astype(old.dtype)
    return tuple(parts)


def _in_lanes(one: Callable[..., Any], *, lanes: int, apart: bool) -> Callable[..., Any]:
    import jax

    return jax.vmap(one, in_axes=(0, None, 0 if apart else None, 0)) if lanes > 1 else one


def _of_lanes(rates: Rates, lanes: int) -> Rates:
    """The rates of each step; a single lane has no axis of its own."""
    return rates if lanes > 1 else rates[:, 0]


def _padded(rows: Any, dtype: Any) -> Any:
    padded = np.zeros((MOST_ROWS, *rows.shape[1:]), dtype)
    padded[: len(rows)] = rows
    return padded


def validation_loop(model: Any, samples: DeviceSamples, keys: Sequence[str]) -> Validate:
    """A function that gives the loss that `evaluate` gives; `keys` are the logs' entries that are the loss."""
    import jax
    import jax.numpy as jnp
    import keras

    def one(weights: Any, metrics: Any, columns: list[Any], order: tuple[Any, Any]) -> Any:
        full, last = order
        state = (*weights, _fresh(model, metrics))

        def run_one(number: Any, state: Any) -> Any:
            _, changed = model.test_step(state, samples.batch(columns, full[number]))
            return _as_before(changed, state)

        if full.shape[0]:
            state = jax.lax.fori_loop(0, full.shape[0], run_one, state)
        logs, changed = model.test_step(state, samples.batch(columns, last))
        *changed, metrics = changed
        with keras.StatelessScope(state_mapping=list(zip(model.metrics_variables, metrics, strict=True))):
            loss = loss_in(model._get_metrics_result_or_logs(logs), keys)  # noqa: SLF001  what evaluate returns
        return _as_before(tuple(changed), weights), jnp.mean(jnp.asarray(loss, "float32"))

    def loop(weights: Any, metrics: Any, columns: list[Any], order: tuple[Any, Any], *, lanes: int) -> Any:
        every = jax.vmap(one, in_axes=(0, 0, None, None)) if lanes > 1 else one
        return every(weights, metrics, columns, order)

    return jax.jit(loop, donate_argnums=0, static_argnames="lanes")


def validation_order(count: int, size: int | None) -> tuple[Any, Any]:
    """The indices of all batches but the last, one a row, and of the last; `size` is None for whole elements."""
    everything = np.arange(count, dtype=np.int32)
    if size is None:
        return everything[:-1], everything[-1]
    before = (count - 1) // size * size
    return everything[:before].reshape(-1, size), everything[before:]


def _fresh(model: Any, metrics: Any) -> list[Any]:
    """The values that a reset gives the model's metrics."""
    initial = {id(variable): value for variable, value in metric_values()}
    return [initial.get(id(variable), value) for variable, value in zip(model.metrics_variables, metrics, strict=True)]


def _as_before(changed: Any, before: Any) -> Any:
    """The changed state in the containers and types that it had before, as a loop needs it."""
    import jax

    leaves, structure = jax.tree.flatten(before)
    pairs = zip(jax.tree.leaves(changed), leaves, strict=True)
    return jax.tree.unflatten(structure, [jax.numpy.asarray(new, old.dtype) for new, old in pairs])
