"""Watches what gradients are taken of: the target of a `GradientTape`, the value of JAX's `value_and_grad`.

A train step may report whatever it likes; what it trains on is what its gradients are taken of. Where a loss was
multiplied by a scale for half precision, the loss before that counts.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

from sweeper.capture._sites import GENERATED, is_own_code, own_caller

TAPE_MODULE = "tensorflow.python.eager.backprop"
JAX_MODULE = "jax"
_WITHOUT_EFFECTS = "parallel_for"
"""Part of the path of TensorFlow's code that traces functions in which nothing may be assigned to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientCall:
    """One call that took gradients."""

    targets: tuple[Any, ...]
    """What they were taken of (of the sum of it)."""
    gradients: tuple[Any, ...]
    trains: bool
    """Whether they were taken by variables, not by inputs or outputs."""
    place: str
    """`file:line` of the user's own code; empty for a step of Keras's or of a library."""
    key: Hashable
    """Equal for calls from the same line for the same variables: the same loss at another moment."""


class Gradients:
    """Tells `on_call` of every call that takes gradients, in a trace or eagerly."""

    def __init__(self) -> None:
        self.on_call: Callable[[GradientCall], None] | None = None
        self._scaled: list[tuple[Any, Any]] = []
        self._inside = 0
        """Tapes whose gradients are being taken: what tapes do within is a part of it (of recomputed layers, say)."""

    def forget(self) -> None:
        """Forgets the losses that were scaled."""
        self._scaled.clear()

    def watch_tape(self, module: ModuleType) -> None:
        """Watches TensorFlow's tapes; `module` defines their class."""
        tape_class = module.GradientTape
        original = tape_class.gradient

        @functools.wraps(original)
        def gradient(tape: Any, target: Any, sources: Any, *args: Any, **kwargs: Any) -> Any:
            self._inside += 1
            try:
                gradients = original(tape, target, sources, *args, **kwargs)
            finally:
                self._inside -= 1
            if self.on_call is not None and not self._inside and _may_be_noted(inspect.currentframe(), module.__file__):
                by = module.nest.flatten(sources)
                self._report(module.nest.flatten(target), module.nest.flatten(gradients), by)
            return gradients

        tape_class.gradient = gradient

    def watch_jax(self, module: Any) -> None:
        """Watches JAX's `value_and_grad`, on which `grad` is built too."""
        original = module.value_and_grad

        @functools.wraps(original)
        def value_and_grad(fun: Any, argnums: Any = 0, has_aux: Any = False, **kwargs: Any) -> Any:  # noqa: FBT002  as JAX
            plain = original(fun, argnums, has_aux, **kwargs)

            def with_loss(*args: Any, **kwargs: Any) -> Any:
                value, aux = (*fun(*args, **kwargs), None)[:2] if has_aux else (fun(*args, **kwargs), None)
                return value, (aux, self._unscaled(value))

            noting = original(with_loss, argnums, True, **kwargs)

            @functools.wraps(plain)
            def taken(*args: Any, **kwargs: Any) -> Any:
                if self.on_call is None:
                    return plain(*args, **kwargs)
                (value, (aux, loss)), gradients = noting(*args, **kwargs)
                self._report([loss], module.tree.leaves(gradients), None, key=getattr(fun, "__qualname__", ""))
                return ((value, aux) if has_aux else value), gradients

            return taken

        for owner in (module, sys.modules["jax._src.api"]):
            vars(owner)["value_and_grad"] = value_and_grad

    def watch_scaling(self, optimizer_class: Any) -> None:
        """Watches which losses an optimizer multiplies by its scale."""
        original = optimizer_class.scale_loss

        @functools.wraps(original)
        def scale_loss(optimizer: Any, loss: Any) -> Any:
            scaled = original(optimizer, loss)
            if self.on_call is not None and scaled is not loss:
                self._scaled.append((scaled, loss))
            return scaled

        optimizer_class.scale_loss = scale_loss

    def _report(self, targets: list[Any], gradients: list[Any], by: list[Any] | None, *, key: Hashable = None) -> None:
        assert self.on_call is not None
        frame = inspect.currentframe()
        assert frame is not None
        self.on_call(
            GradientCall(
                targets=tuple(self._unscaled(target) for target in targets if target is not None),
                gradients=tuple(gradient for gradient in gradients if gradient is not None),
                trains=by is None or any(hasattr(source, "assign") for source in by),
                place=_place(frame),
                key=(_line(frame), key if by is None else frozenset(map(id, by))),
            )
        )

    def _unscaled(self, loss: Any) -> Any:
        return next((before for scaled, before in self._scaled if scaled is loss), loss)


def _may_be_noted(frame: FrameType | None, tape_file: str | None) -> bool:
    """Whether a call of a tape should be noted: neither a part of a Jacobian, nor in a vectorised function."""
    if frame is None or (frame.f_back is not None and frame.f_back.f_code.co_filename == tape_file):
        return False
    while frame is not None:
        if _WITHOUT_EFFECTS in frame.f_code.co_filename:
            return False
        frame = frame.f_back
    return True


def _place(frame: FrameType) -> str:
    """The innermost of the user's own lines; empty where a library's train step took the gradients."""
    caller: FrameType | None = frame
    while caller is not None and not is_own_code(caller.f_code.co_filename):
        if caller.f_code.co_name == "train_step" and caller.f_globals["__name__"].partition(".")[0] != "sweeper":
            return ""
        caller = caller.f_back
    return own_caller(caller)


def _line(frame: FrameType) -> str:
    """The line that made the call: of the user's own, or of what TensorFlow made of it; else of a library."""
    if not _place(frame):
        return _outside(frame)
    caller: FrameType | None = frame
    while caller is not None:
        file = caller.f_code.co_filename
        if is_own_code(file) or GENERATED in file:
            return f"{file}:{caller.f_lineno}"
        caller = caller.f_back
    return ""


def _outside(frame: FrameType) -> str:
    """The line outside of this file that made the call."""
    caller: FrameType | None = frame
    while caller is not None and caller.f_code.co_filename == __file__:
        caller = caller.f_back
    return f"{caller.f_code.co_filename}:{caller.f_lineno}" if caller is not None else ""
