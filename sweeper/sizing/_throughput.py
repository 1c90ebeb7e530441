"""Which batch sizes speed training up: the knee of the throughput, and the gradient noise scale.

The noise scale (McCandlish et al., An Empirical Model of Large-Batch Training, 2018) is the batch size at which the
noise of a gradient is as large as the gradient. Far below it twice the batch saves half the steps, far above it saves
none. It follows from the mean squared norm of gradients at two sizes: noise adds to it in inverse proportion to the
size. Norms are those of a mean over the samples: where the loss of a batch is their sum, they are divided by its size.
"""

import math
from collections import defaultdict
from collections.abc import Sequence

from sweeper.growth import Growth, Level, growth
from sweeper.sizing._thresholds import DEFAULT
from sweeper.trial import GradientNorms, Speed, Trial


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


def knee(speeds: Sequence[Speed]) -> int | None:
    """The smallest timed size with 95% of the best throughput; None when fewer than 3 sizes were timed."""
    if len({speed.batch_size for speed in speeds}) < DEFAULT.knee_sizes:
        return None
    enough = DEFAULT.knee_share * max(speed.samples_per_second for speed in speeds)
    return min(speed.batch_size for speed in speeds if speed.samples_per_second >= enough)


def soonest(speeds: Sequence[Speed], scale: float | None) -> int | None:
    """The smallest timed size whose training takes at most 5% longer than the quickest; None where not known.

    To reach the same loss, batches of B samples take 1 + scale / B times the steps that a gradient without noise would,
    so that the time is in proportion to (B + scale) / throughput.
    """
    if scale is None or len({speed.batch_size for speed in speeds}) < DEFAULT.knee_sizes:
        return None
    times = {speed.batch_size: (speed.batch_size + scale) / speed.samples_per_second for speed in speeds}
    return min(size for size, time in times.items() if time * DEFAULT.knee_share <= min(times.values()))


def is_plain(trial: Trial) -> bool:
    """Whether a trial passed and changed nothing of the script's training but the batch size."""
    return trial.passed and trial.request.accumulation == 1 and trial.request.precision is None


def speeds_of(trials: Sequence[Trial]) -> tuple[Speed, ...]:
    """The highest throughput read at each size, ascending, since other work on the machine only slows steps down."""
    found: defaultdict[int, list[Speed]] = defaultdict(list)
    for trial in filter(is_plain, trials):
        for speed in trial.extras.speeds:
            found[speed.batch_size].append(speed)
    return tuple(
        Speed(
            batch_size=size,
            samples_per_second=max(one.samples_per_second for one in found[size]),
            readings=sum(one.readings for one in found[size]),
        )
        for size in sorted(found)
    )


def norms_of(trials: Sequence[Trial]) -> tuple[GradientNorms, ...]:
    """Gradient norms of the last trial that measured any, since those of other trials are at other weights."""
    measured = [trial.extras.norms for trial in filter(is_plain, trials) if trial.extras.norms]
    return measured[-1] if measured else ()
