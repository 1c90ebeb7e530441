"""The numbers that verdicts use, each with its unit and its reason.

The *initial level* is the loss before any update: the median of the null curve, or the first loss where there is none.
An *error* is the standard error of the number at hand. *Batch noise* is the spread of the null curve.
"""

from dataclasses import dataclass, field

from sweeper.thresholds import why


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictThresholds:
    """The numbers that verdicts use; `sweeper.thresholds.described` lists them with unit and reason."""

    least_steps: int = field(
        default=5,
        metadata=why("steps", "with fewer, neither the level at the end nor the noise around it can be measured"),
    )
    tail_share: float = field(
        default=0.1,
        metadata=why(
            "of the steps", "the end of a curve is the median of this part: steady, and training hardly moves within it"
        ),
    )
    tail_steps: int = field(
        default=5,
        metadata=why("steps", "are the end of a short curve, unless that is more than half of it"),
    )
    material: float = field(
        default=0.01,
        metadata=why(
            "of the initial level", "a smaller fall is no progress that a person would wait for; customary in studies"
        ),
    )
    drop_errors: float = field(
        default=3.0,
        metadata=why("errors", "a fall counts once it is this many errors; by chance 1 flat curve in 700 shows one"),
    )
    pace: float = field(
        default=0.5,
        metadata=why(
            "of the least fall, in a quarter of the steps",
            "at this pace it will be made twice over in as many steps again",
        ),
    )
    rise: float = field(
        default=0.02,
        metadata=why(
            "of the initial level", "a model that fell back to predicting a constant may end slightly above its start"
        ),
    )
    rise_errors: float = field(
        default=5.0,
        metadata=why("errors", "a false alarm cuts a stable range short, so a rise must be surer than a fall"),
    )
    swing_steps: int = field(
        default=2,
        metadata=why("steps at the end", "that are high before their mean counts: one high step may be one bad batch"),
    )
    most_noise: float = field(
        default=0.2,
        metadata=why(
            "of the initial level",
            "batches hardly differ more: it bounds a noise that is not known, for rises of losses of one sign",
        ),
    )
    small_rise: float = field(
        default=0.06,
        metadata=why("of the initial level", "of beginnings this little above their start, hardly half stay there"),
    )
    growth: float = field(
        default=0.5,
        metadata=why("power of the steps", "small falls go on like the square root of the steps, in 3,000 trainings"),
    )
    high_chance: float = field(
        default=0.04,
        metadata=why(
            "probability", "that the first loss lies below so many of the last half by chance: 25 of 25, 96 of 100"
        ),
    )
    far_rise: float = field(
        default=0.3,
        metadata=why("of the initial level", "batches hardly differ so much that one lies this far below the rest"),
    )
    far_chance: float = field(
        default=0.1,
        metadata=why(
            "probability",
            "as `high_chance`, where the last half lies that far above the first loss, or there is a null curve",
        ),
    )
    lost_gain: float = field(
        default=0.05,
        metadata=why("of the initial level", "progress must have been this large before losing it means anything"),
    )
    lost_share: float = field(
        default=0.5,
        metadata=why("of the progress", "less than half given back is common in training that ends well"),
    )
    spike: float = field(
        default=0.1,
        metadata=why(
            "of the initial level", "a jump this high undoes training, and a smaller gain after it may be none"
        ),
    )
    spike_noise: float = field(
        default=5.0,
        metadata=why("batch noises", "a single step this far above its own batch's initial loss is no hard batch"),
    )
    spike_share: float = field(
        default=0.02,
        metadata=why("of the last quarter", "jumps that go on at this rate hit a long job thousands of times"),
    )
    least_spikes: int = field(
        default=2,
        metadata=why("steps", "one jump may be one bad batch"),
    )
    constant_margin: float = field(
        default=0.01,
        metadata=why("of the constant's loss", "a flat end this close to the best constant has learnt nothing more"),
    )
    rest_share: float = field(
        default=0.1,
        metadata=why("of the fall, in a quarter of the steps", "a steady fall makes a quarter of it in each"),
    )
    rest_errors: float = field(
        default=2.0,
        metadata=why("errors", "a loss that falls by more than this is hardly at rest; by chance 1 in 40 does"),
    )
    constant_doubt: float = field(
        default=0.1,
        metadata=why("of the constant's loss", "a loss that is known no better than this may be anywhere near it"),
    )
    dead_gradient: float = field(
        default=1e-6,
        metadata=why("of the largest gradient", "steps this small are lost in the rounding of 32-bit weights"),
    )
    spike_score: float = field(
        default=7.0,
        metadata=why("standard deviations", "of the steps before it; by chance no step of any training lies so high"),
    )
    spike_memory: int = field(
        default=32,
        metadata=why("steps", "before it that a step is compared with: enough for a level and its spread"),
    )
    overfit_passes: float = field(
        default=2.0,
        metadata=why("passes", "a model cannot fit samples better than others before it has seen them again"),
    )
    overfit_points: int = field(
        default=5,
        metadata=why("validation points", "with fewer, a minimum with a confirmed rise behind it may be chance"),
    )
    overfit_tail: float = field(
        default=0.05,
        metadata=why("of the validation points", "the end of a validation curve, at least two points"),
    )
    overfit_rise: float = field(
        default=0.05,
        metadata=why("of the validation fall", "a smaller rise costs little of what training gained"),
    )
    overfit_least_rise: float = field(
        default=0.02,
        metadata=why("of the validation loss at its minimum", "a smaller rise hardly changes the model's worth"),
    )
    overfit_errors: float = field(
        default=3.0,
        metadata=why("errors", "a rise of the validation loss must be more than its own jitter"),
    )


DEFAULT = VerdictThresholds()
