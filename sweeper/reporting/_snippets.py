"""Code and JSON that a report offers for copying."""

import json
import re
from collections.abc import Mapping

from sweeper.job import COMMAND, Engine
from sweeper.optimizers import CLIP_SETTINGS, known_optimizer
from sweeper.reporting._headline import probes_done
from sweeper.results import Job, Optimizer, Results
from sweeper.space import SCRIPT

_NAME_SEPARATOR = " + "
"""Stands between the names of optimizers where the script has more than one."""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(?P<name>\w+)(?::(?P<format>[^{}]*))?\}")
"""A placeholder of a command, or a doubled brace, which stands for one."""
_JSON_FIELDS = {"optimizer", "learning_rate", "batch_size", "trains_well_learning_rate", "stable_learning_rate"}


def keras_snippet(results: Results) -> str:
    """The recommended setting as lines of a Keras script; empty without one, or where a few lines cannot express it."""
    setting = None if results.recommendation is None else results.recommendation.setting
    if setting is None:
        size = _size_alone(results)
        return "" if size is None or results.memory is None else batch_line(results.memory.data, size)
    label, rate, batch_size = setting
    if results.target.job is not None and results.target.job.model == COMMAND:
        return ""
    optimizer = _optimizer_line(results, label, f"{rate:.6g}")
    if results.environment.engine == Engine.LOOP.value:
        return optimizer  # the loop makes its batches itself
    return f"{optimizer}\nmodel.fit(..., batch_size={batch_size})" if optimizer else ""


def batch_line(data: str, batch_size: int) -> str:
    """A line of a Keras script that sets the batch size, for the kind of data that it trains on."""
    if data == "arrays":
        return f"model.fit(..., batch_size={batch_size})"
    if "tf.data" in data:
        return f"dataset = dataset.batch({batch_size})  # where your pipeline makes its batches"
    return f"# make the batches of your data {batch_size} samples large"


def json_snippet(results: Results) -> str:
    """The recommended setting as JSON; empty when there is none."""
    advice = results.recommendation
    if advice is None or advice.setting is None:
        size = _size_alone(results)
        return "" if size is None else json.dumps({"batch_size": size})
    return json.dumps(advice.model_dump(mode="json", include=_JSON_FIELDS), allow_nan=False)


def command_snippet(results: Results) -> str:
    """The command with the recommended setting in it; empty without one, and where a script of Keras trains."""
    job, advice = results.target.job, results.recommendation
    if job is None or job.model != COMMAND or advice is None or advice.setting is None:
        return ""
    label, rate, batch_size = advice.setting
    values = {"learning_rate": rate, "batch_size": batch_size, "optimizer": label, "seed": 0}

    def put(match: re.Match[str]) -> str:
        if match["name"] is None:
            return match[0][0]
        value = values.get(match["name"])
        return (
            match[0] if value is None else format(value, match["format"] or (".6g" if isinstance(value, float) else ""))
        )

    return _PLACEHOLDER.sub(put, job.fit_site)


def _size_alone(results: Results) -> int | None:
    """The recommended batch size where no learning rate was tried; None otherwise, and where it cannot be chosen."""
    memory = results.memory
    return None if memory is None or memory.batch_size_fixed or probes_done(results) else memory.recommended


def _optimizer_line(results: Results, label: str, rate: str) -> str:
    """The lines that create the optimizer with this label; empty for one that is not known."""
    choices = () if results.space is None else results.space.optimizers
    choice = next((choice for choice in choices if choice.label == label), None)
    if choice is None:
        return ""
    if choice.name == SCRIPT:
        return _script_line(results.target.job, choice, rate)
    known = known_optimizer(choice.name)
    if known is None:
        return ""
    arguments = _arguments({**dict(known.preset), **choice.options})
    head, value = _rate_lines(rate, choice.warmup_steps)
    return f"{head}optimizer = keras.optimizers.{known.keras_class}(learning_rate={value}{arguments})"


def _script_line(job: Job | None, choice: Optimizer, rate: str) -> str:
    """The lines that create the script's own optimizer, with a comment; empty where the script has several."""
    if job is None or _NAME_SEPARATOR in job.optimizer.name:
        return ""
    own, steps, options = job.optimizer, choice.warmup_steps, choice.options
    head, value = ("", rate) if own.schedule else _rate_lines(rate, steps)
    notes = []
    if own.schedule:
        notes.append(f"{f'after a warm-up of {steps} steps, ' if steps else ''}as the peak of your {own.schedule}")
    replaced = [name for name in CLIP_SETTINGS if options and name not in options and own.settings.get(name)]
    notes.append(f"other settings as they are{f', but without {replaced[0]}' if replaced else ''}")
    optimizer = f"optimizer = {own.name}(learning_rate={value}{_arguments(options)}, ...)"
    return f"# {'; '.join(notes)}\n{head}{optimizer}"


def _arguments(settings: Mapping[str, object]) -> str:
    """Keyword arguments to append to other arguments of a call."""
    return "".join(f", {name}={value!r}" for name, value in settings.items())


def _rate_lines(rate: str, warmup_steps: int) -> tuple[str, str]:
    """The line that defines a warm-up schedule, and the expression to pass as `learning_rate`; no line without one."""
    if warmup_steps <= 1:
        return "", rate
    schedule = f"PolynomialDecay({rate} / {warmup_steps}, {warmup_steps - 1}, end_learning_rate={rate})"
    return f"rate = keras.optimizers.schedules.{schedule}  # a warm-up, then {rate}\n", "rate"
