"""A training loop of the script's own, as it is seen from inside: when a step begins, what it was, when it has ended.

The loop goes on with its own batches while sweeper decides the rate. Where it has made as many steps as were asked for,
its thread waits until the next probe begins, with everything that a training changes set back.
"""

import contextlib
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from sweeper.capture import (
    AbstractOwnUpdates,
    CallSite,
    GradientCall,
    Interception,
    State,
    calling_site,
    inner,
    is_loss_scaling,
    is_ready,
    live_variables,
    own_caller,
    read,
)
from sweeper.engines import all_finite, global_norm, scalar
from sweeper.own_loop._batch import leading_size, of_unknown_size, values_in_frame
from sweeper.own_loop._in_graph import is_inside_loop, lifted, set_back_where
from sweeper.own_loop._rates import Rates
from sweeper.own_loop._tally import Tally, Update
from sweeper.own_loop._turns import Turns

RECOGNISED_AFTER = 3
"""Updates outside of fit after which a loop counts as the script's training; fewer may prepare a call of fit."""
_LOOKS_BEFORE = 4
"""Tapes that may open before the first update, at each of which the state is kept anew."""


class SeveralReplicas(Exception):
    """A step trains on several devices at once, whose losses are not seen together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a loop: an update by each of its optimizers."""

    loss: float
    """The sum of what they were taken of."""
    norm: float
    finite: float


