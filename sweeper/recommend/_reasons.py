"""Why a row has its stable range or none, in sentences that name the next step."""

import math
from dataclasses import dataclass

from sweeper.probes import OutcomeKind
from sweeper.ranges import SLOW, SafeRange
from sweeper.recommend._edges import how_it_fails
from sweeper.recommend._stable import margin, steady
from sweeper.recommend._thresholds import RangeThresholds
from sweeper.rows import JudgedCell, JudgedRow
from sweeper.text import number_text, rate_text
from sweeper.verdict import Judged, Label

NON_FINITE = frozenset({"non_finite_loss", "non_finite_weight", "non_finite_gradient"})
"""Codes of verdicts on curves that ended in NaN or infinity."""
LEAST_DECADES = 2.0
"""Decades that rates must span before all of them are said to fail for another reason than the rate."""
SAME_STEP = 1.25
"""Where the lowest rate fails within this many times the steps of the others, the rate is not the reason: a loss that a
high rate drives up grows faster the higher the rate, over two decades several times as fast."""
BROKEN_DECADES = 1.5
"""Where an update breaks the weights at all rates over this many decades, the rate is not the cause."""
ENDED = {
    OutcomeKind.COMPLETED: "ended without a curve",
    OutcomeKind.OOM: "ran out of memory",
    OutcomeKind.CRASHED: "crashed",
    OutcomeKind.TIMEOUT: "ran out of time",
    OutcomeKind.ERROR: "raised an error",
    OutcomeKind.CANCELLED: "were cancelled",
}


def reason(
    row: JudgedRow,
    safe: SafeRange | None,
    risky: float | None,
    length: float,
    thresholds: RangeThresholds,
    *,
    fastest: float | None,
) -> str:
    """Sentences on how the stable range of a row was found, or why there is none.

    The arguments are those of `safe_range`, the range that it returned, and the rate with the lowest loss.
    """
    near = margin(length, thresholds)
    if safe is None:
        sentences = [_none(row, near)]
    else:
        sentences = _found(row, safe, _End(risky, length, near), thresholds)
        if fastest is not None and fastest > safe.high:
            sentences.append(f"The lowest loss, at {rate_text(fastest)}, lies above the stable range.")
    return " ".join((*sentences, *_without_curve(row)))


@dataclass(frozen=True, slots=True)
class _End:
    """What may decide where a stable range ends."""

    risky: float | None
    length: float
    margin: float

    @property
    def job(self) -> str:
        """The length of the job in words."""
        return f"a job {number_text(float(f'{self.length:.2g}'))} times as long as a probe"


def _found(row: JudgedRow, safe: SafeRange, end: _End, thresholds: RangeThresholds) -> list[str]:
    first, last = row.block[0].learning_rate, row.block[-1].learning_rate
    ends = rate_text(first), rate_text(last)
    sentences = [f"Rates from {ends[0]} to {ends[1]} train." if last > first else f"{ends[0]} trains."]
    sentences.append(_end(row, safe, end, thresholds))
    overfit = sum(cell.label is Label.OVERFIT for cell in row.block)
    if overfit:
        sentences.append(f"Overfit: {overfit} of them, which is stable, but calls for fewer passes or more data.")
    return sentences


def _end(row: JudgedRow, safe: SafeRange, end: _End, thresholds: RangeThresholds) -> str:
    """A sentence on what decided where the stable range ends."""
    fails = "" if row.failing is None else f"{rate_text(row.failing.learning_rate)} {how_it_fails(row)}"
    stable = steady(row)
    if row.failing is not None and safe.high < stable[-1].learning_rate:
        if safe.high == end.risky:
            return f"{fails}, and above {rate_text(safe.high)} the chance of that may be {thresholds.risk:.0%} or more."
        return f"{fails}, so the range ends {end.margin:.2g} decades below it, for {end.job}."
    if len(stable) < len(row.block):
        jumps = row.block[len(stable)].learning_rate
        return f"From {rate_text(jumps)} on the loss first jumps above its start, so the range ends below." + (
            f" {fails}." if fails else ""
        )
    return f"{fails}." if fails else "No rate probed diverges: the edge lies above them."


