"""Lines to copy from a report into a training script."""

import json
from collections.abc import Mapping

from sweeper.optimizers import CLIP_SETTINGS, known_optimizer
from sweeper.report._headline import probes_done
from sweeper.report._memory_words import batch_line
from sweeper.results import Job, Optimizer, Results
from sweeper.space import SCRIPT

_SEVERAL = " + "
"""Joins the names of the optimizers of a script that has more than one."""
_SETTING = {"optimizer", "learning_rate", "batch_size", "trains_well_learning_rate", "stable_learning_rate"}


def keras_snippet(results: Results) -> str:
    """The recommended setting as lines of a Keras script; empty when there is none that a few lines can say."""
    setting = None if results.recommendation is None else results.recommendation.setting
    if setting is None:
        size = _size_alone(results)
        return "" if size is None or results.memory is None else batch_line(results.memory.data, size)
    label, rate, batch_size = setting
    optimizer = _optimizer_line(results, label, f"{rate:.6g}")
    return f"{optimizer}\nmodel.fit(..., batch_size={batch_size})" if optimizer else ""


def json_snippet(results: Results) -> str:
    """The recommended setting as JSON; empty when there is none."""
    advice = results.recommendation
    if advice is None or advice.setting is None:
        size = _size_alone(results)
        return "" if size is None else json.dumps({"batch_size": size})
    return json.dumps(advice.model_dump(mode="json", include=_SETTING), allow_nan=False)


def _size_alone(results: Results) -> int | None:
    """The batch size when that is all that can be recommended, because no learning rate was tried."""
    memory = results.memory
    return None if memory is None or memory.batch_size_fixed or probes_done(results) else memory.recommended


def _optimizer_line(results: Results, label: str, rate: str) -> str:
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
    if job is None or _SEVERAL in job.optimizer.name:
        return ""
    own, steps, asked = job.optimizer, choice.warmup_steps, choice.options
    head, value = ("", rate) if own.schedule else _rate_lines(rate, steps)
    notes = []
    if own.schedule:
        notes.append(f"{f'after a warm-up of {steps} steps, ' if steps else ''}as the peak of your {own.schedule}")
    replaced = [name for name in CLIP_SETTINGS if asked and name not in asked and own.settings.get(name)]
    notes.append(f"other settings as they are{f', but without {replaced[0]}' if replaced else ''}")
    optimizer = f"optimizer = {own.name}(learning_rate={value}{_arguments(asked)}, ...)"
    return f"# {'; '.join(notes)}\n{head}{optimizer}"


def _arguments(settings: Mapping[str, object]) -> str:
    return "".join(f", {name}={value!r}" for name, value in settings.items())


def _rate_lines(rate: str, warmup_steps: int) -> tuple[str, str]:
    """The lines that make the rate of a Keras optimizer, and its name there."""
    if warmup_steps <= 1:
        return "", rate
    schedule = f"PolynomialDecay({rate} / {warmup_steps}, {warmup_steps - 1}, end_learning_rate={rate})"
    return f"rate = keras.optimizers.schedules.{schedule}  # a warm-up, then {rate}\n", "rate"
