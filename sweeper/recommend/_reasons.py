"""Why a row has the safe range that it has, or none, in words that name the next step."""

import math
from dataclasses import dataclass

from sweeper.probe import OutcomeKind
from sweeper.ranges import SafeRange
from sweeper.recommend._cells import Column
from sweeper.recommend._edges import how_it_fails
from sweeper.recommend._layout import Layout, best_column, margin
from sweeper.recommend._thresholds import Thresholds
from sweeper.text import number_text, rate_text
from sweeper.verdict import Label

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
    """How the safe range was found, or why there is none; the arguments are those of `safe_range`."""
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
        sentences.append(f"The lowest loss, at {rate_text(best.cell.learning_rate)}, lies beyond the safe end.")
    return sentences


def _end(layout: Layout, safe: SafeRange, end: _End, thresholds: Thresholds) -> str:
    """What sets the upper end of the range."""
    failing = layout.failing
    fails = "" if failing is None else f"{rate_text(failing.cell.learning_rate)} {how_it_fails(layout)}"
    steady = layout.steady[-1].cell.learning_rate
    if failing is not None and safe.high < steady:
        if safe.high == end.risky:
            return f"{fails}, and above {rate_text(safe.high)} the chance of that is {thresholds.risk:.0%} or more."
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
        return (
            "At every rate that trains the loss first jumps above its start. Lower rates, a warm-up or clipped "
            "gradients may help."
        )
    if layout.block:
        assert layout.failing_rate is not None
        return (
            f"Rates train only within {near:.2g} decades of {rate_text(layout.failing_rate)}, which "
            f"{how_it_fails(layout)}. Probe rates below {rate_text(layout.block[0].cell.learning_rate)} more closely."
        )
    return _all_stall_or_unclear(layout) if layout.failing is None else _none_below_failing(layout, layout.failing)


def _none_below_failing(layout: Layout, failing: Column) -> str:
    if failing.data_fault:
        return "The loss is not finite even without any update: the data or the model are at fault, not the rate."
    if _breaks_everywhere(layout):
        first, last = (rate_text(layout.judged[at].cell.learning_rate) for at in (0, -1))
        return (
            f"At every rate judged, {first} to {last}, an update makes weights NaN while the loss is still finite and "
            "has not risen: the rate is not the cause. The findings, or sweeper diagnose, say more."
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


def _breaks_everywhere(layout: Layout) -> bool:
    """Whether weights become NaN at rates so far apart that none of them can be the cause."""
    rates = [column.cell.learning_rate for column in layout.judged]
    return all(column.broken for column in layout.judged) and math.log10(max(rates) / min(rates)) >= BROKEN_DECADES


def _all_stall_or_unclear(layout: Layout) -> str:
    if all(column.cell.label is Label.STALLED for column in layout.judged):
        highest = rate_text(layout.judged[-1].cell.learning_rate)
        return f"Every rate up to {highest} stalls. Extend --lr upwards or probe for longer (--steps)."
    return "No rate was seen to train, and some could not be judged. Probe for longer (--steps) or with more --seeds."


def _without_curve(layout: Layout) -> tuple[str, ...]:
    rates: dict[OutcomeKind, list[str]] = {}
    for column in layout.columns:
        if column.cell.failed is not None:
            rates.setdefault(column.cell.failed, []).append(rate_text(column.cell.learning_rate))
    return tuple(f"The probes at {', '.join(at)} {ENDED[kind]}." for kind, at in rates.items())
