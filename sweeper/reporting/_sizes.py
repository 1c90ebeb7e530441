"""What a map says of batch sizes that were not probed, in words."""

from sweeper.results import Memory, Results, Scaling
from sweeper.text import number_text, plural


def scaling_sentence(scaling: Scaling) -> str:
    """How the safe end of an optimizer moves with the batch size, and how that is known."""
    exponent, error = scaling.exponent, scaling.exponent_error
    if not scaling.fits:
        return (
            f"The highest stable rates of {plural(scaling.rows, 'measured row')} do not lie on one line. Rates for "
            "sizes between two measured ones are read off between these two; for sizes beyond them none are given."
        )
    return (
        f"The highest stable rate goes as batch size to the power of {exponent:.2f} \N{PLUS-MINUS SIGN} {error:.2f}, "
        f"from {plural(scaling.rows, 'measured row')} and the rule of thumb of {scaling.expected:g}."
    )


def compared_sentence(results: Results) -> str:
    """How the batch sizes of the map compare, and which does best; empty where that is no question."""
    comparison = None if results.recommendation is None else results.recommendation.comparison
    return "" if comparison is None else comparison.sentence


def noise_sentence(scale: float, memory: Memory | None) -> str:
    """The gradient noise scale, when it was measured and what it means."""
    searched = memory is not None and memory.noise_scale == scale
    when = " in the trials of batch sizes" if searched else " before any update"
    return (
        f"Gradient noise scale{when}: about {number_text(float(f'{scale:.2g}'))} samples. Far below it "
        "twice the batch saves half the steps, far above it none; it grows as training goes on."
    )
