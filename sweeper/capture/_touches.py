"""Which variables the script's callbacks assign to."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

from sweeper.capture._replaced import replaced

_ASSIGNMENTS = (
    "assign",
    "assign_add",
    "assign_sub",
    "scatter_add",
    "scatter_sub",
    "scatter_update",
    "scatter_nd_update",
)


class Touches:
    """Records every variable that something is assigned to, and who does it."""

    def __init__(self) -> None:
        self.doing = ""
        """Class and method of the callback that runs now."""
        self.fresh: dict[int, Any] = {}
        """Variables that were touched since somebody emptied this, by identity."""
        self.given: dict[int, float] = {}
        """Numbers that were assigned last, where the value was a plain number: reading a variable takes far longer."""
        self.traced: dict[int, Any] = {}
        """Variables that a traced function assigns to: it may do so again at any time, without being seen."""
        self.by: dict[int, str] = {}
        """Who touched each variable last."""
        self._inside = False

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Records assignments within the block."""
        with replaced((owner, name, self._noting(getattr(owner, name))) for owner, name in _assigning()):
            yield

    def _noting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def assign(variable: Any, *args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return original(variable, *args, **kwargs)  # of TensorFlow, for the variable of Keras around it
            self._touch(variable)
            self._inside = True
            try:
                changed = original(variable, *args, **kwargs)
            finally:
                self._inside = False
            if original.__name__ == "assign" and args and type(args[0]) in {int, float}:
                self.given[id(variable)] = args[0]
            else:
                self.given.pop(id(variable), None)
            return changed

        return assign

    def _touch(self, variable: Any) -> None:
        self.fresh[id(variable)] = variable
        self.by[id(variable)] = self.doing
        if _is_traced():
            self.traced[id(variable)] = variable


def _is_traced() -> bool:
    """Whether a TensorFlow function is being traced."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and bool(tensorflow.inside_function())


def _assigning() -> Iterator[tuple[type, str]]:
    """Classes of variables and the methods that change their values."""
    from keras.src.backend.common.variables import Variable

    yield Variable, "assign"
    if "tensorflow" not in sys.modules:
        return
    from tensorflow.python.ops.resource_variable_ops import BaseResourceVariable, ResourceVariable

    for kind in (BaseResourceVariable, ResourceVariable):
        yield from ((kind, name) for name in _ASSIGNMENTS if name in vars(kind))
