"""The rates at which the optimizers of a loop make their updates: the script's own, or those of a probe."""

from typing import Any

from sweeper.capture import inner
from sweeper.own_loop._in_graph import own_variable


class Rates:
    """Holds the rate of each optimizer for updates, whatever the script assigns to it or its schedule says.

    A traced function reads the rate from a variable when it runs, so that one trace serves all probes.
    """

    def __init__(self) -> None:
        self._held: dict[int, float] = {}
        self._variables: dict[int, tuple[Any, Any, Any]] = {}
        """For each optimizer: itself, whether its rate is held (0 or 1), and that rate."""

    def rate(self, optimizer: Any, own: Any) -> Any:
        """What an optimizer takes as its rate, instead of `own`."""
        import tensorflow as tf

        if tf.executing_eagerly():
            held = self._held.get(id(optimizer))
            return own if held is None else tf.constant(held, tf.float32)
        _, is_held, value = self._of(optimizer)
        own = tf.cast(tf.convert_to_tensor(own), tf.float32)
        return tf.where(is_held.read_value() > 0, value.read_value(), own)

    def hold(self, optimizer: Any, rate: float) -> None:
        """Makes an optimizer use this rate from its next update on."""
        optimizer = inner(optimizer)
        _, is_held, value = self._of(optimizer)
        self._held[id(optimizer)] = rate
        is_held.assign(1.0)
        value.assign(rate)

    @property
    def variables(self) -> list[Any]:
        """Its own variables, which are none of the script's."""
        return [variable for _, *both in self._variables.values() for variable in both]

    def _of(self, optimizer: Any) -> tuple[Any, Any, Any]:
        if id(optimizer) not in self._variables:
            is_held, value = own_variable(0.0, "rate_is_held"), own_variable(0.0, "rate")
            self._variables[id(optimizer)] = (optimizer, is_held, value)
        return self._variables[id(optimizer)]
