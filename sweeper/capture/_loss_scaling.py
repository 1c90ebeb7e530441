"""Whether losses are multiplied by the scale that their gradients are divided by.

In half precision small gradients become 0, so that a `LossScaleOptimizer` has the loss multiplied by a large number
(`scale_loss`) and divides the gradients by it. Keras's own train step does both; one of the user's own must call
`scale_loss` itself, or every update is as many times too small.
"""

import functools
import weakref
from typing import Any


class LossScaling:
    """Whether losses were seen to be multiplied by the scale while steps were traced, or run."""

    def __init__(self) -> None:
        self._divided: weakref.WeakSet[Any] = weakref.WeakSet()
        self._multiplied: weakref.WeakSet[Any] = weakref.WeakSet()
        self._inside = 0

    def watch(self, optimizer_class: Any) -> None:
        """Notes from now on who asks for the scale of a loss; `optimizer_class` is Keras's `LossScaleOptimizer`.

        A step may also read `dynamic_scale` and multiply by it itself.
        """
        for name in ("build", "apply", "stateless_apply"):
            setattr(optimizer_class, name, self._own(getattr(optimizer_class, name), divides=name != "build"))
        scale_loss, get = optimizer_class.scale_loss, optimizer_class.__getattribute__

        @functools.wraps(scale_loss)
        def scaled(optimizer: Any, loss: Any) -> Any:
            self._multiplied.add(optimizer)
            return scale_loss(optimizer, loss)

        def read(optimizer: Any, name: str) -> Any:
            if name == "dynamic_scale" and not self._inside:
                self._multiplied.add(optimizer)
            return get(optimizer, name)

        optimizer_class.scale_loss = scaled
        optimizer_class.__getattribute__ = read

    def _own(self, method: Any, *, divides: bool) -> Any:
        """Wraps a method of the optimizer: where that reads the scale itself, the step has not used it."""

        @functools.wraps(method)
        def noted(optimizer: Any, *args: Any, **kwargs: Any) -> Any:
            if divides:
                self._divided.add(optimizer)
            self._inside += 1
            try:
                return method(optimizer, *args, **kwargs)
            finally:
                self._inside -= 1

        return noted

    def forgotten(self, model: Any) -> float | None:
        """The scale by which gradients of a model are divided although no loss was multiplied by it; else None."""
        own = {id(weight) for weight in model.trainable_variables}
        for optimizer in self._divided - self._multiplied:
            trained = optimizer.inner_optimizer._trainable_variables  # noqa: SLF001  Keras has no public name for them
            if any(id(weight) in own for weight in trained):
                return float(optimizer.initial_scale)
        return None
