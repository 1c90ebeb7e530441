"""How likely training fails at a rate, from everything that a row's probes and its neighbours show.

Along a row the chance of failing rises from nothing to certainty around an edge. Where that edge lies and how gradual
it is are both unknown, so every pair of a place and a width is weighed by how well it explains the probes. Rows share
the width, which no row alone can tell: a map has few rates at which seeds disagree. Where a row has fewer probes than
its neighbours, the place that they suggest counts too. All rows are weighed on the same places, whatever rates were
probed: one more probe says something of the edge, but nothing of where an edge may lie at all.

A few probes fail or train against the rule, since the border of stability is ragged at every scale (Sohl-Dickstein,
The boundary of neural network trainability is fractal, 2024); they widen the doubt and do not pull the edge to them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.ranges import Chance, Place

Floats = npt.NDArray[np.float64]

STEP = 0.02
"""Decades between the places that are weighed: a fifth of the finest resolution in use."""
LOWEST, HIGHEST = -12, 4
"""Base-ten logarithms of the rates between which an edge is looked for, far beyond those of any optimizer."""
PLACES: Floats = np.linspace(LOWEST, HIGHEST, round((HIGHEST - LOWEST) / STEP) + 1)
"""The places that are weighed, in every row."""
WIDTHS: Floats = np.geomspace(0.01, 0.64, 10)
"""Widths of an edge that are weighed, in decades; at four widths from the edge 2% fail, or all but 2%."""
TYPICAL_WIDTH = 0.03
"""Decades; before any probe has run, half of the edges are taken for sharper than this."""
WIDTH_SPREAD = 1.0
"""Standard deviation of the natural logarithm of the width."""
RAGGED = 0.01
"""Share of probes whose verdict says nothing about the edge."""
INTERVAL = (0.05, 0.95)
"""The part of what is possible that an interval holds lies between these two."""


_BINS = 400
_CENTRES: Floats = (np.arange(_BINS) + 0.5) / _BINS
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What the probes of one row say of one edge, rate by rate."""

    places: tuple[float, ...]
    """Base-ten logarithms of the rates, ascending."""
    beyond: tuple[int, ...]
    """Probes at each rate that lie beyond the edge."""
    number: tuple[int, ...]
    """Probes at each rate that lie on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Where neighbouring rows suggest that the edge lies."""

    place: float
    """Base-ten logarithm of the rate."""
    error: float
    """Standard error in decades."""


TYPICAL = Expected(place=-1.5, error=2.0)
"""Where an edge lies before anything is known: hardly a decade of it is excluded, so a few probes outvote it."""


class EdgeBelief:
    """The weight of every place and width of the edge of one row."""

    def __init__(self, weights: Floats) -> None:
        self._weights = weights / weights.sum()

    def at(self, rate: float) -> Chance:
        """The chance that a probe at a rate lies beyond the edge."""
        chances = _beyond(np.array([np.log10(rate)]))[..., 0]
        heights = np.bincount((chances * _BINS).astype(np.intp).ravel(), self._weights.ravel(), minlength=_BINS)
        low, high = (_quantile(_CENTRES, heights, share) for share in INTERVAL)
        return Chance(probability=float((chances * self._weights).sum()), low=low, high=high)

    def place(self) -> Place:
        """The rate at which half of the probes lie beyond the edge."""
        marginal = self._weights.sum(axis=1)
        low, middle, high = (_rate(_quantile(PLACES, marginal, share)) for share in (INTERVAL[0], 0.5, INTERVAL[1]))
        return Place(rate=middle, low=low, high=high)

    def error(self) -> float:
        """How well the place is known, as a standard deviation in decades."""
        marginal = self._weights.sum(axis=1)
        mean = float((PLACES * marginal).sum())
        return float(((PLACES - mean) ** 2 * marginal).sum() ** 0.5)

    def rate_at(self, probability: float) -> float:
        """The rate at which the chance of lying beyond the edge reaches a probability."""
        above = min(bisect_left(range(PLACES.size), probability, key=self._chance_at_place), PLACES.size - 1)
        below = max(above - 1, 0)
        chances = self._chance_at_place(below), self._chance_at_place(above)
        return _rate(float(np.interp(probability, chances, (PLACES[below], PLACES[above]))))

    def _chance_at_place(self, index: int) -> float:
        return float((_beyond(PLACES[index : index + 1])[..., 0] * self._weights).sum())


def likelihood(row: Trials) -> Floats:
    """How well every place and width of an edge explains the probes of a row: logarithms, of shape (places, widths)."""
    chances = _beyond(np.array(row.places))
    beyond = np.array(row.beyond, dtype=np.float64)
    within = np.array(row.number, dtype=np.float64) - beyond
    return np.asarray((np.log(chances) * beyond + np.log1p(-chances) * within).sum(axis=-1), dtype=np.float64)


def edge_beliefs(rows: Sequence[Floats], expected: Sequence[Expected | None]) -> tuple[EdgeBelief, ...]:
    """What is known of the same edge in several rows, which share its width.

    Args:
        rows: The likelihood of each row.
        expected: What other rows say of each row's edge; None where they say nothing.
    """
    weighed = [_weights(row, prior or TYPICAL) for row, prior in zip(rows, expected, strict=True)]
    by_width = [weights.sum(axis=0) + _TINY for weights in weighed]
    shared = _width_prior() + sum(np.log(weights) for weights in by_width)
    shared = np.exp(shared - shared.max())
    return tuple(EdgeBelief(weights / own * shared) for weights, own in zip(weighed, by_width, strict=True))


def _weights(logs: Floats, prior: Expected) -> Floats:
    """The weights of places and widths, the largest 1."""
    logs = logs + np.log(_suggested(prior))[:, None]
    return np.asarray(np.exp(logs - logs.max()), dtype=np.float64)


def _beyond(rates: Floats) -> Floats:
    """The chance of lying beyond the edge at logarithms of rates, of shape (places, widths, rates)."""
    return _risen((rates[None, None, :] - PLACES[:, None, None]) / WIDTHS[None, :, None])


def _risen(widths: Floats) -> Floats:
    """The chance so many widths above the edge."""
    return np.asarray(RAGGED / 2 + (1 - RAGGED) / (1 + np.exp(-np.clip(widths, -50, 50))), dtype=np.float64)


def _suggested(prior: Expected) -> Floats:
    """A bell with heavy tails: some rows are unlike their neighbours."""
    return np.asarray((1 + ((PLACES - prior.place) / prior.error) ** 2 / 3) ** -2, dtype=np.float64)


def _width_prior() -> Floats:
    return np.asarray(-((np.log(WIDTHS / TYPICAL_WIDTH) / WIDTH_SPREAD) ** 2) / 2, dtype=np.float64)


def _quantile(values: Floats, weights: npt.NDArray[Any], share: float) -> float:
    """The value below which a share of the weight lies; the values ascend."""
    heights = np.cumsum(weights)
    return float(values[int(np.searchsorted(heights, share * heights[-1]))])


def _rate(place: float) -> float:
    """A rate from its logarithm, rounded as rates of the axis are."""
    return float(f"{10**place:.6g}")
