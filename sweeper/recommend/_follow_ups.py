"""The numbers that follow-ups use, each with its unit and its reason."""

from dataclasses import dataclass, field

from sweeper.thresholds import why


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpThresholds:
    """The numbers that follow-ups use; `sweeper.thresholds.described` lists them with unit and reason."""

    overfit_least_passes: float = field(
        default=5.0,
        metadata=why(
            "passes over the training samples",
            "length of the training that shows overfitting, where the script itself asks for fewer: a rise of the "
            "validation loss needs a few passes to stand out",
        ),
    )
    overfit_least_probes: int = field(
        default=2,
        metadata=why("probes' steps", "least length of that training: the map has shown what takes less"),
    )
    overfit_most_probes: int = field(
        default=100,
        metadata=why("probes' steps", "most length of that training: about what a map takes"),
    )
    warmup_share: float = field(
        default=0.25,
        metadata=why(
            "of a probe's steps",
            "warm-up that `--warmup auto` tries: long jobs take up to a tenth of theirs, but a tenth of a short probe "
            "is a few steps; this leaves three quarters to show what comes after it",
        ),
    )
    clip_quantile: float = field(
        default=0.9,
        metadata=why(
            "of the gradient norms",
            "norm that `--clipnorm auto` tries: it cuts the peaks of a training that goes well and leaves the rest; "
            "customary",
        ),
    )
    clipped_much: float = field(
        default=0.5,
        metadata=why("of the updates", "clipping more than this is only another way to lower the rate"),
    )
    edge_moved: float = field(
        default=1.5,
        metadata=why("times", "an edge that moves by less may have moved by chance: seeds move it as far"),
    )


DEFAULT_FOLLOW_UPS = FollowUpThresholds()
