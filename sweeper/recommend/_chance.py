"""How likely training fails at a rate, from everything that a row's probes and its neighbours show.

Along a row the chance of failing rises from nothing to certainty around an edge. Where that edge lies and how gradual
it is are both unknown, so every pair of a place and a width is weighed by how well it explains the probes. Rows share
the width, which no row alone can tell: a map has few rates at which seeds disagree. Where a row has fewer probes than
its neighbours, the place that they suggest counts too.

A few probes fail or train against the rule, since the border of stability is ragged at every scale (Sohl-Dickstein,
The boundary of neural network trainability is fractal, 2024); they widen the doubt and do not pull the edge to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.ranges import Chance, Place

Floats = npt.NDArray[np.float64]

STEP = 0.02
"""Decades between the places that are weighed: a fifth of the finest resolution in use."""
REACH = 1.5
"""Decades beyond the probed rates in which an edge is still looked for."""
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


class EdgeBelief:
    """The weight of every place and width of the edge of one row."""

    def __init__(self, places: Floats, weights: Floats) -> None:
        self._places = places
        self._weights = weights / weights.sum()

    def at(self, rate: float) -> Chance:
        """The chance that a probe at a rate lies beyond the edge."""
        chances = _beyond(np.array([np.log10(rate)]), self._places)[..., 0]
        heights = np.bincount((chances * _BINS).astype(np.intp).ravel(), self._weights.ravel(), minlength=_BINS)
        low, high = (_quantile(_CENTRES, heights, share) for share in INTERVAL)
        return Chance(probability=float((chances * self._weights).sum()), low=low, high=high)

    def place(self) -> Place:
        """The rate at which half of the probes lie beyond the edge."""
        marginal = self._weights.sum(axis=1)
        low, middle, high = (
            _rate(_quantile(self._places, marginal, share)) for share in (INTERVAL[0], 0.5, INTERVAL[1])
        )
        return Place(rate=middle, low=low, high=high)

    def error(self) -> float:
        """How well the place is known, as a standard deviation in decades."""
        marginal = self._weights.sum(axis=1)
        mean = float((self._places * marginal).sum())
        return float(((self._places - mean) ** 2 * marginal).sum() ** 0.5)

    def rate_at(self, probability: float) -> float:
        """The rate at which the chance of lying beyond the edge reaches a probability."""
        size = self._places.size
        distances = STEP * np.arange(1 - size, size)
        risen = _risen(distances[:, None] / WIDTHS)
        chances = sum(np.convolve(self._weights[:, i], risen[:, i], mode="valid") for i in range(WIDTHS.size))
        return _rate(float(np.interp(probability, chances, self._places)))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well every place and width of an edge explains the probes of a row."""

    places: Floats
    logs: Floats
    """Log likelihoods, of shape (places, widths)."""


def likelihood(row: Trials) -> Likelihood:
    """That of a row with at least one rate."""
    rates = np.array(row.places)
    places = np.arange(rates[0] - REACH, rates[-1] + REACH, STEP)
    chances = _beyond(rates, places)
    beyond = np.array(row.beyond, dtype=np.float64)
    within = np.array(row.number, dtype=np.float64) - beyond
    return Likelihood(places, (np.log(chances) * beyond + np.log1p(-chances) * within).sum(axis=-1))


def edge_beliefs(rows: Sequence[Likelihood], expected: Sequence[Expected | None]) -> tuple[EdgeBelief, ...]:
    """What is known of the same edge in several rows, which share its width.

    Args:
        rows: What the probes of each row say.
        expected: What other rows say of each row's edge; None where they say nothing.
    """
    weighed = [_weights(row, prior) for row, prior in zip(rows, expected, strict=True)]
    by_width = [weights.sum(axis=0) + _TINY for weights in weighed]
    shared = _width_prior() + sum(np.log(weights) for weights in by_width)
    shared = np.exp(shared - shared.max())
    return tuple(
        EdgeBelief(row.places, weights / own * shared)
        for row, weights, own in zip(rows, weighed, by_width, strict=True)
    )


def _weights(row: Likelihood, prior: Expected | None) -> Floats:
    """The weights of places and widths, the largest 1."""
    logs = row.logs if prior is None else row.logs + np.log(_suggested(row.places, prior))[:, None]
    return np.asarray(np.exp(logs - logs.max()), dtype=np.float64)


def _beyond(rates: Floats, places: Floats) -> Floats:
    """The chance of lying beyond the edge, of shape (places, widths, rates)."""
    return _risen((rates[None, None, :] - places[:, None, None]) / WIDTHS[None, :, None])


def _risen(widths: Floats) -> Floats:
    """The chance so many widths above the edge."""
    return np.asarray(RAGGED / 2 + (1 - RAGGED) / (1 + np.exp(-np.clip(widths, -50, 50))), dtype=np.float64)


def _suggested(places: Floats, prior: Expected) -> Floats:
    """A bell with heavy tails: some rows are unlike their neighbours."""
    return np.asarray((1 + ((places - prior.place) / prior.error) ** 2 / 3) ** -2, dtype=np.float64)


def _width_prior() -> Floats:
    return np.asarray(-((np.log(WIDTHS / TYPICAL_WIDTH) / WIDTH_SPREAD) ** 2) / 2, dtype=np.float64)


def _quantile(values: Floats, weights: npt.NDArray[Any], share: float) -> float:
    """The value below which a share of the weight lies; the values ascend."""
    heights = np.cumsum(weights)
    return float(values[int(np.searchsorted(heights, share * heights[-1]))])


def _rate(place: float) -> float:
    """A rate from its logarithm, rounded as rates of the axis are."""
    return float(f"{10**place:.6g}")
