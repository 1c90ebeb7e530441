"""When other tools say that a training diverged."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

LossRule: TypeAlias = Callable[[Sequence[float]], bool]
"""Whether a training diverged, from the losses of its first steps."""


def diverged_by_nan(losses: Sequence[float]) -> bool:
    """TerminateOnNaN: only a loss that is not finite."""
    return not all(math.isfinite(loss) for loss in losses)


def diverged_by_ratio(losses: Sequence[float], *, ratio: float, memory: float) -> bool:
    """The stop rule of learning-rate finders: the smoothed loss is above `ratio` times its best so far."""
    mean, best = 0.0, math.inf
    for step, loss in enumerate(losses, start=1):
        mean = memory * mean + (1 - memory) * loss
        smoothed = mean / (1 - memory**step)
        best = min(best, smoothed)
        if smoothed > ratio * best:
            return True
    return False


def diverged_by_mean(losses: Sequence[float]) -> bool:
    """The fractal paper: the mean of the last fifth is not below the first loss, or not finite."""
    last = losses[-max(1, len(losses) // 5) :]
    return not sum(last) / len(last) < losses[0]


PEERS: dict[str, LossRule] = {
    "NaN only": diverged_by_nan,
    "smoothed > 4x best": lambda losses: diverged_by_ratio(losses, ratio=4.0, memory=0.98),
    "smoothed > 5x best": lambda losses: diverged_by_ratio(losses, ratio=5.0, memory=0.95),
    "NaN or > 4x best": lambda losses: diverged_by_nan(losses) or diverged_by_ratio(losses, ratio=4.0, memory=0.98),
    "fractal: mean of end >= start": diverged_by_mean,
}
