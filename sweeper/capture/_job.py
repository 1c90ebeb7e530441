"""A captured job: a fit call with its samples and its state, ready for probing, kept for other workers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweeper.capture._call import Call
from sweeper.capture._callbacks import given_callbacks
from sweeper.capture._course import Course, course_of
from sweeper.capture._initial_weights import (
    check_initializers,
    copied_weights,
    fresh_weights,
    load_initial_weights,
)
from sweeper.capture._random_states import RandomStates, load_random_states, random_states
from sweeper.capture._scheduled import ScheduledVariable, scheduled_as_values
from sweeper.capture._state import State, save_weights
from sweeper.capture.data import Arrays, SampleOrder, Samples, load_order, load_samples
from sweeper.findings import Finding
from sweeper.job import Change


@dataclass(slots=True, kw_only=True)
class CapturedTraining:
    """What is known of a training that was taken over, whatever trains: its start, its optimizers, what can vary."""

    batch_size: int
    """Samples in a step of the script's own training."""
    batch_size_fixed: str
    """Why probes cannot vary the batch size; empty when they can."""
    random: RandomStates = field(default_factory=random_states)
    """Where the random generators of the process stood when the training began."""
    state: State = field(default_factory=State)
    course: Course = field(default_factory=Course)
    """How long the script's own training goes."""
    optimizers: list[Any] = field(default_factory=list)
    """The script's own optimizers that apply gradients, the one that gives the rate on the axis first."""
    rates: list[float] = field(default_factory=list)
    """The learning rates of these optimizers at the start (the peak of a schedule, or of what a callback sets)."""
    rate_unknown: str = ""
    """Why the rate at which the script trains is not known, although its optimizer has one; empty where it is."""
    schedule: str = ""
    """Class name of the learning-rate schedule or rate callback that probing replaces."""
    loss_scaling: bool = False
    only: str = ""
    """Why no other optimizer can take the place of the script's own; empty when one can."""
    loss_from: str = ""
    """Where the losses of steps come from: "gradient", "logs"; empty until that is known."""
    loss_keys: list[str] = field(default_factory=list)
    """Entries of the logs whose sum it is."""
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """What the user should know about how the training was captured."""

    @property
    def total_steps(self) -> int | None:
        """Steps of the script's own training, where they are known."""
        return self.course.total_steps

    def changed(self, what: str, detail: str) -> None:
        """Notes something that probing does differently from the script."""
        self.changes.append(Change(what=what, detail=detail))


@dataclass(slots=True, kw_only=True)
class Job(CapturedTraining):
    """A captured fit call, alive in its worker: a model that fit trains, with the samples that it trains on."""

    model: Any
    fit: Callable[..., Any]
    """Keras's own `Model.fit`, not intercepted."""
    train: Samples
    val: Samples | None
    val_source: str
    order: SampleOrder
    available: int | None
    kind: str = Arrays.kind
    """What the data is, in a word or two."""
    regroups: bool = True
    """Whether the data alone shows that other batches may be made of its samples; else losses must show it."""
    compiled: Any = None
    """`model.optimizer` as the script compiled it."""
    source: Any = None
    """What the data is read from, as fit was given it; None for arrays, which fit copies."""
    callbacks: list[Any] = field(default_factory=list)
    """The callbacks of the fit call."""
    scheduled: list[ScheduledVariable] = field(default_factory=list)
    """Variables other than the rate that callbacks set in a way that is known beforehand."""
    foreseen: dict[str, Any] | None = None
    """What the worker that captured the job has seen callbacks do later; None in that worker itself."""
    fresh: list[int] | None = None
    """Indices of the weights that still are what their initializers drew; None until somebody asks."""
    copies: list[tuple[Any, int]] | None = None
    """Variables that begin as copies of such a weight, each with the index of that weight; None until somebody asks."""
    rehearsal: str = ""
    """What a rehearsal of the script's first steps showed, in one sentence; empty where none was held."""
    callback_changes: list[tuple[str, Finding]] = field(default_factory=list)
    """Class and method of callbacks that were seen to change what is trained, each with the finding that says so."""

    def fresh_weights(self) -> list[int]:
        """The indices of the fresh weights, as the worker that captured the job found them."""
        if self.fresh is None:
            self.fresh = fresh_weights(self.model.weights, self.state)
        return self.fresh

    def copied_weights(self) -> list[tuple[Any, int]]:
        """Variables that the script of this worker copied from a fresh weight, each with the index of that weight."""
        if self.copies is None:
            self.copies = copied_weights(self.model.weights, self.fresh_weights(), self.state)
        return self.copies

    def changed_by_callback(self, by: str, finding: Finding) -> None:
        """Notes that a callback changes what is trained; `by` is its class and method, as in `Clips.on_epoch_end`."""
        self.findings.append(finding)
        self.callback_changes.append((by, finding))

    def save(self, folder: Path) -> None:
        """Writes the samples and the initial state, so that other workers start from the same."""
        folder.mkdir(parents=True, exist_ok=True)
        self.train.save(folder / "train")
        self.order.save(folder / "order.npz")
        self.random.save(folder / "random.json")
        if self.val is not None:
            self.val.save(folder / "val")
        self.state.restore()
        save_weights(folder / "weights.npz", self._shared_variables())
        self.fresh_weights()
        facts = {name: getattr(self, name) for name in _FACTS} | {"foreseen": self._foreseen()}
        (folder / "facts.json").write_text(json.dumps(facts))

    def _foreseen(self) -> dict[str, Any]:
        """What callbacks were seen to do in the whole training, for `ScriptCallbacks.look_ahead` of other workers."""
        return {"rates": self.rates, "driven": scheduled_as_values(self.scheduled)}

    def load_state(self, folder: Path) -> None:
        """Takes over the initial state that another worker saved; raises `ValueError` when it does not match."""
        check_initializers(self.model.weights, self.fresh_weights())
        copies = self.copied_weights()
        shared = self._shared_variables()
        load_initial_weights(folder / "weights.npz", shared, self.model.weights, copies, self.state)

    def _shared_variables(self) -> list[Any]:
        """What differs between runs of one script: weights and the slots of its own optimizers."""
        slots = [variable for optimizer in self.optimizers for variable in optimizer.variables]
        return [*self.model.variables, *slots]


_FACTS = (
    "kind",
    "val_source",
    "batch_size",
    "batch_size_fixed",
    "available",
    "fresh",
    "loss_from",
    "loss_keys",
)


def adopted_job(call: Call, folder: Path) -> Job:
    """The job whose samples another worker took and saved."""
    facts = json.loads((folder / "facts.json").read_text())
    return Job(
        model=call.model,
        fit=call.original,
        train=load_samples(folder / "train"),
        order=load_order(folder / "order.npz"),
        val=load_samples(folder / "val") if (folder / "val").exists() else None,
        compiled=call.model.optimizer,
        course=course_of(call.arguments, facts["available"], facts["batch_size"], model=call.model),
        callbacks=given_callbacks(call.arguments["callbacks"]),
        random=load_random_states(folder / "random.json"),
        **facts,
    )
