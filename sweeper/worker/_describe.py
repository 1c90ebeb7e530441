"""A captured job in plain facts, for the driver and the report."""

from dataclasses import replace
from typing import Any

from sweeper.capture import (
    Call,
    CallSite,
    FitArguments,
    Job,
    batches_of,
    describe,
    initial_weights,
    inner,
    loop_around,
    parameters,
    rate_callback,
)
from sweeper.engines import MeasuredEngine
from sweeper.findings import PART_OF_SAMPLES, Finding
from sweeper.job import Change, Engine, InitialWeights, JobInfo
from sweeper.protocol import FitSite
from sweeper.text import rate_text
from sweeper.versions import installed_versions
from sweeper.worker._constant import constant_loss


def describe_site(model: Any, arguments: FitArguments, at: CallSite, number: int) -> FitSite:
    """A fit call in plain facts, without looking at its data more than needed."""
    x = arguments["x"]
    return FitSite(
        number=number,
        place=at.place,
        model=f"{model.name} ({type(model).__name__})",
        parameters=model.count_params() if model.built else None,
        loss=_loss_name(model),
        optimizer=type(inner(model.optimizer)).__name__ if model.optimizer is not None else "none",
        batch_size=arguments["batch_size"],
        data=_data_words(x),
        calls=0,
    )


def _data_words(x: Any) -> str:
    if batches_of(x) is None:
        first = x
        while isinstance(first, dict | list | tuple) and first:
            first = next(iter(first.values())) if isinstance(first, dict) else first[0]
        shape = getattr(first, "shape", None)
        return f"{int(shape[0]):,} samples in arrays" if shape is not None and len(shape) else type(x).__name__
    return type(x).__name__.lstrip("_")


def describe_job(job: Job, call: Call, *, engine: MeasuredEngine) -> tuple[JobInfo, tuple[Finding, ...]]:
    """The facts of a captured job, and what the user should know about how it was taken."""
    import keras

    model, arguments = job.model, call.arguments
    schedule = job.schedule or rate_callback(arguments["callbacks"])
    _note_differences(job, schedule)
    if engine.info.name is not Engine.FIT:
        detail = f"probes run by {engine.info.text}, many steps as one program, and not by fit: {engine.info.reason}"
        job.changed("engine", detail)
    trainable, epochs = sum(parameters(weight) for weight in model.trainable_variables), _epochs(job, call)
    info = JobInfo(
        fit_site=call.at.place,
        fit_number=call.number,
        model=f"{model.name} ({type(model).__name__})",
        parameters=sum(parameters(weight) for weight in model.weights),
        trainable_parameters=trainable,
        initial_weights=_initial_weights(job),
        loss=_loss_name(model),
        optimizer=describe(job.optimizers, job.rates, schedule=schedule, only=job.only, unknown=job.rate_unknown),
        batch_size=job.batch_size,
        batch_size_fixed=job.batch_size_fixed,
        epochs=epochs,
        train_samples=len(job.train),
        whole_elements=job.train.whole_elements,
        train_samples_available=job.available,
        val_samples=len(job.val) if job.val is not None else 0,
        val_source=job.val_source,
        sample_bytes=job.train.nbytes + (job.val.nbytes if job.val is not None else 0),
        constant_loss=constant_loss(job, _loss_name(model)),
        backend=keras.backend.backend(),
        devices=devices(),
        versions=installed_versions(),
        trace_seconds=engine.trace_seconds,
        step_seconds=engine.step_seconds,
        engine=engine.info,
        rehearsal=job.rehearsal,
        changes=tuple(job.changes),
    )
    found = (*job.findings, *_cut_finding(job))
    return info, tuple(replace(finding, location=finding.location or call.at.place) for finding in found)


def _epochs(job: Job, call: Call) -> int | None:
    """Epochs of the training; None in a loop of fit calls that goes on with one model, which the job then says."""
    line = loop_around(call.at.file, call.at.line)
    if line is None:
        return int(call.arguments["epochs"] or 1)
    job.changed(
        "length",
        f"the loop of line {line} calls fit again and again on one model, so the length of the whole training is not "
        "known; say it with --job-steps",
    )
    return None


def _initial_weights(job: Job) -> InitialWeights:
    """The numbers of parameters by how these begin."""
    weights = job.model.weights
    copied = {id(variable) for variable, _ in job.copied_weights()}
    fresh = {*job.fresh_weights(), *(number for number, weight in enumerate(weights) if id(weight) in copied)}
    return initial_weights(weights, fresh, job.state)


def _loss_name(model: Any) -> str:
    loss = getattr(model, "loss", None)
    if loss is None:
        return "none in compile (the model adds its own)"
    return _one_loss(loss)


def _one_loss(loss: Any) -> str:
    if isinstance(loss, str):
        return loss
    if isinstance(loss, dict):
        return ", ".join(f"{name}: {_one_loss(item)}" for name, item in loss.items())
    if isinstance(loss, list | tuple):
        return ", ".join(_one_loss(item) for item in loss)
    return str(getattr(loss, "__name__", None) or type(loss).__name__)


def _note_differences(job: Job, schedule: str) -> None:
    """Records what probes leave out of the fit call."""
    if schedule:
        known = job.rates[0] and not job.rate_unknown
        rate = f"; its peak of {rate_text(job.rates[0])} is marked on the map" if known else ""
        detail = f"{schedule} was replaced by constant rates{rate}"
        job.changes.append(Change(what="learning-rate schedule", detail=detail))
    if job.val_source.startswith("none"):
        job.changes.append(
            Change(what="validation", detail=f"no validation loss: {job.val_source.removeprefix('none: ')}")
        )


def devices() -> tuple[str, ...]:
    """The devices that Keras can train on."""
    import keras

    try:
        return tuple(keras.distribution.list_devices()) or ("cpu:0",)
    except Exception:  # noqa: BLE001  a backend that cannot list its devices still trains on one
        return ("cpu:0",)


def _cut_finding(job: Job) -> tuple[Finding, ...]:
    cut = [change for change in job.changes if change.what == "samples"]
    if not cut:
        return ()
    return (
        PART_OF_SAMPLES.found(
            evidence=cut[0].detail,
            remedy="Raise --max-sample-bytes or --steps if this part is not like the whole.",
        ),
    )
