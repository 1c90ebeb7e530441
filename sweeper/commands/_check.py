"""What can be said of a command before it runs: its placeholders, and settings that only a script of Keras can have."""

import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from sweeper.commands._template import BATCH_SIZE, OPTIMIZER, RATE, Command, parse_path, parse_template
from sweeper.errors import UsageError
from sweeper.settings import Settings
from sweeper.space import SCRIPT

_OF_KERAS = {
    "script_args": "arguments behind --: write them into the command",
    "fit": "--fit",
    "data": "--data",
    "earlier_fits": "--earlier-fits",
    "engine": "--engine",
    "backend": "--backend",
    "precision": "--precision",
    "max_sample_bytes": "--max-sample-bytes",
    "overfit": "--overfit",
    "warmup": "--warmup",
    "clipnorm": "--clipnorm",
    "compare_precision": "--compare-precision",
    "memory_only": "--memory-only",
}
"""Settings that reach into a script of Keras, by field."""


def checked_command(settings: Settings) -> Command | None:
    """The command of a run; None where it has a target instead.

    Raises `UsageError` for what cannot be: both or neither, a wrong placeholder, a program that is not there, an axis
    without values, a setting that needs a script of Keras.
    """
    if settings.command is None:
        _check_without_command(settings)
        return None
    if settings.target:
        raise UsageError(
            f"--command and the target {settings.target!r} are two things to train; keep one. A script of Keras is a "
            "target; anything else that trains is a command"
        )
    template = parse_template(settings.command)
    command = Command(
        text=settings.command,
        template=template,
        curve=None if settings.curve is None else parse_path(settings.curve, option="--curve"),
        column=settings.column,
    )
    for problem in _problems(settings, command):
        raise UsageError(problem)
    return command


def _check_without_command(settings: Settings) -> None:
    if not settings.target:
        raise UsageError("nothing to train: name a script (sweeper probe train.py) or give a --command")
    if settings.curve is not None or settings.column is not None:
        option = "--curve" if settings.curve is not None else "--column"
        raise UsageError(f"{option} says where a --command writes its curve; of a script of Keras it is seen directly")


def _problems(settings: Settings, command: Command) -> Iterator[str]:
    """What is wrong, the most important first."""
    program = command.template.words[0]
    if shutil.which(program) is None:
        yield f"--command: there is no program {program!r} on the PATH or in {Path.cwd()}"
    if not command.varies(RATE):
        yield (
            f"--command: {{{RATE}}} is missing, so every probe would train alike. Put it where the program takes its "
            f"rate: {program} ... --lr {{{RATE}}}"
        )
    if command.column is not None and command.curve is None:
        yield "--column names the loss in a file; give the file with --curve"
    if settings.searches_memory:
        yield (
            "the search for a batch size runs the fit of a Keras script; with --command list the sizes to try: "
            "--batch-size 16,32,64"
        )
    yield from _axis_problems(settings, command)
    if settings.length.epochs is not None:
        yield "--epochs needs the number of samples, which a command does not tell; give the length in --steps"
    default = {field.name: field.default for field in fields(Settings)}
    for name, option in _OF_KERAS.items():
        if getattr(settings, name) != default[name]:
            yield f"--command cannot be combined with {option}. It reaches into a Keras script; leave it out"


def _axis_problems(settings: Settings, command: Command) -> Iterator[str]:
    sizes = settings.batch_sizes if isinstance(settings.batch_sizes, tuple) else ()
    numbers = [size for size in sizes if isinstance(size, int)]
    if command.varies(BATCH_SIZE) and not (numbers and len(numbers) == len(sizes)):
        yield (
            f"--command has {{{BATCH_SIZE}}}, and no numbers to put there: list the sizes to try with `sweeper "
            "probe ... --batch-size 16,32,64`, or write one size into the command"
        )
    labels = [choice.label for choice in settings.optimizers or ()]
    if command.varies(OPTIMIZER) and labels in ([], [SCRIPT]):
        yield (
            f"--command has {{{OPTIMIZER}}}, and no names to put there: list what the program calls its optimizers "
            "with `sweeper probe ... --optimizer sgd,adam`, or write one name into the command"
        )
    if command.varies(OPTIMIZER) and SCRIPT in labels:
        yield f"--optimizer {SCRIPT}: a command has no optimizer of its own where it has {{{OPTIMIZER}}}; leave it out"
