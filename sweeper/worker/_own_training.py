"""Whether plain Keras trains what sweeper could not: a script that trains by itself is not said to fail."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sweeper.capture import Call, FitArguments, Interception, given_callbacks, no_side_effects, short_fit
from sweeper.engines import restore_train_step


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraining:
    """The result of the script's own fit without sweeper."""

    steps: int
    error: BaseException | None
    needs_callbacks: bool = False
    """Whether it trains with the script's callbacks and not without."""

    @property
    def works(self) -> bool:
        """Whether the script's own fit trained a step."""
        return self.steps > 0

    def fails_like(self, error: BaseException, call: Call) -> bool:
        """Whether the script is shown to fail by itself.

        Of an iterator batches are gone, and JAX has used up the weights in a step that raised: to end without a step
        shows nothing there, unless with the same error.
        """
        import keras

        if self.works or self.error is None:
            return False
        untouched = not hasattr(call.arguments["x"], "__next__") and keras.backend.backend() != "jax"
        return untouched or type(self.error) is type(error)


def own_training(call: Call, interception: Interception, *, alive: Callable[[int], None]) -> OwnTraining:
    """Trains a few steps of the script's own fit, as if sweeper were not there; what it writes does not stay."""
    restore_train_step(call.model)
    interception.inside_fit = True
    try:
        with no_side_effects():
            # What a callback makes stays, so it is first tried without.
            alone = _trained(call, [], alive)
            callbacks = given_callbacks(call.arguments["callbacks"])
            if alone.works or not callbacks:
                return alone
            own = _trained(call, callbacks, alive)
            return replace(own, needs_callbacks=own.works)
    finally:
        interception.inside_fit = False


def _trained(call: Call, callbacks: list[Any], alive: Callable[[int], None]) -> OwnTraining:
    import keras

    steps = 0

    class Counting(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            nonlocal steps
            del batch, logs
            steps += 1
            alive(0)

    call.model.train_function = None
    without = {"validation_data": None, "validation_split": 0.0, "callbacks": [*callbacks, Counting()]}
    call.random.restore()
    try:
        short_fit(call.model, call.original, FitArguments(values=call.arguments.values | without))
    except BaseException as error:  # noqa: BLE001  whatever it is, it is the script's own
        return OwnTraining(steps=steps, error=error)
    return OwnTraining(steps=steps, error=None)
