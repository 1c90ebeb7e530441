"""Runs the script's own fit for a few steps after sweeper's training raised, to see whether the script is at fault."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture import Call, FitArguments, Interception, given_callbacks, no_side_effects, short_fit
from sweeper.engines import restore_train_step


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraining:
    """What a few steps of the script's own fit came to."""

    steps: int
    """Training steps that ran to their end."""
    error: BaseException | None
    """What fit raised, perhaps after some steps; None where it did not."""
    needs_callbacks: bool = False
    """Whether it trains with the script's callbacks and not without."""

    @property
    def works(self) -> bool:
        """Whether the script's own fit trained at least one step."""
        return self.steps > 0

    def fails_like(self, error: BaseException, call: Call) -> bool:
        """Whether this shows that the script's fit fails by itself; `error` is what sweeper's training raised.

        Sweeper's training may have used up batches of an iterator or, under JAX, the weights. Then an error shows it
        only if it is of the same class as `error`.
        """
        import keras

        if self.works or self.error is None:
            return False
        untouched = not hasattr(call.arguments["x"], "__next__") and keras.backend.backend() != "jax"
        return untouched or type(self.error) is type(error)


def own_training(call: Call, interception: Interception, *, alive: Callable[[int], None]) -> OwnTraining:
    """Runs a few steps of the script's own fit without sweeper's changes; files that it writes are thrown away."""
    restore_train_step(call.model)
    interception.inside_fit = True
    try:
        with no_side_effects():
            # Callbacks may change model and data for good, so the first try is without them.
            without_callbacks = _try_fit(call, [], alive)
            callbacks = given_callbacks(call.arguments["callbacks"])
            if without_callbacks.works or not callbacks:
                return without_callbacks
            with_callbacks = _try_fit(call, callbacks, alive)
            return replace(with_callbacks, needs_callbacks=with_callbacks.works)
    finally:
        interception.inside_fit = False


def _try_fit(call: Call, callbacks: list[Any], alive: Callable[[int], None]) -> OwnTraining:
    """Calls fit for a few steps with these callbacks and without validation, and catches whatever it raises."""
    import keras

    steps = 0

    class Counting(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            nonlocal steps
            del batch, logs
            steps += 1
            alive(0)

    call.model.train_function = None
    changes = {"validation_data": None, "validation_split": 0.0, "callbacks": [*callbacks, Counting()]}
    call.random.restore()
    try:
        short_fit(call.model, call.original, FitArguments(values=call.arguments.values | changes))
    except BaseException as error:  # noqa: BLE001  whatever it is, it is the script's own
        return OwnTraining(steps=steps, error=error)
    return OwnTraining(steps=steps, error=None)
