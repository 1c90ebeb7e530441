"""Lines to copy from a report into a training script."""

import json
from collections.abc import Mapping
from typing import Any

from sweeper.optimizers import known_optimizer
from sweeper.report._headline import probes_done
from sweeper.report._memory_words import batch_line
from sweeper.space import SCRIPT

_SEVERAL = " + "
"""Joins the names of the optimizers of a script that has more than one."""


def keras_snippet(results: Mapping[str, Any]) -> str:
    """The recommended setting as lines of a Keras script; empty when there is none that a few lines can say."""
    advice = results["recommendation"]
    if advice is None or advice["optimizer"] is None:
        size = _size_alone(results)
        return "" if size is None else batch_line(results["memory"], size)
    optimizer = _optimizer_line(results, advice["optimizer"], f"{advice['learning_rate']:.6g}")
    if not optimizer:
        return ""
    return f"{optimizer}\nmodel.fit(..., batch_size={advice['batch_size']})"


def json_snippet(results: Mapping[str, Any]) -> str:
    """The recommended setting as JSON; empty when there is none."""
    advice = results["recommendation"]
    if advice is None or advice["optimizer"] is None:
        size = _size_alone(results)
        return "" if size is None else json.dumps({"batch_size": size})
    setting = {name: advice[name] for name in ("optimizer", "learning_rate", "batch_size", "safe_learning_rate")}
    return json.dumps(setting, allow_nan=False)


def _size_alone(results: Mapping[str, Any]) -> int | None:
    """The batch size when that is all that can be recommended, because no learning rate was tried."""
    memory = results["memory"]
    if memory is None or memory["batch_size_fixed"] or probes_done(results):
        return None
    size: int | None = memory["recommended"]
    return size


def _optimizer_line(results: Mapping[str, Any], label: str, rate: str) -> str:
    choice = next((c for c in (results["space"] or {"optimizers": []})["optimizers"] if c["label"] == label), None)
    if choice is None:
        return ""
    if choice["name"] == SCRIPT:
        return _script_line(results["target"]["job"], rate)
    known = known_optimizer(choice["name"])
    if known is None:
        return ""
    settings = dict(known.preset) | choice["options"]
    arguments = "".join(f", {name}={value!r}" for name, value in settings.items())
    return f"optimizer = keras.optimizers.{known.keras_class}(learning_rate={rate}{arguments})"


def _script_line(job: Mapping[str, Any] | None, rate: str) -> str:
    if job is None or _SEVERAL in job["optimizer"]["name"]:
        return ""
    schedule = job["optimizer"]["schedule"]
    note = f"as the peak of your {schedule}; other settings as they are" if schedule else "other settings as they are"
    return f"# {note}\noptimizer = {job['optimizer']['name']}(learning_rate={rate}, ...)"
