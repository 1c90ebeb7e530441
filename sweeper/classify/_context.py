"""Facts about a probe that rules use besides its curve."""

from dataclasses import dataclass

from sweeper.classify._reach import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Facts about the probe that its curve does not hold."""

    planned_steps: int
    """Updates that the probe was planned to make; a curve with fewer is a beginning."""
    passes: float | None
    """Passes over the training samples that the planned probe makes; None when unknown."""
    val_samples: int
    """Samples behind each validation loss; 0 when there are none."""
    constant_loss: float | None = None
    """Loss of the best constant predictor (entropy of the classes, variance of the target), when known."""
    least_loss: float | None = None
    """What the loss cannot go below, when that is known of its kind: 0 for a cross-entropy or a squared error."""
    noise: float | None = None
    """Batch noise of a curve without a null curve, when it is known from nearly frozen curves of the same job."""
    same_batches: bool = True
    """Whether its null curve trained on the same batches; in a loop of the script's own it did not."""
    first_is_mean: bool = False
    """Whether the first point may be the mean of many updates, as in a log of one point an epoch; never of a probe."""
    reach: Reach | None = None
    """What other curves of the job reach, when that is known; looked at only where the first point may be a mean."""
