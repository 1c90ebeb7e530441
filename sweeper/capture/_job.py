"""From a fit call to a job: what was asked, with its samples and its state, ready for probing."""

import inspect
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.capture._array_check import why_not_as_keras
from sweeper.capture._callbacks import given_callbacks
from sweeper.capture._columns import Indices
from sweeper.capture._course import Course, course_of
from sweeper.capture._initial_weights import check_initializers, copied_weights, fresh_weights
from sweeper.capture._layers import is_stateful
from sweeper.capture._model_calls import data_calls_model_finding
from sweeper.capture._order import Reshuffle, SampleOrder, load_order
from sweeper.capture._own_batches import RandomStates, load_random_states, own_validations, random_states
from sweeper.capture._pipelines import share_shuffling
from sweeper.capture._samples import Samples, flatten, load_samples
from sweeper.capture._scheduled import ScheduledVariable, scheduled_as_values
from sweeper.capture._sites import CallSite
from sweeper.capture._sources import (
    Bounds,
    Shapes,
    TakenData,
    count_samples,
    is_array_like,
    is_tf_dataset,
    take_arrays,
    take_elements,
)
from sweeper.capture._state import State, load_weights, read, save_weights
from sweeper.capture._training import ARRAYS, Alive, Training, take_training_arrays, take_training_batches
from sweeper.findings import Finding
from sweeper.job import Change

VALIDATION_SAMPLES = 512
"""Most validation samples of a probe: enough for a mean loss within a few percent, cheap beside 200 steps."""
VALIDATION_ELEMENTS = 8
"""Most validation samples of a probe where a sample is a whole element of a pipeline."""
HELD_OUT_PART = 0.1
"""Part of the samples that is held out at most when the script gives no validation data."""
HELD_OUT_LEAST = 5
"""Samples to hold out below which none are: so few show nothing, and a tiny training would miss them."""
HELD_OUT_SEED = 20_261_129
"""Fixes which samples are held out."""
DEFAULT_BATCH_SIZE = 32
"""Keras's own default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitArguments:
    """The arguments of a fit call by name, with Keras's defaults filled in."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The fit call that is taken over."""

    model: Any
    original: Callable[..., Any]
    """Keras's own `Model.fit`, not intercepted."""
    arguments: FitArguments
    at: CallSite
    number: int
    """1 for the first fit site that the target reaches."""
    random: RandomStates = field(default_factory=random_states)
    """Where the random generators of the process stood when the script called fit."""


