"""How long a script's own training goes: its epochs and the steps in each."""

import math
from dataclasses import dataclass, replace
from typing import Any

ASSUMED_STEPS = 100
"""Steps in an epoch where their number is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The epochs of a fit call."""

    epochs: int = 1
    first: int = 0
    """The epoch that it begins with: `initial_epoch`, or where a resumed training goes on."""
    steps: int | None = None
    """Steps in an epoch; None where that is not known."""
    at_once: int = 1
    """Steps between two calls of a callback: `steps_per_execution`."""
    validates: bool = False
    every: Any = 1
    """Epochs between two validations, or a list of those after which there is one."""

    @property
    def total_steps(self) -> int | None:
        """Steps of the whole training; None where they are not known."""
        return self.steps * max(0, self.epochs - self.first) if self.steps else None

    @property
    def assumed_steps(self) -> int:
        """Steps in an epoch, a guess where they are not known."""
        return self.steps or ASSUMED_STEPS

    def validates_after(self, epoch: int) -> bool:
        """Whether there is a validation after an epoch, as Keras counts."""
        if not self.validates:
            return False
        return (epoch + 1) % self.every == 0 if isinstance(self.every, int) else epoch + 1 in (self.every or ())

    @property
    def validates_between(self) -> bool:
        """Whether an epoch follows on a validation."""
        return any(self.validates_after(epoch) for epoch in range(self.first, self.epochs - 1))

    def from_epoch(self, first: int) -> "Course":
        """The course of the same fit call when it is resumed at an epoch."""
        return replace(self, first=first)


def course_of(arguments: Any, available: int | None, batch_size: int, *, model: Any = None) -> Course:
    """The course of a fit call with these arguments, on `available` samples."""
    each = arguments["steps_per_epoch"] or (math.ceil(available / batch_size) if available else None)
    every = arguments["validation_freq"]
    return Course(
        epochs=1 if arguments["epochs"] is None else int(arguments["epochs"]),
        first=int(arguments["initial_epoch"] or 0),
        steps=int(each) if each else None,
        at_once=int(getattr(model, "steps_per_execution", 1) or 1),
        validates=arguments["validation_data"] is not None or bool(arguments["validation_split"]),
        every=1 if every is None else every,
    )
