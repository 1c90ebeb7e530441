"""Where verdicts change along a row."""

from dataclasses import replace

from sweeper.ranges import Edge, EdgeKind
from sweeper.recommend._chance import EdgeBelief
from sweeper.rows import JudgedRow
from sweeper.text import rate_text
from sweeper.verdict import Label


def edges(row: JudgedRow, belief: EdgeBelief | None) -> tuple[Edge, ...]:
    """The edges of a row from low rates to high ones; empty when nothing was judged."""
    if belief is None:
        return ()
    learns, diverges = _learns(row), _diverges(row)
    if row.failing is not None:
        rate = belief.rate()
        where = f"{rate_text(rate.rate)} ({rate_text(rate.low)} to {rate_text(rate.high)})"
        diverges = replace(
            diverges, place=rate, sentence=f"{diverges.sentence} Half of the probes would fail at {where}."
        )
    return (diverges,) if learns is None else (learns, diverges)


def _learns(row: JudgedRow) -> Edge | None:
    low = None if row.stalled is None else row.stalled.learning_rate
    high = row.block[0].learning_rate if row.block else None
    if low is not None and high is not None:
        lower = [cell.learning_rate for cell in row.cells if cell.trains and cell.learning_rate < low]
        though = f"at {rate_text(low)}, though {rate_text(lower[-1])} below it trains," if lower else None
        sentence = f"Training stalls {though or f'up to {rate_text(low)}'} and learns from {rate_text(high)}."
    elif low is not None:
        sentence = f"Training stalls at rates up to {rate_text(low)}; none above was seen to learn."
    elif high is not None:
        sentence = f"Training learns from {rate_text(high)}; no rate below it was seen to stall."
    else:
        return None
    return Edge(kind=EdgeKind.LEARNS, low=low, high=high, sentence=sentence)


def _diverges(row: JudgedRow) -> Edge:
    high = None if row.failing is None else row.failing.learning_rate
    low = row.below[-1].learning_rate if row.below else None
    if high is None:
        sentence = (
            f"No rate up to {rate_text(row.judged[-1].learning_rate)} diverges: the edge lies above the rates probed."
        )
    elif low is None:
        how = how_it_fails(row)
        sentence = f"The lowest rate judged, {rate_text(high)}, {how}: the edge lies below the rates probed."
    else:
        below = rate_text(low)
        sentence = f"The lowest rate that fails is {rate_text(high)}: it {how_it_fails(row)}. Below it is {below}."
    return Edge(kind=EdgeKind.DIVERGES, low=low, high=high, sentence=sentence)


def how_it_fails(row: JudgedRow) -> str:
    """What happens at the lowest failing rate, as a verb: `diverges`, `stops learning`."""
    failing = row.failing
    if failing is None or failing.label is Label.STALLED:
        return "stops learning"
    if failing.failing == len(failing.verdicts):
        return "diverges"
    return f"diverges with {failing.failing} of {len(failing.verdicts)} seeds"
