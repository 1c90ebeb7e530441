"""Why a row has the stable range that it has, or none, in words that name the next step."""

import math
from dataclasses import dataclass

from sweeper.probe import OutcomeKind
from sweeper.ranges import SLOW, SafeRange
from sweeper.recommend._cells import Column
from sweeper.recommend._edges import how_it_fails
from sweeper.recommend._layout import Layout, best_column, margin
from sweeper.recommend._thresholds import Thresholds
from sweeper.text import number_text, rate_text
from sweeper.verdict import Label

NON_FINITE = frozenset({"non_finite_loss", "non_finite_weight", "non_finite_gradient"})
"""Codes of curves that ended in NaN or infinity."""
LEAST_DECADES = 2.0
"""Rates must span this much before it is said that all of them fail for another reason than the rate."""
SAME_STEP = 1.25
"""A rate is not the reason where the lowest one fails within this many times the steps of the others: a loss that a
high rate drives up grows faster the higher the rate, over two decades several times as fast."""
BROKEN_DECADES = 1.5
"""Decades of rates at all of which an update breaks the weights, from which on the rate is not the cause."""
ENDED = {
    OutcomeKind.COMPLETED: "ended without a curve",
    OutcomeKind.OOM: "ran out of memory",
    OutcomeKind.CRASHED: "crashed",
    OutcomeKind.TIMEOUT: "ran out of time",
    OutcomeKind.ERROR: "raised an error",
    OutcomeKind.CANCELLED: "were cancelled",
}


def reason(layout: Layout, safe: SafeRange | None, risky: float | None, length: float, thresholds: Thresholds) -> str:
    """How the stable range was found, or why there is none; the arguments are those of `safe_range`."""
    near = margin(length, thresholds)
    sentences = [_none(layout, near)] if safe is None else _found(layout, safe, _End(risky, length, near), thresholds)
    return " ".join((*sentences, *_without_curve(layout)))


@dataclass(frozen=True, slots=True)
class _End:
    """What can set the upper end of a range."""

    risky: float | None
    length: float
    margin: float

    @property
    def job(self) -> str:
        """The length of the job in words."""
        return f"a job {number_text(float(f'{self.length:.2g}'))} times as long as a probe"


def _found(layout: Layout, safe: SafeRange, end: _End, thresholds: Thresholds) -> list[str]:
    first, last = layout.block[0].cell.learning_rate, layout.block[-1].cell.learning_rate
    ends = rate_text(first), rate_text(last)
    sentences = [f"Rates from {ends[0]} to {ends[1]} train." if last > first else f"{ends[0]} trains."]
    sentences.append(_end(layout, safe, end, thresholds))
    overfit = sum(column.cell.label is Label.OVERFIT for column in layout.block)
    if overfit:
        sentences.append(f"Overfit: {overfit} of them, which is stable, but calls for fewer passes or more data.")
    best = best_column(layout.block)
    if best is not None and best.cell.learning_rate > safe.high:
        sentences.append(f"The lowest loss, at {rate_text(best.cell.learning_rate)}, lies beyond the stable end.")
    return sentences


def _end(layout: Layout, safe: SafeRange, end: _End, thresholds: Thresholds) -> str:
    """What sets the upper end of the range."""
    failing = layout.failing
    fails = "" if failing is None else f"{rate_text(failing.cell.learning_rate)} {how_it_fails(layout)}"
    steady = layout.steady[-1].cell.learning_rate
    if failing is not None and safe.high < steady:
        if safe.high == end.risky:
            return f"{fails}, and above {rate_text(safe.high)} the chance of that may be {thresholds.risk:.0%} or more."
        return f"{fails}, so the range ends {end.margin:.2g} decades below it, for {end.job}."
    if len(layout.steady) < len(layout.block):
        jumps = layout.block[len(layout.steady)].cell.learning_rate
        return f"From {rate_text(jumps)} on the loss first jumps above its start, so the range ends below." + (
            f" {fails}." if fails else ""
        )
    return f"{fails}." if fails else "No rate probed diverges: the edge lies above them."


