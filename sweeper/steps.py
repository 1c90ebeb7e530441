"""Tells sweeper the loss of each step, from a training loop that `sweeper probe --command` runs.

```python
import sweeper

for step in range(1000):
    loss = train_one_step()
    sweeper.report(loss=loss)
```

Each call writes one line to the file that an environment variable names. Without that variable it does nothing, so that
the call may stay in the program. Only the standard library is imported here.
"""

import json
import math
import operator
import os
from dataclasses import dataclass
from typing import Any

REPORTS_VARIABLE = "REPORTS_FOR_SWEEPER"
"""Environment variable with the path of the file that takes the reports of a probe; unset outside a probe."""


@dataclass(slots=True)
class _Reports:
    """The open file of the reports, and the number of the last step."""

    path: str | None = None
    file: int = -1
    step: int = 0


_reports = _Reports()


def report(*, loss: Any = None, val_loss: Any = None, step: Any = None) -> None:
    """Tells sweeper the training loss of a step, the validation loss after it, or both; outside a probe does nothing.

    Args:
        loss: The loss of the step's batch: a number, a NumPy scalar or a tensor with one value. NaN and infinity count.
        val_loss: The loss over the validation data after this step.
        step: The number of the step; without it, calls with a loss are counted from 1.

    Raises:
        TypeError: A value is no number, or neither loss was given.
    """
    path = os.environ.get(REPORTS_VARIABLE)
    if not path:
        return
    if loss is None and val_loss is None:
        raise TypeError(
            "sweeper.report(): loss and val_loss are both missing; give at least one, as in report(loss=0.3)"
        )
    row: dict[str, float] = {}
    if step is not None:
        _reports.step = _whole(step)
    elif loss is not None:
        _reports.step += 1
    row["step"] = _reports.step
    if loss is not None:
        row["loss"] = _number("loss", loss)
    if val_loss is not None:
        row["val_loss"] = _number("val_loss", val_loss)
    # One write of one line at the end of the file: lines of a forked child do not mix with those of its parent.
    os.write(_opened(path), json.dumps(row).encode() + b"\n")


def _opened(path: str) -> int:
    if _reports.path != path:
        _reports.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        _reports.path = path
    return _reports.file


def _number(name: str, value: Any) -> float:
    """The number in a value; raises `TypeError` where there is none."""
    try:
        return _plain_number(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"sweeper.report(): {name} = {value!r} of type {type(value).__name__} is no single number. Allowed are "
            "numbers, NumPy scalars and tensors with one value; of a batch of losses give the mean"
        ) from error


def _plain_number(value: Any) -> float:
    if isinstance(value, bool | str | bytes | complex):
        raise TypeError(value)
    if not isinstance(value, int | float) and hasattr(value, "item"):
        value = value.item()
        if isinstance(value, bool | str | bytes | complex):
            raise TypeError(value)
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _whole(value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError(value)  # noqa: TRY301  becomes the same error as any other wrong value
        return operator.index(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"sweeper.report(): step = {value!r} must be a whole number, or be left out") from error