def _none(row: JudgedRow, near: float) -> str:
    if not row.judged:
        return "No probe of this row has a curve."
    if row.data_fault:
        return "Even at learning rate 0 numbers are not finite: the data or the model are at fault, not the rate."
    if row.block and not steady(row):
        first = rate_text(row.block[0].learning_rate)
        return (
            f"From {first} on, where rates begin to train, the loss first jumps above its start. Lower rates, a "
            "warm-up or clipped gradients may help."
        )
    if row.block:
        assert row.failing is not None
        return (
            f"Rates train only within {near:.2g} decades of {rate_text(row.failing.learning_rate)}, which "
            f"{how_it_fails(row)}. Probe rates below {rate_text(row.block[0].learning_rate)} more closely."
        )
    return _all_stall_or_unclear(row) if row.failing is None else _none_below_failing(row, row.failing)


def fails_anyhow(row: JudgedRow) -> bool:
    """Whether every rate of a row fails, and for another reason than the rate."""
    if row.failing is None:
        return False
    return row.data_fault or _breaks_everywhere(row) or _step_whatever_the_rate(row) is not None


def _none_below_failing(row: JudgedRow, failing: JudgedCell) -> str:
    if _breaks_everywhere(row):
        first, last = (rate_text(row.judged[at].learning_rate) for at in (0, -1))
        return (
            f"At every rate judged, {first} to {last}, an update makes weights NaN while the loss is still finite and "
            "has not risen: the rate is not the cause. The findings, or sweeper diagnose, say more."
        )
    step = _step_whatever_the_rate(row)
    if step is not None:
        return (
            f"At every rate the loss stops being a number, from {rate_text(row.judged[0].learning_rate)} on "
            f"and by step {step} already: the rate is hardly the reason. Look for a logarithm of or a division by zero "
            "in the loss, for columns of the data that never change, and at the optimizer's epsilon."
        )
    rate, how = rate_text(failing.learning_rate), how_it_fails(row)
    if not row.below:
        return f"Even the lowest rate judged, {rate}, {how}. Extend --lr downwards."
    if row.stalled is None:
        return f"No rate below {rate}, which {how}, was seen to train. Probe for longer (--steps)."
    stalled = rate_text(row.stalled.learning_rate)
    return (
        f"Training stalls up to {stalled} and fails from {rate} on, with nothing that learns between. "
        f"Probe rates between them (--lr {stalled}:{rate}:log:7) or for longer (--steps)."
    )


def _step_whatever_the_rate(row: JudgedRow) -> int | None:
    """The step by which the loss is not finite at every rate, where low rates fail as soon as high ones; else None."""
    first = [cell.verdict.evidence[0] for cell in row.judged if cell.verdict is not None]
    steps = [one.step for one in first if one.code in NON_FINITE and one.step is not None]
    rates = [cell.learning_rate for cell in row.judged]
    if len(steps) < len(rates) or math.log10(rates[-1] / rates[0]) < LEAST_DECADES:
        return None
    return max(steps) if steps[0] <= SAME_STEP * max(1, *steps[1:]) else None


def _breaks_everywhere(row: JudgedRow) -> bool:
    """Whether an update breaks the weights at every rate, over so many decades that the rate cannot be the cause."""
    rates = [cell.learning_rate for cell in row.judged]
    probes = [one for cell in row.judged for one in cell.probes if one.verdict is not None]
    return all(_is_broken(one) for one in probes) and math.log10(max(rates) / min(rates)) >= BROKEN_DECADES


def _is_broken(one: Judged) -> bool:
    return one.outcome.curve is not None and one.outcome.curve.broken_by_update


def _all_stall_or_unclear(row: JudgedRow) -> str:
    if all(cell.label is Label.STALLED for cell in row.judged):
        highest = rate_text(row.judged[-1].learning_rate)
        if not any(_may_be_slow(cell) for cell in row.judged):
            return (
                f"No rate up to {highest} moves the loss, for a reason that need not be the rate. Look at model, data "
                "and loss with: sweeper diagnose."
            )
        return f"Every rate up to {highest} stalls. Extend --lr upwards or probe for longer (--steps)."
    return "No rate was seen to train, and some could not be judged. Probe for longer (--steps) or with more --seeds."


def _may_be_slow(cell: JudgedCell) -> bool:
    return cell.verdict is None or cell.verdict.evidence[0].code in SLOW


def _without_curve(row: JudgedRow) -> tuple[str, ...]:
    rates: dict[OutcomeKind, list[str]] = {}
    for cell in row.cells:
        if cell.ended is not None:
            rates.setdefault(cell.ended, []).append(rate_text(cell.learning_rate))
    return tuple(f"The probes at {', '.join(at)} {ENDED[kind]}." for kind, at in rates.items())
