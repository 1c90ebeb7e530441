"""The batch noise of curves without a null curve, from curves of the same job whose loss stays level.

Among the curves that people compare there are usually some with a rate so low that the loss stays at its initial
level: what moves there is noise. It matters most on a beginning, where five points of a curve do not show by
themselves whether they swing or rise.
"""

from collections.abc import Sequence

import numpy as np

from sweeper.classify._thresholds import DEFAULT
from sweeper.curve import Curve
from sweeper.robust import Floats, jitter

_CALM = 0.05
"""Share of the initial level by which a calm curve may depart from it."""
_TRENDLESS = 2.0
"""Most jitters between the first and the last third of a calm curve."""
_SAME_START = (1.1, 2.0)
"""Ratios of initial levels up to which curves are comparable; the smaller is tried first. Weights that are drawn again
for each curve may double the level."""
_FEWEST = 5
"""Least number of calm curves, since one may be calm by chance."""


def peer_noise(curves: Sequence[Curve]) -> tuple[float | None, ...]:
    """The batch noise of each curve of one job, for `Context.noise`; None where too few other curves are calm.

    Noise is taken to be proportional to the initial level, which must have the same sign. Curves with losses that are
    not finite get their noise from others too, but give none.
    """
    calm = [measured for curve in curves if (measured := _calm(np.asarray(curve.train_loss, np.float64))) is not None]
    starts, noises = (np.array([pair[i] for pair in calm]) for i in (0, 1))
    return tuple(_near(curve, starts, noises) for curve in curves)


def _calm(losses: Floats) -> tuple[float, float] | None:
    """The initial level of a calm curve, and its noise relative to that; None for a curve that is not calm."""
    if losses.size < DEFAULT.least_steps or not np.isfinite(losses).all() or losses[0] == 0.0:
        return None
    noise, third = jitter(losses), losses.size // 3
    if np.abs(losses / losses[0] - 1.0).max() > _CALM:
        return None
    if abs(np.median(losses[-third:]) - np.median(losses[:third])) > _TRENDLESS * noise:
        return None
    return float(losses[0]), noise / abs(float(losses[0]))


def _near(curve: Curve, starts: Floats, noises: Floats) -> float | None:
    start = curve.train_loss[0] if curve.train_loss else 0.0
    if not starts.size or not np.isfinite(start) or start == 0.0:
        return None
    ratios = np.maximum(starts / start, start / starts)
    for most in _SAME_START:
        near = (ratios >= 1.0) & (ratios < most)
        if near.sum() >= _FEWEST:
            return float(np.median(noises[near])) * abs(start)
    return None
