"""Diverged: losses, weights or gradients that are not finite.

A NaN does not always reach the loss: ReLU turns it into 0, and the loss looks merely stalled while weights are NaN.
"""

import math

from sweeper.classify._case import Case
from sweeper.verdict import DATA_FAULT, Evidence


def without_update(case: Case) -> Evidence | None:
    """Fires when the null curve is not finite either: then the learning rate is not the cause."""
    null = case.null
    if null is None:
        return None
    step = _first_bad(null.train_loss) or null.first_nonfinite_loss or null.first_nonfinite_weight
    if step is None:
        return None
    seen = "the loss" if _first_bad(null.train_loss) or null.first_nonfinite_loss else "a weight"
    return _evidence(
        DATA_FAULT,
        measured=_at(null.train_loss, step),
        step=step,
        sentence=f"At learning rate 0 {seen} is not finite at step {step}: the data or the model give it, "
        "not the learning rate.",
    )


def loss(case: Case) -> Evidence | None:
    """Fires at the first training loss that is NaN or infinite."""
    curve = case.curve
    step = _first_bad(curve.train_loss) or curve.first_nonfinite_loss
    if step is None:
        return None
    value = _at(curve.train_loss, step)
    return _evidence(
        "non_finite_loss", measured=value, step=step, sentence=f"The loss is {_word(value)} at step {step}."
    )


def weight(case: Case) -> Evidence | None:
    """Fires when a weight became NaN or infinite, even if the loss stayed finite."""
    step = case.curve.first_nonfinite_weight
    if step is None:
        return None
    return _evidence(
        "non_finite_weight",
        measured=math.nan,
        step=step,
        sentence=f"A weight is not finite after step {step}, though every loss is: the model hides it.",
    )


def gradient(case: Case) -> Evidence | None:
    """Fires when the last gradient is not finite; `overflow_passed` notes those that were not for a while."""
    norms = case.curve.gradient_norm
    if not norms or math.isfinite(norms[-1]):
        return None
    step = next(i for i in range(len(norms), 0, -1) if i == 1 or math.isfinite(norms[i - 2]))
    return _evidence(
        "non_finite_gradient",
        measured=norms[step - 1],
        step=step,
        sentence=f"The gradient is {_word(norms[step - 1])} from step {step} to the end.",
    )


def validation(case: Case) -> Evidence | None:
    """Fires when the last validation loss is not finite though the first one was."""
    losses = case.curve.val_loss
    if not losses or not math.isfinite(losses[0]) or math.isfinite(losses[-1]):
        return None
    step = case.curve.val_steps[(_first_bad(losses) or 1) - 1]
    return _evidence(
        "non_finite_validation",
        measured=losses[-1],
        step=step,
        sentence=f"The validation loss is {_word(losses[-1])} from step {step}, though the training loss is finite.",
    )


def overflow_passed(case: Case) -> Evidence | None:
    """Notes gradients that were not finite for a while, as mixed precision skips such steps on purpose."""
    norms = case.curve.gradient_norm
    bad = [step for step, norm in enumerate(norms, start=1) if not math.isfinite(norm)]
    if not bad:
        return None
    return Evidence(
        code="gradient_overflow",
        measured=float(len(bad)),
        threshold=0.0,
        step=bad[0],
        sentence=f"The gradient was not finite in {len(bad)} of {len(norms)} steps, first at step {bad[0]}, "
        "and became finite again.",
    )


def validation_fault(case: Case) -> Evidence | None:
    """Notes a validation loss that was not finite before any update."""
    losses = case.curve.val_loss
    if not losses or math.isfinite(losses[0]):
        return None
    return _evidence(
        "validation_not_finite_at_start",
        measured=losses[0],
        step=case.curve.val_steps[0],
        sentence=f"The validation loss is {_word(losses[0])} from its first measurement: look at the validation data.",
    )


def _first_bad(values: tuple[float, ...]) -> int | None:
    return next((step for step, value in enumerate(values, start=1) if not math.isfinite(value)), None)


def _at(values: tuple[float, ...], step: int) -> float:
    return values[step - 1] if step <= len(values) else math.nan


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "infinite"


def _evidence(code: str, *, measured: float, step: int, sentence: str) -> Evidence:
    return Evidence(code=code, measured=measured, threshold=math.inf, step=step, sentence=sentence)
