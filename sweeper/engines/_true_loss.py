"""The true loss of a step: what the gradients that it applied were taken of."""

import contextlib
import threading
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.capture import GradientCall, Gradients

HOLDERS = 8
"""Losses of functions inside a step that can be seen."""
MOST_OPERATIONS = 20_000
"""Operations of a trace that are looked at between gradients that were taken and those that were applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A loss that gradients were taken of in a step."""

    place: str
    """`file:line` of the user's own code; empty for a step of a library."""
    value: Any
    """A scalar: the mean where it has several values, or where one line took it several times."""


class _Step(threading.local):
    """What one step has done so far; each replica of a distribution strategy traces in a thread of its own."""

    def __init__(self) -> None:
        self.active = False
        self.taken: list[GradientCall] = []
        self.computed: list[Any] = []
        self.applied: list[Any] = []
        self.graph: Any = None


class TrueLoss:
    """Watches a step while it is traced, or run; `holds` says whether it looks into functions inside the step too."""

    def __init__(self, gradients: Gradients, *, holds: bool) -> None:
        self._gradients = gradients
        self._step = _Step()
        self._watched = 0
        """Steps that are traced at present: those of several replicas, in turns."""
        self._holders: dict[tuple[Hashable, int], tuple[GradientCall, Any]] = {}
        """Losses of functions inside the step, which are out of reach once these have ended, and where they are put."""
        self._noted: dict[Hashable, int] = {}
        # A function may refuse variables that are made while it is traced.
        self._free = _variables(HOLDERS) if holds else []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Notes what gradients are taken of until the step has ended."""
        step = self._step
        step.taken, step.applied, step.computed, step.graph = [], [], [], _present_graph()
        self._noted.clear()
        self._watched += 1
        self._gradients.on_call, step.active = self._record_call, True
        try:
            yield
        finally:
            step.active = False
            self._watched -= 1
            if not self._watched:
                self._gradients.on_call = None
                self._gradients.forget()

    def saw_computed(self, loss: Any) -> None:
        """Records what the model gives as its loss."""
        if self._step.active and loss is not None:
            self._step.computed.append(loss)

    def saw_apply(self, gradients: Sequence[Any]) -> None:
        """Records gradients that an optimizer applies."""
        self._step.applied.extend(gradient for gradient in gradients if gradient is not None)

    def targets(self, beside: Sequence[Any] = ()) -> tuple[Target, ...]:
        """The losses that the step's gradients were taken of; `beside` are values that can surely be read here.

        Several calls from one line for the same variables are updates on the same loss, of which the mean counts. Where
        no gradient could be seen, it is what the model computed as its loss.
        """
        step = self._step
        reachable = [taken for taken in step.taken if all(is_reachable(target, beside) for target in taken.targets)]
        held = [(taken, [value]) for taken, value in self._holders.values()]
        applied = _applied(reachable, step.applied)
        chosen = [(taken, [*taken.targets]) for taken in applied or _training(reachable)]
        # What is held was taken in a function of its own, whose gradients cannot be followed.
        chosen += [] if applied else held
        groups: dict[Hashable, tuple[str, list[Any]]] = {}
        known: set[tuple[int, ...]] = set()
        for taken, values in chosen:
            same = tuple(map(id, values))
            if same not in known:
                known.add(same)
                groups.setdefault(taken.key, (taken.place, []))[1].append(_sum([scalar(value) for value in values]))
        if not groups:
            computed = [loss for loss in step.computed if is_reachable(loss, beside)]
            return (Target(place="compute_loss", value=scalar(computed[-1])),) if computed else ()
        return tuple(Target(place=place, value=_sum(values) / len(values)) for place, values in groups.values())

    def _record_call(self, taken: GradientCall) -> None:
        if not taken.targets:
            return
        if _present_graph() is self._step.graph:
            self._step.taken.append(taken)
        elif taken.trains:
            self._hold(taken)

    def _hold(self, taken: GradientCall) -> None:
        """Puts a loss where it can be read outside of the function that is traced now; its last value stays there."""
        number = self._noted[taken.key] = self._noted.get(taken.key, -1) + 1
        if (taken.key, number) not in self._holders:
            if not self._free:
                return
            self._holders[taken.key, number] = taken, self._free.pop()
        _, variable = self._holders[taken.key, number]
        variable.assign(_sum([scalar(target) for target in taken.targets]))


def scalar(value: Any) -> Any:
    """A loss as a float32 scalar: the mean where it has several values."""
    from keras import ops

    value = ops.cast(ops.convert_to_tensor(value), "float32")
    return value if value.shape == () else ops.mean(value)


def is_reachable(value: Any, beside: Sequence[Any] = ()) -> bool:
    """Whether a value of a trace can be read here, and is not one of a function inside of it.

    `beside` are values that can be: on JAX one of another trace than all of these is out of reach.
    """
    graph, trace = getattr(value, "graph", None), getattr(value, "_trace", None)
    if graph is not None:
        return graph is _present_graph()
    return trace is None or not beside or any(getattr(other, "_trace", None) is trace for other in beside)


def _present_graph() -> Any:
    """The TensorFlow graph that is traced now; None where operations run at once, and on other backends."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def _variables(count: int) -> list[Any]:
    """TensorFlow variables to put losses into; none on other backends, whose functions let no value out."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return []
    import tensorflow as tf

    return [tf.Variable(0.0, trainable=False, name="sweeper_loss") for _ in range(count)]


def _training(taken: Sequence[GradientCall]) -> list[GradientCall]:
    """The gradient calls by variables; all calls where there is none by variables."""
    return [one for one in taken if one.trains] or list(taken)


def _applied(taken: Sequence[GradientCall], applied: Sequence[Any]) -> list[GradientCall]:
    """The gradient calls whose results were applied, directly or after further operations; none if that is not seen."""
    owners = {_name(gradient): number for number, one in enumerate(taken) for gradient in one.gradients}
    found: set[int] = set()
    seen: set[Hashable] = set()
    waiting = list(applied)
    while waiting and len(seen) < MOST_OPERATIONS:
        tensor = waiting.pop()
        name = _name(tensor)
        if name in owners:
            found.add(owners[name])
        elif name not in seen:
            seen.add(name)
            waiting += _inputs(tensor)
    return [one for number, one in enumerate(taken) if number in found]


def _name(tensor: Any) -> Hashable:
    """A key that tells a tensor of a trace from all others; objects that stand for the same one may differ."""
    values = getattr(tensor, "values", tensor)  # of sparse gradients
    graph = getattr(values, "graph", None)
    return (id(graph), values.name) if graph is not None else id(tensor)


def _inputs(tensor: Any) -> list[Any]:
    values = getattr(tensor, "values", tensor)
    return list(values.op.inputs) if getattr(values, "graph", None) is not None else []


def _sum(values: Sequence[Any]) -> Any:
    return sum(values[1:], start=values[0])
