"""How likely training fails at a rate, from everything that a row's probes and its neighbours show.

Along a row the chance of failing rises from nothing to certainty around an edge. Where that edge lies and how gradual
it is are both unknown, so every pair of a rate and a width is weighed by how well it explains the probes. Rows share
the width, since a map has too few rates at which seeds disagree for a row to tell its own. Where a row has fewer probes
than its neighbours, the rate that they suggest counts too. All rows are weighed on one fixed grid of rates, whatever
rates were probed: one more probe says something of the edge, but nothing of where an edge may lie at all.

A few probes fail or train against the rule, since the border of stability is ragged at every scale (Sohl-Dickstein,
The boundary of neural network trainability is fractal, 2024); they make the edge less certain and hardly move it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.ranges import Chance, RateEstimate

Floats = npt.NDArray[np.float64]

STEP = 0.02
"""Decades between the rates that are weighed as edges: a fifth of the finest resolution in use."""
LOWEST, HIGHEST = -12, 4
"""Base-ten logarithms of the rates between which an edge is looked for, far beyond those of any optimizer."""
LOG_RATES: Floats = np.linspace(LOWEST, HIGHEST, round((HIGHEST - LOWEST) / STEP) + 1)
"""Base-ten logarithms of the rates that are weighed as edges, in every row."""
WIDTHS: Floats = np.geomspace(0.01, 0.64, 10)
"""Widths of an edge that are weighed, in decades; four widths below the edge 2% of the probes fail."""
TYPICAL_WIDTH = 0.03
"""Median width of an edge in decades, assumed before any probe has run."""
WIDTH_SPREAD = 1.0
"""Standard deviation of the natural logarithm of an edge's width, assumed before any probe has run."""
RAGGED = 0.01
"""Share of probes whose verdict says nothing about the edge."""
INTERVAL = (0.05, 0.95)
"""Quantiles at which an interval begins and ends."""


_BINS = 400
_CENTRES: Floats = (np.arange(_BINS) + 0.5) / _BINS
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCounts:
    """How many probes of one row lie beyond an edge, rate by rate."""

    log_rates: tuple[float, ...]
    """Base-ten logarithms of the rates, ascending."""
    beyond: tuple[int, ...]
    """Probes at each rate that lie beyond the edge."""
    number: tuple[int, ...]
    """All probes at each rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Where neighbouring rows suggest that an edge lies."""

    log_rate: float
    """Base-ten logarithm of the rate."""
    error: float
    """Standard error in decades."""


TYPICAL = Expected(log_rate=-1.5, error=2.0)
"""Where an edge is expected before anything is known: so vaguely that a few probes outweigh it."""


class EdgeBelief:
    """How likely the edge of a row has each position and width."""

    def __init__(self, weights: Floats) -> None:
        self._weights = weights / weights.sum()

    def at(self, rate: float) -> Chance:
        """The chance that a probe at a rate lies beyond the edge."""
        chances = _beyond(np.array([np.log10(rate)]))[..., 0]
        heights = np.bincount((chances * _BINS).astype(np.intp).ravel(), self._weights.ravel(), minlength=_BINS)
        low, high = (_quantile(_CENTRES, heights, share) for share in INTERVAL)
        return Chance(probability=float((chances * self._weights).sum()), low=low, high=high)

    def rate(self) -> RateEstimate:
        """The rate at which half of the probes lie beyond the edge."""
        marginal = self._weights.sum(axis=1)
        low, middle, high = (_rate(_quantile(LOG_RATES, marginal, share)) for share in (INTERVAL[0], 0.5, INTERVAL[1]))
        return RateEstimate(rate=middle, low=low, high=high)

    def error(self) -> float:
        """The standard deviation of the edge's position, in decades."""
        marginal = self._weights.sum(axis=1)
        mean = float((LOG_RATES * marginal).sum())
        return float(((LOG_RATES - mean) ** 2 * marginal).sum() ** 0.5)

    def rate_at(self, probability: float) -> float:
        """The rate at which the chance of lying beyond the edge reaches a probability."""
        above = min(bisect_left(range(LOG_RATES.size), probability, key=self._chance_at_index), LOG_RATES.size - 1)
        below = max(above - 1, 0)
        chances = self._chance_at_index(below), self._chance_at_index(above)
        return _rate(float(np.interp(probability, chances, (LOG_RATES[below], LOG_RATES[above]))))

    def _chance_at_index(self, index: int) -> float:
        return float((_beyond(LOG_RATES[index : index + 1])[..., 0] * self._weights).sum())


def likelihood(row: EdgeCounts) -> Floats:
    """How well each position and width of an edge explains a row's probes: logarithms, of shape (rates, widths)."""
    chances = _beyond(np.array(row.log_rates))
    beyond = np.array(row.beyond, dtype=np.float64)
    within = np.array(row.number, dtype=np.float64) - beyond
    return np.asarray((np.log(chances) * beyond + np.log1p(-chances) * within).sum(axis=-1), dtype=np.float64)


def edge_beliefs(rows: Sequence[Floats], expected: Sequence[Expected | None]) -> tuple[EdgeBelief, ...]:
    """Where the edges of several rows lie and how wide they are; the width is taken to be equal in all.

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
    """How likely an edge has each position and width, from a likelihood and a prior; the largest weight is 1."""
    logs = logs + np.log(_suggested(prior))[:, None]
    return np.asarray(np.exp(logs - logs.max()), dtype=np.float64)


def _beyond(rates: Floats) -> Floats:
    """The chance of lying beyond an edge at logarithms of rates, of shape (edge rates, widths, rates)."""
    return _risen((rates[None, None, :] - LOG_RATES[:, None, None]) / WIDTHS[None, :, None])


def _risen(widths: Floats) -> Floats:
    """The chance of lying beyond an edge, so many widths above it."""
    return np.asarray(RAGGED / 2 + (1 - RAGGED) / (1 + np.exp(-np.clip(widths, -50, 50))), dtype=np.float64)


def _suggested(prior: Expected) -> Floats:
    """The prior of an edge's position: a bell with heavy tails, as some rows are unlike their neighbours."""
    return np.asarray((1 + ((LOG_RATES - prior.log_rate) / prior.error) ** 2 / 3) ** -2, dtype=np.float64)


def _width_prior() -> Floats:
    return np.asarray(-((np.log(WIDTHS / TYPICAL_WIDTH) / WIDTH_SPREAD) ** 2) / 2, dtype=np.float64)


def _quantile(values: Floats, weights: npt.NDArray[Any], share: float) -> float:
    """The value below which a share of the weight lies; the values ascend."""
    heights = np.cumsum(weights)
    return float(values[int(np.searchsorted(heights, share * heights[-1]))])


def _rate(log_rate: float) -> float:
    """A rate from its base-ten logarithm, rounded as rates of the axis are."""
    return float(f"{10**log_rate:.6g}")
