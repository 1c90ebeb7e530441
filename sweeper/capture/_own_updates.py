"""What can be seen of a training loop of the script's own, outside of fit."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from sweeper.capture._gradients import GradientCall

FUNCTION_MODULE = "tensorflow.python.eager.polymorphic_function.polymorphic_function"


class AbstractOwnUpdates(ABC):
    """Is told what a loop of the script's own does, in its own thread and at the moment when it does it."""

    @abstractmethod
    def tape_opens(self) -> None:
        """A gradient tape begins to record: what the loop computes from now on is a step, up to its update."""

    @abstractmethod
    def takes_gradients(self, taken: GradientCall) -> None:
        """Gradients were taken, in a trace or eagerly."""

    @abstractmethod
    def updates(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any] | None, apply: Any) -> Any:
        """Calls `apply(optimizer)`, which applies gradients, and returns its result; in a trace or eagerly."""

    @abstractmethod
    def rate(self, optimizer: Any, own: Any) -> Any:
        """The rate of an update that is being applied, instead of `own`, which is the script's."""

    @abstractmethod
    def call_ended(self, arguments: Sequence[Any]) -> None:
        """A traced function, which was called eagerly with these arguments, has returned."""

    @abstractmethod
    def variable_made(self, variable: Any, initializer: Any) -> None:
        """A Keras variable was made, from a value or from a function to one."""


def watch_tapes(module: ModuleType, opened: Callable[[], None]) -> None:
    """Calls `opened` before a tape begins to record; `module` defines the class of TensorFlow's tapes."""
    original = module.GradientTape.__enter__

    @functools.wraps(original)
    def enter(tape: Any) -> Any:
        opened()
        return original(tape)

    module.GradientTape.__enter__ = enter


def watch_functions(module: ModuleType, ended: Callable[[Sequence[Any]], None]) -> None:
    """Calls `ended` with the arguments of every call of a traced function from eager code, once it has returned."""
    function_class = module.Function
    original = function_class.__call__
    executing_eagerly = module.context.executing_eagerly

    @functools.wraps(original)
    def call(function: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(function, *args, **kwargs)
        if executing_eagerly():
            ended([*args, *kwargs.values()])
        return result

    function_class.__call__ = call


def watch_variables(module: ModuleType, made: Callable[[Any, Any], None]) -> None:
    """Calls `made` with every new Keras variable and its initializer; `module` defines their class."""
    variable_class = module.Variable
    original = variable_class.__init__

    @functools.wraps(original)
    def init(variable: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        original(variable, initializer, *args, **kwargs)
        made(variable, initializer)

    variable_class.__init__ = init
