"""Inconclusive: curves that are too short or too noisy for a verdict."""

import math

from sweeper.classify._case import Case
from sweeper.classify._diverged import rise_and_limit, unstable
from sweeper.classify._signals import Signals, fall, still_falls
from sweeper.verdict import Evidence


def too_few_steps(case: Case) -> Evidence | None:
    """Fires when a curve is too short to measure its level and noise."""
    least = case.thresholds.least_steps
    if case.curve.steps >= least:
        return None
    return Evidence(
        code="too_few_steps",
        measured=float(case.curve.steps),
        threshold=float(least),
        step=case.curve.steps,
        sentence=f"The curve has {case.curve.steps} steps; at least {least} are needed. Probe for longer (--steps).",
    )


def slightly_above_start(case: Case) -> Evidence | None:
    """Fires on a beginning that lies only a little above the initial level."""
    signals = case.signals
    if signals is None or not case.is_beginning:
        return None
    rise, limit = rise_and_limit(case, signals)
    if rise is None or not signals.least_rise < rise <= limit:
        return None
    return Evidence(
        code="slightly_above_start",
        measured=rise,
        threshold=limit,
        step=case.curve.steps,
        sentence=f"After {case.curve.steps} of {case.context.planned_steps} steps the loss is {rise:.3g} above "
        f"its initial level of {signals.start:.4g}; hardly half of the curves that are no higher stay there.",
    )


def shaken(case: Case) -> Evidence | None:
    """Fires when the loss jumped, still falls, and has gained too little to say that it learns."""
    signals, jump = case.signals, unstable(case)
    if signals is None or jump is None:
        return None
    limit = case.thresholds.spike * abs(signals.start)
    if -signals.end >= limit or not still_falls(signals, case.thresholds):
        return None
    return Evidence(
        code="shaken",
        measured=-signals.end,
        threshold=limit,
        step=jump.step,
        sentence=f"The loss jumped by {jump.measured:.3g} at step {jump.step} and still comes down; it ends "
        f"{signals.end:+.2g} from its initial level of {signals.start:.4g}. Probe for longer (--steps).",
    )


def validation_disagrees(case: Case) -> Evidence | None:
    """Fires when the training loss jumped and came back, but the validation loss did not."""
    losses, jump = case.curve.val_loss, unstable(case)
    if jump is None or len(losses) < 2 or not math.isfinite(losses[0]):  # noqa: PLR2004
        return None
    limit = losses[0] + case.thresholds.spike * abs(losses[0])
    if losses[-1] <= limit:
        return None
    return Evidence(
        code="validation_disagrees",
        measured=losses[-1],
        threshold=limit,
        step=case.curve.val_steps[-1],
        sentence=f"The training loss jumped by {jump.measured:.3g} at step {jump.step} and came back, but the "
        f"validation loss ends at {losses[-1]:.4g}, above its first {losses[0]:.4g}.",
    )


def just_starting(case: Case) -> Evidence | None:
    """Fires when the loss has hardly fallen yet, but will make progress if it goes on as it does.

    A whole curve must make its fall in as many steps again, at the pace of its last quarter; a beginning until its
    plan is done, at its pace so far and slower and slower.
    """
    signals = case.signals
    if signals is None or -signals.end >= signals.least_fall:
        return None
    return _begins_to_fall(case, signals) if case.is_beginning else _falls_at_last(case, signals)


def _begins_to_fall(case: Case, signals: Signals) -> Evidence | None:
    if -signals.outlook < signals.least_fall or signals.outlook_error > signals.least_fall:
        return None
    return Evidence(
        code="just_starting",
        measured=-signals.outlook,
        threshold=signals.least_fall,
        step=case.curve.steps,
        sentence=f"The loss has changed by only {signals.end:+.2g}; if it goes on like this, it will have changed by "
        f"{signals.outlook:+.2g} after {case.context.planned_steps} steps. Wait for them.",
    )


def _falls_at_last(case: Case, signals: Signals) -> Evidence | None:
    if not still_falls(signals, case.thresholds):
        return None
    return Evidence(
        code="just_starting",
        measured=signals.pace,
        threshold=case.thresholds.pace * signals.least_fall,
        step=case.curve.steps,
        sentence=f"The loss has changed by only {signals.end:+.2g}, but by {-signals.pace:+.2g} in the last quarter of "
        "the steps alone. Probe for longer (--steps).",
    )


def noisy(case: Case) -> Evidence | None:
    """Fires when noise hides whether there is progress."""
    signals = case.signals
    if signals is None:
        return None
    seen = fall(signals, case.thresholds)
    return Evidence(
        code="noise_hides_progress",
        measured=seen.size,
        threshold=seen.doubt,
        step=case.curve.steps,
        sentence=f"The loss changed by {-seen.size:+.2g}, but that is known only to within {seen.doubt:.2g}. Probe for "
        "longer (--steps), with more seeds or a larger batch.",
    )
