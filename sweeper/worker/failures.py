"""Findings about targets that do not get as far as training."""

import shlex
from dataclasses import replace
from pathlib import Path

from sweeper.capture import (
    Call,
    CallSite,
    Interception,
    OverriddenRate,
    UncontrollableOptimizer,
    failing_file,
    headline,
    own_place,
    own_traceback,
)
from sweeper.engines import NoLoss
from sweeper.findings import (
    ENGINE_UNSUITED,
    FIT_FAILS,
    LEGACY_KERAS,
    LOSS_UNSEEN,
    NO_FIT,
    NOT_PROBED,
    OWN_LOOP,
    RATE_NOT_CONTROLLED,
    SAMPLES_NOT_KEPT,
    SCRIPT_FAILED,
    SCRIPT_LEFT,
    Finding,
    Severity,
)
from sweeper.modules import run_as_module
from sweeper.slices import checks_in_worker
from sweeper.target import Target
from sweeper.text import plural
from sweeper.worker._own_training import OwnTraining

_GIVE_THE_RATE = (
    "Take the assignment out and give the rate to the optimizer: a number, or a "
    "keras.optimizers.schedules.LearningRateSchedule for a warm-up or decay; a callback that sets it works too. Then "
    "probes train at the rates of the map, and the script's own rate is marked on it."
)


def script_raised(
    error: BaseException, *, target: Target | None, script_args: tuple[str, ...], left_out: str = ""
) -> Finding:
    """The finding that the script raised before it reached the fit call; `left_out` is what it was not given."""
    finding = (
        _relative_import(error, target, script_args)
        or _needs_ipython(error, target)
        or checks_in_worker().why_script_raised(error)
        or SCRIPT_FAILED.found(
            title=f"{SCRIPT_FAILED.title}: {headline(error)}",
            evidence=own_traceback(error),
            location=own_place(error),
            remedy=_BY_ITSELF["notebook" if target is not None and target.is_notebook else "script"],
        )
    )
    if not left_out:
        return finding
    said = f"Not executed in the notebook until then: {left_out}"
    return replace(finding, evidence=f"{finding.evidence}\n{said}")


_BY_ITSELF = {
    "script": "Run the script by itself and fix this error first; give its own arguments after -- if it needs any.",
    "notebook": "Restart the notebook and run all of its cells. If that works, what this cell needs comes from a magic "
    "or a shell line, which sweeper does not execute: write it in Python.",
}


def _relative_import(error: BaseException, target: Target | None, script_args: tuple[str, ...]) -> Finding | None:
    """The finding that a file inside a package was run by its path; None for any other exception."""
    if not isinstance(error, ImportError) or "with no known parent package" not in str(error):
        return None
    if target is None or target.file is None or target.is_notebook or failing_file(error) != target.file:
        return None
    arguments = f" -- {shlex.join(script_args)}" if script_args else ""
    return SCRIPT_FAILED.found(
        title="the script is a part of a package and was run by its path, so its relative imports fail",
        evidence=own_traceback(error),
        location=own_place(error),
        remedy="Run it as a module of its package, with any other options as they were: "
        + run_as_module(Path(target.file), arguments),
    )


def _needs_ipython(error: BaseException, target: Target | None) -> Finding | None:
    """The finding that a notebook imports IPython, which is not installed; None for any other exception."""
    if not (isinstance(error, ModuleNotFoundError) and error.name == "IPython" and target and target.is_notebook):
        return None
    return SCRIPT_FAILED.found(
        title="the notebook imports IPython, which is not installed beside sweeper",
        evidence=own_traceback(error),
        location=own_place(error),
        remedy="Install it: pip install 'sweeper[notebook]'",
    )


def unusable_target(error: BaseException) -> Finding:
    """The finding that the target is not of a form that sweeper knows."""
    return SCRIPT_FAILED.found(
        title="the target cannot be used as it is",
        evidence=str(error),
        remedy="See the forms of a target in docs/commands.md.",
    )


def unsuited_engine(reason: str, place: str) -> Finding:
    """The finding that the engine that was asked for cannot train this job."""
    return ENGINE_UNSUITED.found(
        evidence=reason,
        location=place,
        remedy="Leave --engine out: auto uses the fastest one that trains as fit does.",
    )


