"""The batch-size axis of a map, from the largest size that fits."""

from sweeper.batch_size.sizing._requests import powers_of_two
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import MemoryAdvice
from sweeper.memory import FitFacts


def batch_axis(advice: MemoryAdvice, facts: FitFacts) -> tuple[int, ...]:
    """Powers of two from 8 up to the largest size that fits, and the script's own size; empty when nothing fits.

    Where there are many, every other power of two is taken, from the largest downwards.
    """
    largest = advice.largest_that_fits
    if largest is None:
        return ()
    if facts.batch_size_fixed:
        return (largest,)
    powers = powers_of_two(DEFAULT.smallest_timed, largest) or (largest,)
    if len(powers) > DEFAULT.axis_sizes:
        powers = powers[::-2][: DEFAULT.axis_sizes]
    own = {facts.batch_size} if facts.batch_size <= largest else set()
    return tuple(sorted(own | set(powers)))
