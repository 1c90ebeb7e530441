"""The numbers that safe ranges and recommendations use, each with its unit and its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def _why(unit: str, reason: str) -> Mapping[str, str]:
    return {"unit": unit, "reason": reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The numbers that safe ranges use; `sweeper.thresholds.described` lists them with unit and reason."""

    margin: float = field(
        default=0.5,
        metadata=_why(
            "decades of the learning rate",
            "distance of a safe range from the first divergence: a short probe over-states the edge, since the "
            "curvature of the loss grows as training goes on",
        ),
    )
    score_share: float = field(
        default=0.1,
        metadata=_why("of the steps", "the final loss is the median of this part of the curve, as in verdicts"),
    )
    score_steps: int = field(
        default=5,
        metadata=_why("steps", "the least number of them"),
    )
    tie_errors: float = field(
        default=2.0,
        metadata=_why("errors", "final losses closer than this may have changed places by chance"),
    )
    tie_share: float = field(
        default=0.02,
        metadata=_why("of the lower loss", "a smaller gain is no reason to leave what the script does"),
    )


DEFAULT = Thresholds()
