"""The numbers that stable ranges and recommendations use, each with its unit and its reason."""

from dataclasses import dataclass, field

from sweeper.robust import END_SHARE, END_STEPS
from sweeper.thresholds import why


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeThresholds:
    """The numbers that stable ranges use; `sweeper.thresholds.described` lists them with unit and reason."""

    margin: float = field(
        default=0.2,
        metadata=why(
            "decades of the learning rate",
            "distance of a stable range from the first divergence, for a job as long as a probe: edges are ragged",
        ),
    )
    margin_growth: float = field(
        default=0.22,
        metadata=why(
            "decades for each tenfold length of the job",
            "a short probe over-states the edge, since the curvature of the loss grows as training goes on; half a "
            "decade in all for a job 20 times as long as a probe, a whole one at 5,000 times",
        ),
    )
    risk: float = field(
        default=0.1,
        metadata=why(
            "chance of diverging within a probe",
            "where rates are far apart or seeds disagree, a stable range ends before one probe in ten would fail",
        ),
    )
    stretch: float = field(
        default=20.0,
        metadata=why("probe lengths", "the length of a job that is not known"),
    )
    ease: float = field(
        default=0.01,
        metadata=why(
            "of the fall of the loss",
            "a rate that costs no more than this in a probe costs less in a long job, and lies further from the edge",
        ),
    )
    well: float = field(
        default=0.7,
        metadata=why(
            "of the fall of the loss at the best stable rate",
            "a rate trains well from here on: falls go on about like the square root of the steps, so 0.7 of the fall "
            "takes twice the steps to make up for",
        ),
    )
    unreliable: float = field(
        default=0.5,
        metadata=why(
            "chance of diverging within a probe",
            "a rate that trained is called unreliable from here on: another probe of it would more probably fail",
        ),
    )
    score_share: float = field(
        default=END_SHARE,
        metadata=why("of the steps", "the final loss is the median of this part of the curve, as in verdicts"),
    )
    score_steps: int = field(
        default=END_STEPS,
        metadata=why("steps", "the least number of them"),
    )
    tie_errors: float = field(
        default=2.0,
        metadata=why("errors", "final losses closer than this may have changed places by chance"),
    )
    tie_share: float = field(
        default=0.02,
        metadata=why("of the lower loss", "a smaller gain is no reason to leave what the script does"),
    )


DEFAULT = RangeThresholds()
