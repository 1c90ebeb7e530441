"""From a fit call to a job: what was asked, with its samples and its state, ready for probing."""

import inspect
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.capture._initial_weights import check_initializers, fresh_weights
from sweeper.capture._samples import Samples, load_samples
from sweeper.capture._sites import CallSite
from sweeper.capture._sources import (
    Bounds,
    Shapes,
    Taken,
    is_array_like,
    take_arrays,
    take_elements,
)
from sweeper.capture._state import State, load_weights, read, save_weights
from sweeper.findings import Finding
from sweeper.job import Change

VALIDATION_SAMPLES = 512
"""Most validation samples of a probe: enough for a mean loss within a few percent, cheap beside 200 steps."""
VALIDATION_ELEMENTS = 8
"""The same where a sample is a whole element of a pipeline."""
HELD_OUT_PART = 0.1
"""Part of the samples that is held out when the script gives no validation data."""
HELD_OUT_LEAST = 5
"""Samples to hold out below which none are: so few show nothing, and a tiny training would miss them."""
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
    batch_size: int
    batch_size_fixed: str
    shuffle: bool
    available: int | None
    state: State = field(default_factory=State)
    compiled: Any = None
    """`model.optimizer` as the script compiled it."""
    total_steps: int | None = None
    """Steps of the script's own training, where they are known."""
    optimizers: list[Any] = field(default_factory=list)
    """The script's own optimizers that apply gradients, the one that gives the rate on the axis first."""
    rates: list[float] = field(default_factory=list)
    """Their learning rates at the fit site (the peak of a schedule)."""
    schedule: str = ""
    """Class name of the learning-rate schedule or rate callback that probing replaces."""
    loss_scaling: bool = False
    only: str = ""
    """Why no other optimizer can take the place of the script's own; empty when one can."""
    fresh: list[int] | None = None
    """Places of the weights that still are what their initializers drew; None until somebody asks."""
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """What the person must know before reading the map."""

    def fresh_weights(self) -> list[int]:
        """The same; the worker that captured the job decides it for all others."""
        if self.fresh is None:
            self.fresh = fresh_weights(self.model.weights, self.state)
        return self.fresh

    def changed(self, what: str, detail: str) -> None:
        """Notes something that probing does differently from the script."""
        self.changes.append(Change(what=what, detail=detail))

    def save(self, folder: Path) -> None:
        """Writes the samples and the initial state, so that other workers start from the same."""
        folder.mkdir(parents=True, exist_ok=True)
        self.train.save(folder / "train")
        if self.val is not None:
            self.val.save(folder / "val")
        self.state.restore()
        save_weights(folder / "weights.npz", self._shared_variables())
        self.fresh_weights()
        (folder / "facts.json").write_text(json.dumps({name: getattr(self, name) for name in _FACTS}))

    def load_state(self, folder: Path) -> None:
        """Takes over the initial state that another worker saved; raises `ValueError` when it does not match."""
        check_initializers(self.model.weights, self.fresh_weights())
        load_weights(folder / "weights.npz", self._shared_variables())
        for variable in self._shared_variables():
            self.state.override(variable, read(variable))

    def _shared_variables(self) -> list[Any]:
        """What differs between runs of one script: weights and the slots of its own optimizers."""
        slots = [variable for optimizer in self.optimizers for variable in optimizer.variables]
        return [*self.model.variables, *slots]


_FACTS = ("val_source", "batch_size", "batch_size_fixed", "shuffle", "available", "total_steps", "fresh")


def adopted_job(call: Call, folder: Path) -> Job:
    """The job whose samples another worker took and saved."""
    facts = json.loads((folder / "facts.json").read_text())
    return Job(
        model=call.model,
        fit=call.original,
        train=load_samples(folder / "train"),
        val=load_samples(folder / "val") if (folder / "val").exists() else None,
        compiled=call.model.optimizer,
        **facts,
    )


def take_job(call: Call, bounds: Bounds) -> Job:
    """The job of a fit call with its samples; raises `UnusableData` or what Keras raises on a faulty call."""
    model, arguments = call.model, call.arguments
    keep_order = not arguments["shuffle"] or _is_stateful(model)
    shapes = tuple(tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ())
    taken, val = _take(arguments, bounds, shapes, keep_order=keep_order)
    fixed = _fixed_batch(model, taken)
    batch_size = _batch_size(model, arguments, taken)
    job = Job(
        model=model,
        fit=call.original,
        train=taken.samples,
        val=val.samples if val else None,
        val_source=_val_source(arguments),
        batch_size=batch_size,
        batch_size_fixed=fixed,
        shuffle=not keep_order,
        available=taken.available,
        compiled=model.optimizer,
        total_steps=_total_steps(arguments, taken, batch_size),
    )
    if val is None:
        _hold_out(job)
    _bound_validation(job, val)
    if taken.cut:
        source = "" if taken.available is None else f" of {taken.available:,}"
        drawn = f"{len(taken.samples):,}{source} samples of the {taken.kind}, taken once"
        job.changed("samples", f"probes draw from {drawn}")
    if taken.kind != "arrays":
        detail = "its elements were taken once and re-batched, so random augmentation in it is frozen"
        job.changed("input pipeline", f"the {taken.kind} is not run again for each probe: {detail}")
    if taken.whole_reason and arguments["class_weight"]:
        job.changed("class_weight", f"left out: {taken.whole_reason}")
    return job