def _none(layout: Layout, near: float) -> str:
    if not layout.judged:
        return "No probe of this row has a curve."
    if layout.block and not layout.steady:
        first = rate_text(layout.block[0].cell.learning_rate)
        return (
            f"From {first} on, where rates begin to train, the loss first jumps above its start. Lower rates, a "
            "warm-up or clipped gradients may help."
        )
    if layout.block:
        assert layout.failing_rate is not None
        return (
            f"Rates train only within {near:.2g} decades of {rate_text(layout.failing_rate)}, which "
            f"{how_it_fails(layout)}. Probe rates below {rate_text(layout.block[0].cell.learning_rate)} more closely."
        )
    return _all_stall_or_unclear(layout) if layout.failing is None else _none_below_failing(layout, layout.failing)


def fails_anyhow(layout: Layout) -> bool:
    """Whether every rate fails, and for another reason than its rate."""
    if layout.failing is None:
        return False
    faulty = not layout.block and layout.failing.data_fault
    return faulty or _breaks_everywhere(layout) or _step_whatever_the_rate(layout) is not None


def _none_below_failing(layout: Layout, failing: Column) -> str:
    if failing.data_fault:
        return "Even at learning rate 0 numbers are not finite: the data or the model are at fault, not the rate."
    if _breaks_everywhere(layout):
        first, last = (rate_text(layout.judged[at].cell.learning_rate) for at in (0, -1))
        return (
            f"At every rate judged, {first} to {last}, an update makes weights NaN while the loss is still finite and "
            "has not risen: the rate is not the cause. The findings, or sweeper diagnose, say more."
        )
    step = _step_whatever_the_rate(layout)
    if step is not None:
        return (
            f"At every rate the loss stops being a number, from {rate_text(layout.judged[0].cell.learning_rate)} on "
            f"and by step {step} already: the rate is hardly the reason. Look for a logarithm of or a division by zero "
            "in the loss, for columns of the data that never change, and at the optimizer's epsilon."
        )
    rate, how = rate_text(failing.cell.learning_rate), how_it_fails(layout)
    if failing is layout.judged[0]:
        return f"Even the lowest rate judged, {rate}, {how}. Extend --lr downwards."
    if layout.highest_stalled is None:
        return f"No rate below {rate}, which {how}, was seen to train. Probe for longer (--steps)."
    stalled = rate_text(layout.highest_stalled)
    return (
        f"Training stalls up to {stalled} and fails from {rate} on, with nothing that learns between. "
        f"Probe rates between them (--lr {stalled}:{rate}:log:7) or for longer (--steps)."
    )


def _step_whatever_the_rate(layout: Layout) -> int | None:
    """The step by which every rate ends not finite, where low rates do so as soon as high ones; else None."""
    first = [column.verdict.evidence[0] for column in layout.judged if column.verdict is not None]
    steps = [one.step for one in first if one.code in NON_FINITE and one.step is not None]
    rates = [column.cell.learning_rate for column in layout.judged]
    if len(steps) < len(rates) or math.log10(rates[-1] / rates[0]) < LEAST_DECADES:
        return None
    return max(steps) if steps[0] <= SAME_STEP * max(1, *steps[1:]) else None


def _breaks_everywhere(layout: Layout) -> bool:
    """Whether weights become NaN at rates so far apart that none of them can be the cause."""
    rates = [column.cell.learning_rate for column in layout.judged]
    return all(column.broken for column in layout.judged) and math.log10(max(rates) / min(rates)) >= BROKEN_DECADES


def _all_stall_or_unclear(layout: Layout) -> str:
    if all(column.cell.label is Label.STALLED for column in layout.judged):
        highest = rate_text(layout.judged[-1].cell.learning_rate)
        if not any(_may_be_slow(column) for column in layout.judged):
            return (
                f"No rate up to {highest} moves the loss, for a reason that need not be the rate. Look at model, data "
                "and loss with: sweeper diagnose."
            )
        return f"Every rate up to {highest} stalls. Extend --lr upwards or probe for longer (--steps)."
    return "No rate was seen to train, and some could not be judged. Probe for longer (--steps) or with more --seeds."


def _may_be_slow(column: Column) -> bool:
    return column.verdict is None or column.verdict.evidence[0].code in SLOW


def _without_curve(layout: Layout) -> tuple[str, ...]:
    rates: dict[OutcomeKind, list[str]] = {}
    for column in layout.columns:
        if column.cell.failed is not None:
            rates.setdefault(column.cell.failed, []).append(rate_text(column.cell.learning_rate))
    return tuple(f"The probes at {', '.join(at)} {ENDED[kind]}." for kind, at in rates.items())