def bind_fit(original: Callable[..., Any], model: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> FitArguments:
    """The arguments of a fit call by name; raises `TypeError`, as Python would, when they do not fit."""
    bound = inspect.signature(original).bind(model, *args, **kwargs)
    bound.apply_defaults()
    return FitArguments(values=dict(bound.arguments))


@dataclass(slots=True, kw_only=True)
class Job:
    """A captured job, alive in its worker."""

    model: Any
    fit: Callable[..., Any]
    """Keras's own `Model.fit`, not intercepted."""
    train: Samples
    val: Samples | None
    val_source: str
    order: SampleOrder
    batch_size: int
    """Samples in a step of the script's own fit."""
    batch_size_fixed: str
    available: int | None
    kind: str = ARRAYS
    """What the data is, in a word or two."""
    regroups: bool = True
    """Whether the data alone shows that other batches may be made of its samples; else losses must show it."""
    random: RandomStates = field(default_factory=random_states)
    """Where the random generators of the process stood when the script called fit."""
    state: State = field(default_factory=State)
    compiled: Any = None
    """`model.optimizer` as the script compiled it."""
    course: Course = field(default_factory=Course)
    """How long the script's own training goes."""
    callbacks: list[Any] = field(default_factory=list)
    """The callbacks of the fit call."""
    scheduled: list[ScheduledVariable] = field(default_factory=list)
    """Variables other than the rate that callbacks set in a way that is known beforehand."""
    foreseen: dict[str, Any] | None = None
    """What the worker that captured the job has seen callbacks do later; None in that worker itself."""
    optimizers: list[Any] = field(default_factory=list)
    """The script's own optimizers that apply gradients, the one that gives the rate on the axis first."""
    rates: list[float] = field(default_factory=list)
    """The learning rates of these optimizers at the fit site (the peak of a schedule, or of what a callback sets)."""
    rate_unknown: str = ""
    """Why the rate at which the script trains is not known, although its optimizer has one; empty where it is."""
    schedule: str = ""
    """Class name of the learning-rate schedule or rate callback that probing replaces."""
    loss_scaling: bool = False
    only: str = ""
    """Why no other optimizer can take the place of the script's own; empty when one can."""
    fresh: list[int] | None = None
    """Indices of the weights that still are what their initializers drew; None until somebody asks."""
    copies: list[tuple[Any, int]] | None = None
    """Variables that begin as copies of such a weight, each with the index of that weight; None until somebody asks."""
    rehearsal: str = ""
    """What a rehearsal of the script's first steps showed, in one sentence; empty where none was held."""
    changes: list[Change] = field(default_factory=list)
    loss_from: str = ""
    """Where the losses of steps come from: "gradient", "logs"; empty until that is known."""
    loss_keys: list[str] = field(default_factory=list)
    """Entries of the logs whose sum it is."""
    findings: list[Finding] = field(default_factory=list)
    """What the person should know about how the job was captured."""
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

    @property
    def total_steps(self) -> int | None:
        """Steps of the script's own training, where they are known."""
        return self.course.total_steps

    def changed(self, what: str, detail: str) -> None:
        """Notes something that probing does differently from the script."""
        self.changes.append(Change(what=what, detail=detail))

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
        load_weights(folder / "weights.npz", self._shared_variables())
        shared = self._shared_variables()
        for variable in shared:
            self.state.override(variable, read(variable))
        # A script that seeds nothing has drawn other weights in this process, and copied those.
        known = {id(variable) for variable in shared}
        for variable, number in copies:
            if id(variable) not in known:
                value = self.state.value(self.model.weights[number])
                self.state.override(variable, value.astype(self.state.value(variable).dtype))

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
        course=course_of(call.arguments, facts["available"], facts["batch_size"]),
        callbacks=given_callbacks(call.arguments["callbacks"]),
        random=load_random_states(folder / "random.json"),
        **facts,
    )


def take_job(call: Call, bounds: Bounds, *, alive: Alive = lambda: None) -> Job:
    """The job of a fit call with its samples; raises `UnusableData` or what Keras raises on a faulty call.

    `alive` is called now and then while data is drawn.
    """
    model, arguments = call.model, call.arguments
    shapes = tuple(tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ())
    call.random.restore()
    training, val = _take(call, bounds, shapes, alive=alive)
    batch_size = fit_batch_size(model, training.samples, training.order.own_size)
    job = Job(
        model=model,
        fit=call.original,
        train=training.samples,
        order=training.order,
        val=val.samples if val else None,
        val_source=_val_source(arguments),
        batch_size=batch_size,
        batch_size_fixed=training.fixed or why_fixed(model),
        kind=training.kind,
        regroups=training.regroups,
        available=training.available,
        compiled=model.optimizer,
        course=course_of(arguments, training.available, batch_size),
        callbacks=given_callbacks(arguments["callbacks"]),
        random=call.random,
    )
    _note_source(job, training)
    if val is None:
        _hold_out(job, steps=bounds.steps, at_any_cost=bounds.times > 1)
    _bound_validation(job, val)
    if val is not None and is_stateful(model):
        job.changed(
            "validation",
            "each validation of the script leaves the state of its stateful layers to the next epoch; those of a probe "
            "leave it as it was, so losses differ from the second epoch on",
        )
    return job


def _note_source(job: Job, training: Training) -> None:
    """Records what is done with the data otherwise than the script does it."""
    if training.asked:
        job.findings.append(data_calls_model_finding(training.asked))
    if training.cut:
        source = "" if training.available is None else f" of {training.available:,}"
        drawn = f"{len(training.samples):,}{source} samples of the {training.kind}, taken once"
        slow = training.slow_seconds
        why = f" (drawing them took {slow:.0f} s, so no more were drawn)" if slow is not None else ""
        job.changed("samples", f"probes draw from {drawn}{why}")
    if training.kind != ARRAYS:
        detail = "its batches were taken once, in their order, so every probe gets the same random augmentation"
        job.changed("input pipeline", f"the {training.kind} is not run again for each probe: {detail}")


