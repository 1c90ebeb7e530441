"""The gradient noise scale, and the gradient norms that it follows from.

The noise scale (McCandlish et al., An Empirical Model of Large-Batch Training, 2018) is the batch size at which the
noise of a gradient is as large as the gradient. Far below it twice the batch saves half the steps, far above it saves
none. It follows from the mean squared norm of gradients at two sizes: noise adds to it in inverse proportion to the
size. Norms are those of a mean over the samples: where the loss of a batch is their sum, they are divided by its size.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.growth import Growth, Level, growth


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientNorms:
    """Summary of the gradient norms of several batches of one size at the same weights."""

    batch_size: int
    mean_square: float
    """Mean of the squared global norm."""
    batches: int
    loss: float | None = None
    """Mean loss of the same batches; None where it is not known or not finite."""
    loss_error: float = 0.0
    """Standard error of `loss`."""


def gradient_norms(batch_size: int, norms: Sequence[float], losses: Sequence[float]) -> GradientNorms:
    """Summarises the finite gradient norms, at least one, and losses of batches of one size at the same weights."""
    known = len(losses) > 1 and all(map(math.isfinite, losses))
    return GradientNorms(
        batch_size=batch_size,
        mean_square=statistics.fmean(norm**2 for norm in norms),
        batches=len(norms),
        loss=statistics.fmean(losses) if known else None,
        loss_error=statistics.stdev(losses) / len(losses) ** 0.5 if known else 0.0,
    )


def noise_scale(norms: Sequence[GradientNorms]) -> float | None:
    """The gradient noise scale in samples; None where norms at two sizes do not separate signal and noise."""
    if not norms:
        return None
    small = min(norms, key=lambda item: item.batch_size)
    large = max(norms, key=lambda item: item.batch_size)
    grown = _growth(small, large)
    if small.batch_size == large.batch_size or grown is Growth.OTHER:
        return None
    power = 2 if grown is Growth.PROPORTIONAL else 0
    one, other = (norm.mean_square / norm.batch_size**power for norm in (small, large))
    signal = (large.batch_size * other - small.batch_size * one) / (large.batch_size - small.batch_size)
    noise = (one - other) / (1 / small.batch_size - 1 / large.batch_size)
    if not (0 < signal < math.inf and 0 < noise < math.inf):
        return None
    scale = noise / signal
    return scale if math.isfinite(scale) else None


def _growth(small: GradientNorms, large: GradientNorms) -> Growth:
    """How the loss of the same weights depends on the batch size, from two sizes; `ALIKE` where not measured."""
    if small.loss is None or large.loss is None:
        return Growth.ALIKE
    return growth(
        [Level(batch_size=one.batch_size, value=one.loss or 0.0, error=one.loss_error) for one in (small, large)]
    )
