"""From a fit call to a job: its samples are taken, and some are held out for validation where the script gives none."""

from collections.abc import Callable

import numpy as np

from sweeper.capture._call import Call, FitArguments, fit_batch_size, input_shapes, why_fixed
from sweeper.capture._callbacks import given_callbacks
from sweeper.capture._course import course_of
from sweeper.capture._job import Job
from sweeper.capture._layers import is_stateful
from sweeper.capture._model_calls import data_calls_model_finding
from sweeper.capture._training_reads import shared_generators
from sweeper.capture.data import (
    AbstractData,
    Alive,
    Arrays,
    Bounds,
    Indices,
    Reshuffle,
    TakenData,
    TrainingData,
    data_of,
    keras_validations,
)

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


def take_job(call: Call, bounds: Bounds, *, alive: Alive = lambda: None) -> Job:
    """The job of a fit call with its samples; raises `UnusableData` or what Keras raises on a faulty call.

    `alive` is called now and then while data is drawn.
    """
    model, arguments = call.model, call.arguments
    call.random.restore()
    training, val = _take(call, bounds, alive=alive)
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
        course=course_of(arguments, training.available, batch_size, model=model),
        source=None if training.kind == Arrays.kind else arguments["x"],
        callbacks=given_callbacks(arguments["callbacks"]),
        random=call.random,
    )
    _note_source(job, training)
    if val is None:
        _hold_out(job, steps=bounds.steps, at_any_cost=bounds.times > 1)
    _bound_validation(job, val)
    _note_shared_generators(job, arguments)
    if val is not None and is_stateful(model):
        job.changed(
            "validation",
            "each validation of the script leaves the state of its stateful layers to the next epoch; those of a probe "
            "leave it as it was, so losses differ from the second epoch on",
        )
    return job


def _note_source(job: Job, training: TrainingData) -> None:
    """Records what is done with the data otherwise than the script does it."""
    if training.asked:
        job.findings.append(data_calls_model_finding(training.asked))
    if training.cut:
        source = "" if training.available is None else f" of {training.available:,}"
        drawn = f"{len(training.samples):,}{source} samples of the {training.kind}, taken once"
        slow = training.slow_seconds
        why = f" (drawing them took {slow:.0f} s, so no more were drawn)" if slow is not None else ""
        job.changed("samples", f"probes draw from {drawn}{why}")
    if training.kind != Arrays.kind:
        detail = "its batches were taken once, in their order, so every probe gets the same random augmentation"
        job.changed("input pipeline", f"the {training.kind} is not run again for each probe: {detail}")


def _note_shared_generators(job: Job, arguments: FitArguments) -> None:
    """Says where validations move the random numbers on that training batches are drawn with."""
    given = arguments.given_for_validation
    if job.source is None or given is None:
        return
    names = shared_generators(job.source, given.x)
    if names:
        job.changed(
            "input pipeline",
            f"training and validation data draw from one random generator ({names[0]}), so every validation of the "
            "script moves the training on to other random numbers; in probes none does",
        )


def _take(call: Call, bounds: Bounds, *, alive: Alive) -> tuple[TrainingData, TakenData | None]:
    """Training samples, and validation samples where the script gives any."""
    model, arguments, shapes = call.model, call.arguments, input_shapes(call.model)
    data, kept = data_of(arguments.given).parts()
    given = arguments.given_for_validation
    val = data_of(given) if given is not None else kept
    between = _validating(call, data, val)
    training = data.training(model, bounds, shapes=shapes, alive=alive, after_pass=between)
    if val is None:
        return training, None
    val_bounds = Bounds(samples=VALIDATION_SAMPLES, nbytes=bounds.nbytes // 4, steps=VALIDATION_ELEMENTS)
    keep_order = not arguments.given.shuffle or is_stateful(model)
    return training, val.taken(val_bounds, shapes=shapes, keep_order=keep_order)


def _validating(call: Call, data: AbstractData, val: AbstractData | None) -> Callable[[int], None]:
    """What the validation after an epoch does to the order of the next: it may read the shuffled source of both."""
    if val is None or not data.shuffles_with(val):
        return lambda _: None
    course = course_of(call.arguments, None, 1)
    validations = keras_validations(call.model, val.given.x, steps=call.arguments["validation_steps"])

    def validate(epoch: int) -> None:
        if course.validates_after(course.first + epoch):
            next(validations)

    return validate


def _val_source(arguments: FitArguments) -> str:
    if arguments["validation_data"] is not None:
        return "validation_data"
    return "validation_split" if arguments["validation_split"] else "held out"


def _hold_out(job: Job, *, steps: int | None, at_any_cost: bool) -> None:
    """Sets samples aside for validation: those that a probe at the script's own setting never trains on.

    Where it trains on all of them there are none, since the probe would not be the script any more, unless the user
    asks for what cannot be measured without (`at_any_cost`).
    """
    count = len(job.train)
    most = min(VALIDATION_SAMPLES, max(int(count * HELD_OUT_PART), 0))
    if job.train.whole_elements:
        most, least = VALIDATION_ELEMENTS, 1
    else:
        least = HELD_OUT_LEAST
    # Batches of a pipeline stay together, as they may have to.
    unit = 1 if job.train.whole_elements or (job.kind == Arrays.kind and not job.batch_size_fixed) else job.batch_size
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
