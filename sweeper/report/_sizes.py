"""What a map says of batch sizes that were not probed, in words."""

from collections.abc import Mapping
from typing import Any

from sweeper.text import number_text, plural


def scaling_sentence(scaling: Mapping[str, Any]) -> str:
    """How the safe end of an optimizer moves with the batch size, and how that is known."""
    exponent, error = scaling["exponent"], scaling["exponent_error"]
    return (
        f"The safe end goes as the batch size to the power of {exponent:.2f} \N{PLUS-MINUS SIGN} {error:.2f}, from "
        f"{plural(scaling['rows'], 'measured row')} and the rule of thumb of {scaling['expected']:g}."
    )


def noise_sentence(scale: float) -> str:
    """The gradient noise scale and what it means."""
    return (
        f"Gradient noise scale before any update: about {number_text(float(f'{scale:.2g}'))} samples. Far below it "
        "twice the batch saves half the steps, far above it none; it grows as training goes on."
    )
