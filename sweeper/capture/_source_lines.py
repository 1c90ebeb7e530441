"""Where layers are made and models compiled, in the user's own code."""

import functools
import inspect
import weakref
from types import FrameType, ModuleType
from typing import Any

from sweeper.capture._sites import is_own_code, shown_path


class SourceLines:
    """Where layers were made and models compiled, as `file:line`; empty for those of which nothing is known."""

    def __init__(self) -> None:
        self._made: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        self._compiled: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()

    def of_layer(self, layer: Any) -> str:
        """Where a layer was made."""
        return self._made.get(layer, "")

    def of_compile(self, model: Any) -> str:
        """Where a model was compiled last."""
        return self._compiled.get(model, "")

    def watch_layers(self, module: ModuleType) -> None:
        """Notes every layer that is made from now on; `module` defines Keras's `Layer`."""
        layer_class = module.Layer
        original = layer_class.__new__

        def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
            layer = original(cls, *args, **kwargs)
            self._made[layer] = _own_line(inspect.currentframe())
            return layer

        layer_class.__new__ = functools.wraps(original)(new)

    def watch_compile(self, module: ModuleType) -> None:
        """Notes every call of compile; `module` defines Keras's `Trainer`."""
        trainer_class = module.Trainer
        original = trainer_class.compile

        @functools.wraps(original)
        def compile_and_note(model: Any, *args: Any, **kwargs: Any) -> Any:
            self._compiled[model] = _own_line(inspect.currentframe())
            return original(model, *args, **kwargs)

        trainer_class.compile = compile_and_note


def _own_line(frame: FrameType | None) -> str:
    """The innermost line in the user's own code on the stack that ends with `frame`."""
    while frame is not None and not is_own_code(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{shown_path(frame.f_code.co_filename)}:{frame.f_lineno}" if frame is not None else ""