Kind: TypeAlias = tuple[int, str, int]
"""What tells updates apart: the number of the optimizer, the line of the script, and how many variables change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """An update that is about to be made."""

    number: int
    """That of its optimizer."""
    changed: list[Any]
    """The variables that it changes."""
    norm: Any
    applies: Any
    """Whether it changes them now, and does not only put its gradients aside."""
    eager: bool


@dataclass(slots=True)
class OwnLoop(AbstractOwnUpdates):
    """Watches a loop, and holds it where its steps are over."""

    interception: Interception
    on_recognised: Callable[[], None] | None
    """Runs in a thread of its own, and never returns, once the script is known to train in a loop; None lets it run."""
    on_fault: Callable[[Exception], None] = lambda _: None
    """Called with an error of sweeper's own while it watches."""
    turns: Turns = field(default_factory=Turns)
    rates: Rates = field(default_factory=Rates)
    state: State = field(default_factory=State)
    """Every variable as it was before the first step."""
    optimizers: list[Any] = field(default_factory=list)
    """The script's optimizers in the order in which they made their first updates."""
    own_rates: list[list[float]] = field(default_factory=list)
    """For each optimizer the rates that it had in the script's own training, one after another."""
    kinds: set[Kind] = field(default_factory=set)
    """The updates that belong to the training; with any other one another training begins, which is not probed."""
    trained: dict[int, Any] = field(default_factory=dict)
    """The variables that were updated, by their ids."""
    at: CallSite | None = None
    """The line of the first update, or of the call of a traced function that makes it."""
    batch_size: int | None = None
    traced: bool = False
    """Whether updates were seen inside a traced function."""
    instead: Any = None
    """The optimizer that makes the updates of a probe, where it is not the script's own."""
    first_seconds: float = 0.0
    """Time between the first update and the last of the script's own steps."""
    ended: bool = False
    error: BaseException | None = None
    """What the script raised when it ended."""
    _tally: Tally | None = None
    _history: list[Update] | None = field(default_factory=list)
    """Updates that the loop has made at its own rate; None once it has been set back."""
    _began: float = 0.0
    _listener: Callable[[Step | None], bool] | None = None
    _pending: dict[int, Update] = field(default_factory=dict)
    _recognised: bool = False
    _looks: int = 0
    _unready: list[tuple[Any, Any]] = field(default_factory=list)
    """Variables that a trace has made, which have no value before it runs, with their initializers."""
    _turn: int = 0
    """How often the script has given its turn away."""

    # What the interception tells, in the script's thread.

    def tape_opens(self) -> None:
        if not _on_tensorflow():
            return
        self.interception.gradients.on_call = self.takes_gradients
        if not self.trained and self._looks < _LOOKS_BEFORE:
            self._looks += 1
            with lifted():
                self.state = State()
                self.keep_new()

    def variable_made(self, variable: Any, initializer: Any) -> None:
        if not self._looks or self._history is None:
            return
        with lifted():
            if is_ready(variable):
                # The last moment at which it surely holds its first value.
                self.state.keep([variable])
            else:
                self._unready.append((variable, initializer))

    def takes_gradients(self, taken: GradientCall) -> None:
        if self.interception.inside_fit or not taken.trains or not taken.targets:
            return
        by = taken.key[1] if isinstance(taken.key, tuple) else None
        variables = by if isinstance(by, frozenset) else frozenset()
        self.tally.add_loss(taken.key, variables, sum(scalar(target) for target in taken.targets))

    def updates(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any] | None, apply: Any) -> Any:
        if self.ended:
            return apply(optimizer)
        if not _on_tensorflow():
            self.at = self.at or calling_site(inspect.currentframe())
            return apply(optimizer)
        with self._blamed_for_errors():
            coming = self._before_update(optimizer, gradients, variables)
        result = apply(self.instead or optimizer)
        with self._blamed_for_errors():
            self._after_update(coming)
        return result

    def rate(self, optimizer: Any, own: Any) -> Any:
        return self.rates.rate(optimizer, own) if _on_tensorflow() else own

    def call_ended(self, arguments: Sequence[Any]) -> None:
        if self._tally is None:
            return
        if self.batch_size is None and self.trained:
            self.batch_size = leading_size(arguments)
        self._look()

    def script_ended(self, error: BaseException | None) -> None:
        """The script came to its end; the process goes on with the other thread, if there is one."""
        self.ended, self.error = True, error
        if self._recognised:
            self.turns.to_probes()

    # What the other thread asks for.

    @property
    def tally(self) -> Tally:
        """What the loop's updates are written down in."""
        if self._tally is None:
            self._tally = Tally()
        return self._tally

    def keep_unready(self) -> None:
        """Keeps the variables that a trace has made, as their initializers made them, where nothing else kept them."""
        known = {id(variable) for variable in self.state.variables}
        for variable, initializer in self._unready:
            if id(variable) not in known:
                value = (
                    initializer(tuple(variable.shape), dtype=variable.dtype) if callable(initializer) else initializer
                )
                self.state.override(variable, np.asarray(value))
        self._unready.clear()

    def keep_new(self) -> None:
        """Keeps the variables of the script that are not kept yet, as they are now."""
        own = self.rates.variables + (self._tally.variables if self._tally else [])
        mine = {id(variable) for variable in own}
        self.state.keep(variable for variable in live_variables() if id(variable) not in mine)

    def first_steps(self) -> list[Step]:
        """The steps that the loop has made by itself, from its first on; none once it has been set back."""
        pending: dict[int, Update] = {}
        steps = (self._step(update, pending) for update in self._history or ())
        return [step for step in steps if step is not None]

    def samples_in_step(self) -> int | None:
        """How many samples a step has, as far as that can be seen."""
        return self.batch_size or (self._tally.size() if self._tally is not None else None)

    def run(self, listener: Callable[[Step | None], bool]) -> None:
        """Lets the script go on until `listener` returns True, or the script ends.

        It is called after every update, with the step that this ends, if it ends one.
        """
        if not self.ended:
            self._listener = listener
            self.turns.to_script()
            self._listener = None

    def set_back(self) -> None:
        """Notes that the training begins again: what was seen of a step belongs to none that is to come."""
        self._history = None
        self._pending.clear()
        self.tally.forget()

    # What it does with what it was told.

    @contextlib.contextmanager
    def _blamed_for_errors(self) -> Iterator[None]:
        """Tells of an error of sweeper's own in the block, which must not look like one of the script."""
        try:
            yield
        except Exception as error:
            self.on_fault(error)
            raise

    def _before_update(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any] | None) -> "_Coming":
        import tensorflow as tf

        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        if replicas > 1:
            raise SeveralReplicas(f"It trains on {replicas} replicas of a distribution strategy at once")
        number, eager = self._number(optimizer), tf.executing_eagerly()
        variables = list(optimizer._trainable_variables if variables is None else variables)  # noqa: SLF001
        changed = [variable for variable, gradient in zip(variables, gradients, strict=False) if gradient is not None]
        self._note_kind((number, own_caller(inspect.currentframe()), len(changed)))
        self._note_first(changed, eager=eager)
        with lifted():
            self._note_rate(number)
        norm = global_norm(gradients)
        if is_loss_scaling(optimizer):
            scale = optimizer.dynamic_scale.value if optimizer.built else optimizer.initial_scale
            norm = norm / tf.cast(scale, "float32")
        applies = _makes_update(inner(optimizer))
        return _Coming(number=number, changed=changed, norm=norm, applies=applies, eager=eager)

    def _after_update(self, made: "_Coming") -> None:
        ids = frozenset(map(id, made.changed))
        count = self.tally.add_update(made.number, ids, made.norm, all_finite(made.changed), applied=made.applies)
        self.interception.gradients.forget()
        if made.eager:
            self._look()
        elif is_inside_loop():
            set_back_where(count, self._look_inside, lambda: [*self.state.variables, *self.rates.variables])

    def _number(self, optimizer: Any) -> int:
        """The number of an optimizer, which is remembered."""
        for number, known in enumerate(self.optimizers):
            if known is optimizer:
                return number
        self.optimizers.append(optimizer)
        self.own_rates.append([])
        return len(self.optimizers) - 1

    def _note_kind(self, kind: Kind) -> None:
        """Notes what the training consists of; once it is known, anything else means that it is over."""
        if self._history is not None:
            self.kinds.add(kind)
        elif kind not in self.kinds:
            self.script_ended(None)

    def _note_first(self, changed: Sequence[Any], *, eager: bool) -> None:
        """Notes where and on what the first updates are made, and keeps what they change as it is before."""
        self.traced |= not eager
        if self.at is None:
            frame = inspect.currentframe()
            self.at = calling_site(frame)
            self._began = time.perf_counter()
        if self._history is None:
            return
        if self.batch_size is None:
            values = values_in_frame(inspect.currentframe(), without=changed)
            self.batch_size = leading_size(values)
            unknown = of_unknown_size(values)
            if not eager and unknown is not None:
                self.tally.note_size(unknown)
        with lifted():
            # Those that a trace makes have no value yet; it is traced once more when they have.
            new = [variable for variable in changed if id(variable) not in self.trained and is_ready(variable)]
            for variable in new:
                self.state.override(variable, read(variable))
        self.trained |= {id(variable): variable for variable in new}

    def _note_rate(self, number: int) -> None:
        if self._history is not None:
            rate = float(read(inner(self.optimizers[number]).learning_rate))
            if self.own_rates[number][-1:] != [rate]:
                self.own_rates[number].append(rate)

    def _look_inside(self) -> bool:
        """Looks at updates in the middle of a traced function; whether everything was set back meanwhile."""
        turn = self._turn
        self._look()
        return self._turn != turn

    def _look(self) -> None:
        """Takes in the updates since the last look; waits where that is the end of a turn."""
        for update in self.tally.new_updates():
            if self._history is not None:
                self._history.append(update)
                self.first_seconds = time.perf_counter() - self._began
                self._note_rate(update.optimizer)
            step = self._step(update, self._pending)
            if self._listener is not None and self._listener(step):
                self._turn += 1
                self.turns.to_probes()
                return
        if self.on_recognised and not self._recognised and self.updates_seen >= RECOGNISED_AFTER:
            self._recognised = True
            self.turns.begin(self.on_recognised)

    def _step(self, update: Update, pending: dict[int, Update]) -> Step | None:
        """The step that ends with an update, once each optimizer has made one."""
        if not update.seen:
            return None
        pending[update.optimizer] = update
        if len(pending) < len(self.optimizers):
            return None
        made = list(pending.values())
        pending.clear()
        return Step(
            loss=sum(one.loss for one in made),
            norm=sum(one.norm**2 for one in made) ** 0.5,
            finite=min(one.finite for one in made),
        )

    @property
    def out_of_sight(self) -> str:
        """The line of the first update, where the backend is one whose loops cannot be held; else empty."""
        return self.at.place if self.at is not None and not _on_tensorflow() else ""

    @property
    def updates_seen(self) -> int:
        """Updates that the loop has made at its own rate."""
        return len(self._history or ())

    def unseen(self) -> int:
        """Updates of which no loss was seen."""
        return sum(not update.seen for update in self._history or ())


def _on_tensorflow() -> bool:
    import keras

    return bool(keras.backend.backend() == "tensorflow")


def _makes_update(optimizer: Any) -> Any:
    """Whether the next call of `apply` changes weights, and does not only add to gradients that are put aside."""
    every = optimizer.gradient_accumulation_steps
    return (optimizer._iterations.value + 1) % every == 0 if every else True  # noqa: SLF001  `iterations` is of updates
