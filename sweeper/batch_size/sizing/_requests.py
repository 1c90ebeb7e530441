"""Requests for trials: which other sizes each of them times, measures gradient noise at, and compiles."""

from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.trial import Goal, TrialRequest

_COMPILED_SPREAD = (1, 4, 16)


def measure(batch_size: int) -> TrialRequest:
    """A request for a trial that measures the peak memory of a size."""
    return TrialRequest(batch_size=batch_size, goal=Goal.MEASURE)


def measure_first(problem: Problem, batch_size: int) -> TrialRequest:
    """A request for a trial before any has passed; on JAX the compiler also estimates further sizes."""
    return TrialRequest(batch_size=batch_size, goal=Goal.MEASURE, compile_sizes=_compile_sizes(problem, batch_size))


def verify(problem: Problem, batch_size: int) -> TrialRequest:
    """A request for a trial that is to confirm that a size fits, and measures everything that the advice needs."""
    return TrialRequest(
        batch_size=batch_size,
        goal=Goal.VERIFY,
        speed_sizes=_speed_sizes(problem, batch_size),
        noise_sizes=_noise_sizes(problem, batch_size),
    )


def powers_of_two(low: int, high: int) -> tuple[int, ...]:
    """The powers of two from `low` to `high`."""
    return tuple(2**power for power in range(high.bit_length()) if low <= 2**power <= high)


def _speed_sizes(problem: Problem, batch_size: int) -> tuple[int, ...]:
    """Sizes to time: powers of two up to `batch_size`, the script's own, and `batch_size` itself."""
    if problem.fixed:
        return (batch_size,)
    powers = powers_of_two(DEFAULT.smallest_timed, batch_size) or powers_of_two(1, batch_size)
    fixed = {batch_size, min(problem.own, batch_size)}
    return tuple(sorted(fixed | set(_spread(powers, DEFAULT.timed_sizes - len(fixed)))))


def _spread(sizes: tuple[int, ...], count: int) -> tuple[int, ...]:
    """At most `count` of the sizes, evenly spread, the largest included."""
    if len(sizes) <= count:
        return sizes
    return tuple(sizes[round(i * (len(sizes) - 1) / (count - 1))] for i in range(count))


def _noise_sizes(problem: Problem, batch_size: int) -> tuple[int, ...]:
    """A small and a large size to measure gradient noise at; empty where only one size can be run."""
    large = min(batch_size, DEFAULT.noise_largest)
    small = max(1, large // DEFAULT.noise_ratio)
    return () if problem.fixed or small == large else (small, large)


def _compile_sizes(problem: Problem, batch_size: int) -> tuple[int, ...]:
    """Three sizes to compile: from `batch_size` upwards, or from the largest allowed downwards where that is near."""
    if problem.facts.backend != "jax":
        return ()
    upwards = tuple(batch_size * factor for factor in _COMPILED_SPREAD)
    if upwards[-1] <= problem.most:
        return upwards
    return tuple(sorted({max(1, problem.most // factor) for factor in _COMPILED_SPREAD}))
