"""What a training reads in Python after its first step, and which of it the script's callbacks change."""

import random
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from sweeper.capture._callback_words import reads_finding
from sweeper.capture._callbacks import mentions
from sweeper.capture._job import Job
from sweeper.capture._layers import runs_eagerly
from sweeper.capture._live import instances
from sweeper.capture._python_state import is_of_own_class
from sweeper.capture._reached import Reads, global_name, values_read_by
from sweeper.capture._state import is_seed_state


class TrainingReads:
    """The values that the data of a job reads, and its steps where they run in Python."""

    def __init__(self, job: Job, callbacks: Sequence[Any]) -> None:
        self._job = job
        self._callbacks = callbacks
        functions = [value for item in callbacks for value in vars(item).values() if callable(value)]
        self._first = values_read_by([*self._readers(), *callbacks, *functions])
        self._before: Reads = self._first

    def holders(self) -> list[Any]:
        """The objects that hold what is read, and what the callbacks use, for somebody else to set back."""
        return self._first.holders()

    def begin(self) -> None:
        """Notes the values before the callbacks run without training."""
        self._before = values_read_by(self._readers())

    def has(self, variable: Any) -> bool:
        """Whether a variable is among what is read."""
        return self._before.has(variable)

    def report(self) -> list[str]:
        """Adds the finding about what the callbacks have changed since `begin`; returns the names of it."""
        changes = self._before.changed(values_read_by(self._readers()))
        if changes:
            words = [word for old, _ in changes for word in re.findall(r"\w+", old.name)]
            by = [item for item in self._callbacks if mentions(item, words)] or self._callbacks
            names = [type(item).__name__ for item in by]
            eager = self._is_eager()
            reader = "the code of the data or of the eager steps" if eager else f"the {self._job.kind}"
            self._job.changed_by_callback(names[0], reads_finding(names, changes, reader))
        return [old.name for old, _ in changes]

    def set_back(self) -> None:
        """Sets back what the holders do not hold: names of functions, and attributes of classes."""
        self._first.restore()

    def _is_eager(self) -> bool:
        return runs_eagerly(self._job.model)

    def _readers(self) -> list[Any]:
        """What reads values of Python in every step: the source of the data, and the script's code in eager steps."""
        data = behind(self._job.source) if self._job.source is not None else []
        return [*data, *(_code_of_step(self._job.model) if self._is_eager() else [])]


def behind(source: Any) -> list[Any]:
    """What a source of data reads from: itself; of a pipeline, variables and the Python functions of all pipelines."""
    if not type(source).__module__.startswith("tensorflow.python.data"):
        return [source]
    import tensorflow as tf

    graph = tf.compat.v1.get_default_graph()
    return [*_captured_variables(source), *getattr(graph, "_py_funcs_used_in_graph", [])]


def shared_generators(source: Any, other: Any) -> list[str]:
    """The names of random generators that two sources of data both draw from, as far as the script holds them."""
    kinds = (random.Random, np.random.Generator, np.random.RandomState)
    one, two = (values_read_by(behind(item)).alive for item in (source, other))
    return [global_name(item) for key, item in one.items() if key in two and isinstance(item, kinds)]


def _code_of_step(model: Any) -> list[Any]:
    """The script's own code that a step of the training runs: classes of layers and losses, and functions."""
    from keras.src.saving.keras_saveable import KerasSaveable

    holders = [item for item in instances(KerasSaveable) if is_of_own_class(item)]
    return [getattr(model, "loss", None), *map(type, holders)]


def _captured_variables(pipeline: Any) -> list[Any]:
    """The variables that the functions of a pipeline read, but the states of random generators."""
    import tensorflow as tf

    handles: set[int] = set()
    waiting = [pipeline]
    while waiting:
        stage = waiting.pop()
        waiting += stage._inputs()  # noqa: SLF001  the stages of a pipeline have no other way
        for wrapped in stage._functions():  # noqa: SLF001
            handles |= {id(tensor) for tensor in wrapped.function.captured_inputs}
    found = [variable for variable in instances(tf.Variable) if id(_handle(variable)) in handles]
    return [variable for variable in found if not is_seed_state(variable)]


def _handle(variable: Any) -> Any:
    """What functions capture of a variable; None where it has none outside the replicas of a strategy."""
    try:
        return variable.handle
    except (AttributeError, ValueError):
        return None
