"""Which batch sizes speed training up: the knee of the throughput, and the time to the same loss."""

from collections import defaultdict
from collections.abc import Sequence

from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import Trial
from sweeper.noise import GradientNorms
from sweeper.trial import Speed


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