def _take(call: Call, bounds: Bounds, shapes: Shapes, *, alive: Alive) -> tuple[Training, TakenData | None]:
    """Training samples, and validation samples where the script gives any."""
    arguments = call.arguments
    x, y, weight = arguments["x"], arguments["y"], arguments["sample_weight"]
    val_bounds = Bounds(samples=VALIDATION_SAMPLES, nbytes=bounds.nbytes // 4, steps=VALIDATION_ELEMENTS)
    shuffle = True if arguments["shuffle"] is None else arguments["shuffle"]
    keep_order = not shuffle or is_stateful(call.model)
    if not is_array_like(x):
        own = {name: arguments[name] for name in ("x", "y", "sample_weight", "batch_size", "steps_per_epoch")}
        own |= {"shuffle": shuffle, "class_weight": arguments["class_weight"]}
        between = _validating(call.model, arguments)
        training = take_training_batches(call.model, own, bounds, shapes=shapes, alive=alive, after_pass=between)
        return training, _take_validation(arguments, val_bounds, shapes, keep_order=keep_order)
    let_keras_check(arguments)
    split = float(arguments["validation_split"] or 0.0)
    if split and arguments["validation_data"] is None:
        (x, y, weight), (val_x, val_y, val_weight) = _split((x, y, weight), split)
        val: TakenData | None = take_arrays(val_x, val_y, val_weight, val_bounds, keep_order=keep_order)
    else:
        val = _take_validation(arguments, val_bounds, shapes, keep_order=keep_order)
    size, class_weight = arrays_batch_size(arguments, x), arguments["class_weight"]
    how = {"batch_size": size, "class_weight": class_weight}
    training = take_training_arrays(call.model, (x, y, weight), bounds, shuffle=shuffle, **how)
    other = "" if training.cut else why_not_as_keras(call.model, (x, y, weight), training.samples, **how)
    if other:
        # What Keras makes of them is what the script trains on.
        own = {"x": x, "y": y, "sample_weight": weight, "steps_per_epoch": None, "shuffle": shuffle, **how}
        training = take_training_batches(call.model, own, bounds, shapes=shapes, alive=alive)
        why = f"Keras makes something else of the arrays than their samples, one by one: {other}"
        training = replace(training, kind="arrays as Keras batches them", fixed=training.fixed or why)
    return training, val


def _validating(model: Any, arguments: FitArguments) -> Callable[[int], None]:
    """What the validation after an epoch does to the order of the next: it may read the shuffled source of both."""
    train, data = arguments["x"], arguments["validation_data"]
    if not (is_tf_dataset(train) and is_tf_dataset(data)) or not share_shuffling(train, data):
        return lambda _: None
    course = course_of(arguments, None, 1)
    validations = own_validations(model, data, steps=arguments["validation_steps"])

    def validate(epoch: int) -> None:
        if course.validates_after(course.first + epoch):
            next(validations)

    return validate


def arrays_batch_size(arguments: FitArguments, x: Any) -> int:
    """Samples in a batch that Keras makes of arrays."""
    steps = arguments["steps_per_epoch"]
    if arguments["batch_size"] or not steps:
        return int(arguments["batch_size"] or DEFAULT_BATCH_SIZE)
    return max(1, math.ceil(count_samples(flatten(x)[1][:1]) / int(steps)))


def _take_validation(arguments: FitArguments, bounds: Bounds, shapes: Shapes, *, keep_order: bool) -> TakenData | None:
    data = arguments["validation_data"]
    if data is None:
        return None
    if isinstance(data, tuple | list) or (is_array_like(data) and hasattr(data, "shape")):
        x, y, weight = (*data, None, None)[:3] if isinstance(data, tuple | list) else (data, None, None)
        if is_array_like(x):
            return take_arrays(x, y, weight, bounds, keep_order=keep_order)
        data = x
    return take_elements(data, bounds, input_shapes=shapes)


def let_keras_check(arguments: FitArguments) -> None:
    """Lets Keras raise its own errors about arrays: unknown types, differing lengths, wrong class weights."""
    from keras.src.trainers.data_adapters import get_data_adapter

    names = ("x", "y", "sample_weight", "batch_size", "steps_per_epoch", "shuffle", "class_weight")
    get_data_adapter(**{name: arguments[name] for name in names})


def _split(data: tuple[Any, Any, Any], part: float) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """The data without, and only, its last part: what Keras's `validation_split` does."""
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    train, val = train_validation_split(data, validation_split=part)
    return train, val


def _val_source(arguments: FitArguments) -> str:
    if arguments["validation_data"] is not None:
        return "validation_data"
    return "validation_split" if arguments["validation_split"] else "held out"


def _hold_out(job: Job, *, steps: int | None, at_any_cost: bool) -> None:
    """Sets samples aside for validation: those that a probe at the script's own setting never trains on.

    Where it trains on all of them there are none, since the probe would not be the script any more, unless the person
    asks for what cannot be measured without (`at_any_cost`).
    """
    count = len(job.train)
    most = min(VALIDATION_SAMPLES, max(int(count * HELD_OUT_PART), 0))
    if job.train.whole_elements:
        most, least = VALIDATION_ELEMENTS, 1
    else:
        least = HELD_OUT_LEAST
    # Batches of a pipeline stay together, as they may have to.
    unit = 1 if job.train.whole_elements or (job.kind == ARRAYS and not job.batch_size_fixed) else job.batch_size
    free = _unreached(job, steps)
    held = min(max(most, unit), len(free)) // unit * unit
    costs = held < least
    if costs and at_any_cost:
        free = np.arange(count, dtype=np.int64)
        held = max(most, unit) // unit * unit if count > unit else 0
    if held < least:
        whole = "batches" if job.train.whole_elements else "samples"
        job.val_source = f"none: the script gives none, and a probe trains on all of its {count:,} {whole}"
        return
    chosen = free[-held:]
    if job.order.reshuffle is Reshuffle.SAMPLES and unit == 1:
        chosen = np.sort(np.random.Generator(np.random.PCG64(HELD_OUT_SEED)).permutation(free)[:held])
    job.val = job.train.subset(chosen)
    job.train = job.train.subset(np.setdiff1d(np.arange(count), chosen))
    job.order = job.order.without(chosen)
    detail = f"the script gives no validation data, so {held:,} of its {count:,} samples were held out for it"
    if costs:
        detail += ": batches are put together from the others, so probes do not train on exactly the script's"
    job.changed("validation", detail)


def _unreached(job: Job, steps: int | None) -> Indices:
    """The samples on which a probe at the script's own setting does not train."""
    if steps is None:
        return np.zeros(0, dtype=np.int64)
    size = 1 if job.train.whole_elements else job.order.own_size
    rows = job.order.rows(batch_size=size, steps=steps)
    return np.setdiff1d(np.arange(len(job.train), dtype=np.int64), rows)


def _bound_validation(job: Job, val: TakenData | None) -> None:
    if val is None or job.val is None:
        return
    if job.batch_size_fixed and not job.val.whole_elements:
        whole = len(job.val) // job.batch_size * job.batch_size
        if whole == 0:
            job.val, job.val_source = None, f"none: fewer validation samples than the fixed batch of {job.batch_size}"
            return
        job.val = job.val.subset(np.arange(whole))
    if val.cut:
        source = "" if val.available is None else f" of {val.available:,}"
        job.changed("validation", f"the validation loss is measured on {len(job.val):,}{source} samples")


def why_fixed(model: Any) -> str:
    """Why a model takes batches of one size only; empty when it takes others."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return f"the model's input {tensor.name!r} has a fixed batch dimension of {tensor.shape[0]}"
    if is_stateful(model):
        return "the model keeps state from batch to batch (a stateful layer), which ties it to one batch size"
    return ""


def fit_batch_size(model: Any, samples: Samples, own_size: int | None) -> int:
    """Samples in a step at the fit site; `own_size` is that of the source's own batches, None for whole elements."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return int(tensor.shape[0])
    if own_size is not None and not samples.whole_elements:
        return own_size
    shapes = [np.shape(column.take(np.zeros(1, dtype=np.int64))[0]) for column in samples.columns]
    return max((int(shape[0]) for shape in shapes if len(shape)), default=1)
