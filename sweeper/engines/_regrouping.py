"""Whether other batches may be made of the samples of a pipeline, shown by losses at rate 0.

A batch can mean more than its samples: pairs that a loss compares, whole graphs, state that a layer carries on to the
next one. So the losses of the script's own batches are held against those of the same batches in another order, and of
batches of the same samples put together at random. Where either matters, the script's batches stay as they are.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sweeper.capture import NO_SAMPLE, Arrays, Indices, Reshuffle
from sweeper.engines._fit_training import FitTraining

BATCHES = (4, 16)
"""Least and most batches that are looked at."""
SECONDS = 1.0
"""About how long batches are looked at for each of the orders that are compared."""
SHUFFLES = 4
"""Random batches of all samples that are compared with the script's."""
SAME_LOSS = 0.005
"""Relative difference of mean losses up to which batches count as equal whatever their samples."""
BEYOND_CHANCE = 5.0
"""Standard deviations of what random batches give beyond which the script's are not like them."""
CARRIED = 1e-3
"""Relative difference of the loss of one batch, after other ones, from which something was carried on."""
_SEED = 20_261_129


def settle_batches(fit: FitTraining) -> None:
    """Fixes the batch size of a job where its batches are more than their samples, and notes it where they are not."""
    job = fit.job
    if job.kind == Arrays.kind or job.train.whole_elements:
        return
    own = _own_batches(fit)
    if len(own) >= BATCHES[0]:
        reason = _why_in_order(fit, own)
        if reason:
            job.order = replace(job.order, reshuffle=Reshuffle.NOTHING)
        elif not job.regroups and not job.batch_size_fixed:
            reason = _why_together(fit, own)
        job.batch_size_fixed = job.batch_size_fixed or reason
    elif not job.regroups:
        few = f"{len(own)} batches are too few to tell whether others may be made of their samples"
        job.batch_size_fixed = job.batch_size_fixed or few
    if not job.batch_size_fixed:
        detail = f"batch sizes other than {job.batch_size} are made of the {job.kind}'s samples, in its order"
        job.changed("re-batched", detail)


def _own_batches(fit: FitTraining) -> Indices:
    """The first of the script's own batches that are full."""
    job = fit.job
    least, most = BATCHES
    count = fit.steps_in(SECONDS, least=least, most=most)
    rows = job.order.rows(batch_size=job.order.own_size, steps=2 * count)
    full = rows[(rows != NO_SAMPLE).all(axis=1)][:count]
    return full[: len(np.unique(full, axis=0))]


def _why_in_order(fit: FitTraining, own: Indices) -> str:
    """Why batches must stay in their order; empty when they need not."""
    turned = np.roll(np.arange(len(own)), len(own) // 2)
    losses = np.array(fit.null_losses(own))
    again = np.array(fit.null_losses(own, seed=1))
    others = np.empty_like(losses)
    others[turned] = fit.null_losses(own[turned])
    scale = np.maximum(np.abs(losses), 1e-12)
    if np.nanmax(np.abs(again - losses) / scale) > CARRIED:
        return ""  # chance has a part in the losses: they cannot be compared one by one
    apart = np.abs(others - losses) / scale
    worst = int(np.nanargmax(apart)) if np.isfinite(apart).any() else 0
    if not apart[worst] > CARRIED:
        return ""
    return (
        "the loss of a batch depends on the batches before it, so something is carried on from step to step "
        f"(batch {worst + 1} has {losses[worst]:.4g} in its place and {others[worst]:.4g} in another)"
    )


def _why_together(fit: FitTraining, own: Indices) -> str:
    """Why the samples of a batch must stay together; empty when they need not."""
    mean = _mean(fit.null_losses(own))
    shuffled = [_mean(fit.null_losses(rows)) for rows in _shuffles(own)]
    middle, spread = float(np.mean(shuffled)), float(np.std(shuffled, ddof=1))
    if abs(mean - middle) <= max(SAME_LOSS * abs(middle), BEYOND_CHANCE * spread):
        return ""
    return (
        "batches of the same samples put together at random have another loss "
        f"({middle:.4g} on average, not {mean:.4g}), so the samples of a batch belong together"
    )


def _shuffles(own: Indices) -> Sequence[NDArray[np.int64]]:
    generator = np.random.Generator(np.random.PCG64(_SEED))
    return [generator.permutation(own.reshape(-1)).reshape(own.shape) for _ in range(SHUFFLES)]


def _mean(losses: Sequence[float]) -> float:
    return float(np.mean(losses))