def no_fit(*, wanted: str | None, reached: int) -> Finding:
    """The finding that the script ended without reaching the (chosen) fit call."""
    if wanted is None or reached == 0:
        return NO_FIT.found(
            evidence="It ran to its end. In its own process no Keras model's fit was called, and no optimizer of Keras "
            "made an update.",
            remedy="Name the script that trains, or give the arguments after -- with which it does. Where it starts "
            "processes (multiprocessing) that train, let it call the function that trains directly. Where it trains "
            f"without Keras's optimizers: {_BY_COMMAND[0].lower()}{_BY_COMMAND[1:]}",
        )
    return NO_FIT.found(
        title=f"the script ended without reaching fit call {wanted}",
        evidence=f"It reached {reached} fit call(s).",
        remedy="List them with: sweeper fits SCRIPT",
    )


def fit_elsewhere(place: str) -> Finding:
    """The finding that fit is called in a process that the script starts, where it is not taken over."""
    return NO_FIT.found(
        title="fit is called in another process, which the script starts",
        evidence=f"{place or 'A function'} calls fit in a process that multiprocessing has forked from the script's. "
        "sweeper takes over fit in the script's own process only.",
        location=place,
        remedy="Call the function that trains directly, without Process or Pool; or let sweeper call one that returns "
        "(model, x, y): sweeper probe FILE.py:FUNCTION",
    )


def few_updates(times: int) -> Finding:
    """The finding that the script made a few updates outside of fit, and ended."""
    return NO_FIT.found(
        title="the script ended after a few updates, and never called fit",
        evidence=f"Gradients were applied {plural(times, 'time')}, by an optimizer of Keras, before the script ended: "
        "too few to tell how a training goes.",
        remedy="Name the script that trains, or give the arguments after -- with which it trains for longer.",
    )


def own_loop(place: str, verb: str) -> Finding:
    """The finding that a verb or option needs a fit call, and the script trains in a loop of its own."""
    return OWN_LOOP.found(
        evidence=f"Gradients are applied at {place}, outside of fit. {verb} works on calls of fit only.",
        location=place,
        remedy="sweeper probe and sweeper lr, without --fit, probe this loop as it is. A call of fit that comes later "
        "in the script is named with --fit 1.",
    )


def loop_out_of_sight(place: str) -> Finding:
    """The finding that the script trains in a loop of its own on a backend whose loops cannot be held."""
    import keras

    backend = keras.backend.backend()
    return OWN_LOOP.found(
        title=f"the script trains in a loop of its own, on the {backend} backend",
        evidence=f"An optimizer of Keras is applied at {place}, outside of fit. On {backend} neither the loss nor the "
        "weights of such a loop can be seen from outside; loops on the TensorFlow backend can be probed as they are.",
        location=place,
        remedy=f"{_BY_COMMAND} Where a call of fit comes later in the script, say so with --fit 1.",
    )


def several_replicas(error: Exception, place: str) -> Finding:
    """The finding that a loop of the script's own trains on several replicas at once."""
    return OWN_LOOP.found(
        title="the script trains in a loop of its own, on several replicas at once",
        evidence=f"{error}{f', at {place}' if place else ''}. Loops on one replica can be probed, and "
        "calls of fit on several.",
        location=place,
        remedy=f"Run it on one device with the same batch, which changes little about its rates. {_BY_COMMAND}",
    )


_BY_COMMAND = (
    "Let the script take the rate as an argument, report its loss with sweeper.report(loss=loss), and probe it by its "
    'command: sweeper probe --command "python train.py --lr {learning_rate}".'
)


def loss_unseen(error: NoLoss, place: str) -> Finding:
    """The finding that a loop makes updates, and no loss can be seen that their gradients are taken of."""
    return LOSS_UNSEEN.found(
        title="a loop of the script's own makes updates, and their loss cannot be seen",
        evidence=f"{error}: no gradient was taken with a GradientTape before them.",
        location=place,
        remedy=_BY_COMMAND,
    )


