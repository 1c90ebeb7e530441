"""Where verdicts change along a row."""

from dataclasses import replace

from sweeper.ranges import Edge, EdgeKind
from sweeper.recommend._chance import EdgeBelief
from sweeper.recommend._layout import Layout
from sweeper.text import rate_text
from sweeper.verdict import Label


def edges(layout: Layout, belief: EdgeBelief | None) -> tuple[Edge, ...]:
    """The edges of a row from low rates to high ones; empty when nothing was judged."""
    if belief is None:
        return ()
    learns, diverges = _learns(layout), _diverges(layout)
    if layout.failing is not None:
        place = belief.place()
        where = f"{rate_text(place.rate)} ({rate_text(place.low)} to {rate_text(place.high)})"
        diverges = replace(
            diverges, place=place, sentence=f"{diverges.sentence} Half of the probes would fail at {where}."
        )
    return (diverges,) if learns is None else (learns, diverges)


def _learns(layout: Layout) -> Edge | None:
    low = layout.highest_stalled
    high = layout.block[0].cell.learning_rate if layout.block else None
    if low is not None and high is not None:
        lower = [c.cell.learning_rate for c in layout.columns if c.trainable and c.cell.learning_rate < low]
        though = f"at {rate_text(low)}, though {rate_text(lower[-1])} below it trains," if lower else None
        sentence = f"Training stalls {though or f'up to {rate_text(low)}'} and learns from {rate_text(high)}."
    elif low is not None:
        sentence = f"Training stalls at rates up to {rate_text(low)}; none above was seen to learn."
    elif high is not None:
        sentence = f"Training learns from {rate_text(high)}; no rate below it was seen to stall."
    else:
        return None
    return Edge(kind=EdgeKind.LEARNS, low=low, high=high, sentence=sentence)


def _diverges(layout: Layout) -> Edge:
    high = layout.failing_rate
    rates = [column.cell.learning_rate for column in layout.judged]
    low = max((rate for rate in rates if high is None or rate < high), default=None)
    if high is None:
        sentence = f"No rate up to {rate_text(max(rates))} diverges: the edge lies above the rates probed."
    elif low is None:
        how = how_it_fails(layout)
        sentence = f"The lowest rate judged, {rate_text(high)}, {how}: the edge lies below the rates probed."
    else:
        below = rate_text(low)
        sentence = f"The lowest rate that fails is {rate_text(high)}: it {how_it_fails(layout)}. Below it is {below}."
    return Edge(kind=EdgeKind.DIVERGES, low=low, high=high, sentence=sentence)


def how_it_fails(layout: Layout) -> str:
    """What happens at the failing rate, as a verb."""
    failing = layout.failing
    if failing is None or failing.cell.label is Label.STALLED:
        return "stops learning"
    if failing.failing == failing.cell.judged:
        return "diverges"
    return f"diverges with {failing.failing} of {failing.cell.judged} seeds"
