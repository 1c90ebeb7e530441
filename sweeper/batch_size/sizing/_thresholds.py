"""The numbers that the batch-size search and its advice use, each with its unit and its reason.

The *target* is the limit less the headroom. The *room* lies between the memory at the fit call and the target.
"""

from dataclasses import dataclass, field

from sweeper.thresholds import why


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeThresholds:
    """The numbers of batch-size searches; `sweeper.thresholds.described` lists them with unit and reason."""

    host_noise: float = field(
        default=10e6,
        metadata=why("bytes", "resident memory of the same training differs by this much from process to process"),
    )
    device_noise: float = field(
        default=1e6,
        metadata=why("bytes", "an accelerator's allocator hands out the same blocks again, up to rounding"),
    )
    activation_copies: float = field(
        default=3.0,
        metadata=why("of the outputs of all layers", "they are kept for the gradients, whose own take as much again"),
    )
    sample_copies: float = field(
        default=3.0,
        metadata=why("of a sample", "a batch is gathered, handed to the backend, and the next one made ready"),
    )
    estimate_error: float = field(
        default=50.0,
        metadata=why(
            "times the estimate",
            "recurrent layers and attention keep far more than their outputs take; measured for an LSTM: 36",
        ),
    )
    step_bytes: float = field(
        default=100e6,
        metadata=why("bytes", "what tracing and one step leave behind at any batch size; measured: 40 to 150 MB"),
    )
    first_share: float = field(
        default=0.5,
        metadata=why("of the limit less weights", "a first trial at the script's own size should not fail"),
    )
    second_share: float = field(
        default=0.3,
        metadata=why("of the room", "far enough to see the slope, near enough to pass if the estimate is 3 times off"),
    )
    third_share: float = field(
        default=0.65,
        metadata=why("of the room", "far enough for a sure prediction, and to see whether the points bend"),
    )
    furthest_step: float = field(
        default=32.0,
        metadata=why("times the batch size", "the furthest step on an estimate that nothing measured supports"),
    )
    slope_error: float = field(
        default=2.0,
        metadata=why("times the slope of two points", "memory that tracing freed is used again, which hides growth"),
    )
    verify_share: float = field(
        default=0.5,
        metadata=why("of the room", "a trial that used this much leaves little to extrapolate with two or one points"),
    )
    fit_share: float = field(
        default=0.15,
        metadata=why("of the room", "enough to verify after three trials, whose points show whether they bend"),
    )
    prediction_errors: float = field(
        default=2.0,
        metadata=why("standard errors of a prediction", "1 trial in 40 uses more than that"),
    )
    bolder_errors: float = field(
        default=1.0,
        metadata=why("standard errors of a prediction", "with a verified size in hand a miss costs one trial"),
    )
    misfit_share: float = field(
        default=0.03,
        metadata=why("of the peak", "points further from their line than this do not lie on one"),
    )
    misfit_errors: float = field(
        default=3.0,
        metadata=why("times the noise", "points further from their line than this are not there by chance"),
    )
    apart: float = field(
        default=0.8,
        metadata=why("of the larger batch size", "the slope of two points that are closer would be noise"),
    )
    used_share: float = field(
        default=0.9,
        metadata=why("of the target", "a size that uses this much is large enough to end the search"),
    )
    worthwhile: float = field(
        default=1.05,
        metadata=why("times the verified size", "a smaller gain is not worth a trial"),
    )
    worthwhile_above: float = field(
        default=1.2,
        metadata=why("times the verified size", "a smaller gain is not worth a trial once the target is nearly used"),
    )
    adjacent: float = field(
        default=1.03,
        metadata=why("times the largest that fits", "a smallest failure this close settles the size"),
    )
    step_back: float = field(
        default=0.01,
        metadata=why("of the target", "a size that was slightly too large is followed by one that is surely not"),
    )
    pass_bias: float = field(
        default=0.6,
        metadata=why("of the way to a failure", "above the middle few sizes pass; a failure does not say by how much"),
    )
    wide: float = field(
        default=4.0,
        metadata=why("times the largest that fits", "between sizes this far apart the middle is that of logarithms"),
    )
    retreat: int = field(
        default=8,
        metadata=why("times smaller", "the next size after nothing passed; each retreat is this much wider again"),
    )
    trials: int = field(
        default=8,
        metadata=why("trials", "a search that was led astray ends with the largest size that passed"),
    )
    largest_size: int = field(
        default=65_536,
        metadata=why("samples", "where the number of samples is unknown; larger batches are not trained with"),
    )
    smallest_timed: int = field(
        default=8,
        metadata=why("samples", "smaller batches are slower per sample on any machine"),
    )
    timed_sizes: int = field(
        default=8,
        metadata=why("sizes", "timed in one trial, each for some steps"),
    )
    noise_ratio: int = field(
        default=16,
        metadata=why("between two sizes", "their gradient norms must differ by more than chance"),
    )
    noise_largest: int = field(
        default=512,
        metadata=why("samples", "norms of larger batches take long and show little more"),
    )
    knee_share: float = field(
        default=0.95,
        metadata=why("of the best samples per second", "the last 5% are not worth the memory that they cost"),
    )
    knee_sizes: int = field(
        default=3,
        metadata=why("timed sizes", "two show no knee"),
    )
    epoch_steps: int = field(
        default=5,
        metadata=why("steps an epoch", "with fewer, larger batches only take updates away"),
    )
    round_share: float = field(
        default=1.5,
        metadata=why("times", "a power of two, or the script's own size, is preferred to one up to this much larger"),
    )
    axis_sizes: int = field(
        default=6,
        metadata=why("batch sizes", "a map with more rows takes long and says little more"),
    )
    poor_divisor: float = field(
        default=0.5,
        metadata=why("of the largest size that will do", "a smaller divisor wastes more than an even split gains"),
    )
    accumulation_trials: int = field(
        default=2,
        metadata=why("trials", "sums of gradients take as much as the weights; a second, smaller size allows for it"),
    )


DEFAULT = SizeThresholds()