def loop_not_probed(error: BaseException, place: str) -> Finding:
    """The finding that something raised while a loop of the script's own was taken over."""
    return NOT_PROBED.found(
        title=f"the script's own loop cannot be probed: {headline(error)}",
        evidence=own_traceback(error),
        location=place,
        remedy=f"Run the script by itself. If it trains, please report this as a fault of sweeper. {_BY_COMMAND}",
    )


def no_loss(error: NoLoss, at: CallSite) -> Finding:
    """The finding that the training returns no loss, and none can be seen that its gradients are taken of."""
    return LOSS_UNSEEN.found(
        evidence=f"The train_step was run: {error}, and no GradientTape.gradient of a loss was seen in it.",
        location=at.place,
        remedy="Nothing need be wrong with the script, but sweeper has no number to judge a training by. Add the loss "
        'to what train_step returns: return {"loss": loss, ...}.',
    )


def fit_refused(error: BaseException, call: Call, interception: Interception) -> tuple[Finding, ...]:
    """The findings about a fit call that raised on the script's own data and model; the likeliest cause first."""
    findings = checks_in_worker().why_fit_raised(error, call, interception)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings
    return (_refused(error, call.at), *findings)


def not_probed(error: BaseException, at: CallSite, own: OwnTraining) -> Finding:
    """The finding that a probe raised where the script's own fit trains, or could not be tried any more."""
    if own.needs_callbacks:
        cause = (
            "The script's fit trains with its callbacks and fails without them. Probes call them up to the first step."
        )
        remedy = "Make in the model, or before fit, what a callback makes or sets there now."
    elif own.works:
        cause = f"The script's own fit was run by itself and trained {own.steps} steps: nothing is wrong with it."
        remedy = "Please report this, with the lines above, as a fault of sweeper."
    else:
        cause = "Whether the script's own fit trains could not be tried any more: its data or weights are used up."
        remedy = "Run the script by itself. If it trains, please report this, with the lines above."
    return NOT_PROBED.found(
        title=f"{NOT_PROBED.title}: {headline(error)}",
        evidence=f"{cause}\n{own_traceback(error, at=at)}",
        location=own_place(error) or at.place,
        remedy=remedy,
    )


def _refused(error: BaseException, at: CallSite) -> Finding:
    return FIT_FAILS.found(
        title=f"{FIT_FAILS.title}: {headline(error)}",
        evidence=own_traceback(error, at=at),
        location=own_place(error) or at.place,
        remedy="No learning rate can fix this: the model, the data or the compile settings do not fit together.",
    )


def legacy_keras() -> Finding:
    """The finding that the script uses Keras 2."""
    return LEGACY_KERAS.found(
        title="the script uses Keras 2 (tf_keras), which sweeper does not support",
        evidence="The package tf_keras was imported, by the script or because TF_USE_LEGACY_KERAS is set.",
        remedy="Unset TF_USE_LEGACY_KERAS, or import keras instead of tf_keras.",
    )


def script_left(status: object) -> Finding:
    """The finding that the script called sys.exit before it reached the fit call."""
    return SCRIPT_LEFT.found(
        title=f"the script ended itself before it reached fit (exit status {status if isinstance(status, int) else 1})",
        evidence=f"It called sys.exit with {status!r}.",
        remedy="Do what it says. Its own arguments stand behind --, as in: sweeper probe train.py -- --data cifar10",
    )


def uncontrollable(error: UncontrollableOptimizer, place: str) -> Finding:
    """The finding that the optimizer cannot be found or set, or that the training sets its rate itself."""
    if isinstance(error, OverriddenRate):
        place, remedy = error.place or place, _GIVE_THE_RATE
    else:
        remedy = "Let the train_step apply its gradients with an optimizer of keras.optimizers."
    return RATE_NOT_CONTROLLED.found(
        evidence=str(error),
        location=place,
        remedy=remedy,
    )


def samples_not_kept(error: BaseException) -> Finding:
    """The finding that the run directory has no room for the samples."""
    return SAMPLES_NOT_KEPT.found(
        evidence=str(error),
        remedy="Free some space, choose another --out, or take fewer samples with --max-sample-bytes.",
    )