def _take(arguments: FitArguments, bounds: Bounds, shapes: Shapes, *, keep_order: bool) -> tuple[Taken, Taken | None]:
    """Training samples, and validation samples where the script gives any."""
    x, y, weight = arguments["x"], arguments["y"], arguments["sample_weight"]
    class_weight = arguments["class_weight"]
    val_bounds = Bounds(samples=VALIDATION_SAMPLES, nbytes=bounds.nbytes // 4, steps=VALIDATION_ELEMENTS)
    if not is_array_like(x):
        ends = not arguments["steps_per_epoch"]
        taken = take_elements(x, class_weight, bounds, input_shapes=shapes, ends=ends)
        return taken, _take_validation(arguments, val_bounds, shapes, keep_order=keep_order)
    _let_keras_check(arguments)
    split = float(arguments["validation_split"] or 0.0)
    if split and arguments["validation_data"] is None:
        (x, y, weight), (val_x, val_y, val_weight) = _split((x, y, weight), split)
        val: Taken | None = take_arrays(val_x, val_y, val_weight, None, val_bounds, batch_size=1, keep_order=keep_order)
    else:
        val = _take_validation(arguments, val_bounds, shapes, keep_order=keep_order)
    size = int(arguments["batch_size"] or DEFAULT_BATCH_SIZE)
    return take_arrays(x, y, weight, class_weight, bounds, batch_size=size, keep_order=keep_order), val


def _take_validation(arguments: FitArguments, bounds: Bounds, shapes: Shapes, *, keep_order: bool) -> Taken | None:
    data = arguments["validation_data"]
    if data is None:
        return None
    if isinstance(data, tuple | list) or (is_array_like(data) and hasattr(data, "shape")):
        x, y, weight = (*data, None, None)[:3] if isinstance(data, tuple | list) else (data, None, None)
        if is_array_like(x):
            return take_arrays(x, y, weight, None, bounds, batch_size=1, keep_order=keep_order)
        data = x
    return take_elements(data, None, bounds, input_shapes=shapes)


def _let_keras_check(arguments: FitArguments) -> None:
    """Lets Keras raise its own errors about arrays: unknown types, differing lengths, wrong class weights."""
    from keras.src.trainers.data_adapters import get_data_adapter

    names = ("x", "y", "sample_weight", "batch_size", "steps_per_epoch", "shuffle")
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


def _hold_out(job: Job) -> None:
    """Sets a part of the training samples aside for validation."""
    count = len(job.train)
    whole = job.train.whole_elements
    held = int(count * HELD_OUT_PART)
    unit = job.batch_size if job.batch_size_fixed and not whole else 1
    if not whole:
        held = min(VALIDATION_SAMPLES, held) if held >= HELD_OUT_LEAST else 0
    held = min(-(-held // unit) * unit, (count - unit) // unit * unit)
    if held <= 0:
        job.val_source = f"none: {count} samples are too few to hold some out"
        return
    order = np.arange(count) if not job.shuffle else np.random.Generator(np.random.PCG64(count)).permutation(count)
    job.val = job.train.subset(np.sort(order[-held:]))
    job.train = job.train.subset(np.sort(order[:-held]))
    job.changed(
        "validation",
        f"the script gives no validation data, so {held:,} of its {count:,} samples were held out for it",
    )


def _bound_validation(job: Job, val: Taken | None) -> None:
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


def _is_stateful(model: Any) -> bool:
    return any(getattr(layer, "stateful", False) is True for layer in model._flatten_layers())  # noqa: SLF001


def _fixed_batch(model: Any, taken: Taken) -> str:
    """Why the batch size cannot be varied; empty when it can."""
    if taken.whole_reason:
        return taken.whole_reason
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return f"the model's input {tensor.name!r} has a fixed batch dimension of {tensor.shape[0]}"
    if _is_stateful(model):
        return "the model keeps state from batch to batch (a stateful layer), which ties it to one batch size"
    return ""


def _batch_size(model: Any, arguments: FitArguments, taken: Taken) -> int:
    """Samples in a step at the fit site."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0] is not None:
            return int(tensor.shape[0])
    if taken.whole_reason:
        shapes = [column.take(np.zeros(1, dtype=np.int64)).shape for column in taken.samples.columns]
        return max((int(shape[1]) for shape in shapes if len(shape) > 1), default=1)
    if taken.batch_size is not None:
        return taken.batch_size
    if arguments["batch_size"]:
        return int(arguments["batch_size"])
    if arguments["steps_per_epoch"]:
        return max(1, math.ceil((taken.available or 1) / int(arguments["steps_per_epoch"])))
    return min(DEFAULT_BATCH_SIZE, len(taken.samples))


def _total_steps(arguments: FitArguments, taken: Taken, batch_size: int) -> int | None:
    each = arguments["steps_per_epoch"] or (math.ceil(taken.available / batch_size) if taken.available else None)
    return int(each) * int(arguments["epochs"] or 1) if each else None
