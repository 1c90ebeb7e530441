"""A captured loop in plain facts, for the driver and the report."""

from sweeper.capture import describe, initial_weights, parameters
from sweeper.job import Change, Engine, EngineInfo, JobInfo
from sweeper.own_loop._training import LoopTraining, models_of
from sweeper.text import rate_text
from sweeper.versions import installed_versions


def describe_loop(training: LoopTraining, *, before: tuple[Change, ...], devices: tuple[str, ...]) -> JobInfo:
    """The facts of a loop; `before` is what was done differently from the script until its first update."""
    import keras

    loop, captured = training.loop, training.captured
    assert loop.at is not None
    models = models_of(loop)
    _note_differences(training)
    return JobInfo(
        fit_site=loop.at.place,
        fit_number=1,
        model=" + ".join(f"{model.name} ({type(model).__name__})" for model in models) or "variables of no Keras model",
        parameters=sum(map(parameters, training.weights)),
        trainable_parameters=sum(map(parameters, loop.trained.values())),
        initial_weights=initial_weights(training.weights, set(training.fresh), captured.state),
        loss="what the loop takes its gradients of",
        optimizer=describe(
            captured.optimizers,
            captured.rates,
            schedule=captured.schedule,
            only=captured.only,
            unknown=captured.rate_unknown,
        ),
        batch_size=captured.batch_size,
        batch_size_fixed=captured.batch_size_fixed,
        most_steps=training.most_steps,
        train_samples=0,
        val_samples=0,
        val_source="none: a loop of the script's own is not validated",
        sample_bytes=0,
        backend=keras.backend.backend(),
        devices=devices,
        versions=installed_versions(),
        step_seconds=_step_seconds(training),
        engine=EngineInfo(name=Engine.LOOP, reason="the script trains in a loop of its own"),
        rehearsal=_own_steps(training),
        changes=(*before, *captured.changes),
    )


def _own_steps(training: LoopTraining) -> str:
    """What is known of the script's own first steps, in one sentence."""
    count = len(training.own_steps)
    if not count:
        return ""
    rate = rate_text(training.captured.rates[0])
    return (
        f"the probe at the script's own rate of {rate} and seed 0 is the script itself: its first {count} steps, "
        "recorded while it trained undisturbed"
    )


def _note_differences(training: LoopTraining) -> None:
    """Records what probes do differently from the loop."""
    loop, captured = training.loop, training.captured
    captured.changed(
        "batches",
        "each probe trains on the batches that come next in the script's loop, so probes see different batches; how "
        "much the loss varies between batches is measured at rate 0. What the loop counts itself goes on too: an epoch "
        "number, or a weight that it anneals, is not set back",
    )
    captured.changed("validation", "no validation loss: what the loop evaluates between its steps is not read")
    captured.changed("files", "what the script writes from its third update on goes to a folder that is thrown away")
    if captured.schedule:
        captured.changed("learning-rate schedule", f"{captured.schedule} was replaced by constant rates")
    if loop.samples_in_step() is None:
        captured.changed("batch size", "how many samples a step has could not be seen; 1 stands for it")
    if len(captured.optimizers) > 1:
        others = ", ".join(f"{rate / (captured.rates[0] or 1.0):g} times that" for rate in captured.rates[1:])
        captured.changed(
            "several optimizers",
            f"the rate on the map is that of the first; the others have {others}. The loss of a step is the sum of "
            "their losses, once each of them has made an update",
        )


def _step_seconds(training: LoopTraining) -> float | None:
    count = len(training.own_steps)
    return training.loop.first_seconds / count if count else None
