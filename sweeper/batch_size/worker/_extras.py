"""What a trial measures once its memory is known: speeds, gradient norms, and what the compiler says of other sizes.

None of it may fail the trial: what cannot be measured is left out.
"""

import gc
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

import numpy as np

from sweeper.batch_size.values import valleys
from sweeper.batch_size.worker._watch import Watch, watching_callback
from sweeper.capture import Bounds, Interception, OwnFit, take_job
from sweeper.engines import FitTraining, ReferenceEngine, compiled_sizes
from sweeper.noise import GradientNorms, gradient_norms
from sweeper.probes import NULL_RATE, Probe
from sweeper.space import SCRIPT
from sweeper.trial import CompiledSize, Speed, TrialExtras, TrialRequest

SPEED_STEPS = 20
"""Steps at most that are timed at one batch size."""
SPEED_LEAST_STEPS = 4
SPEED_SECONDS = 2.0
"""Seconds after its first step that one batch size is timed for."""
ALL_SPEEDS_SECONDS = 30.0
"""Seconds after which no further batch size is timed."""
MOST_AGAIN = 2
"""Times that a batch size is timed again whose speed contradicts those of its neighbours."""
AGAIN_AFTER_SECONDS = 1.0
"""Wait before that: what slowed a reading down may be over by then."""
NORM_BATCHES = 32
"""Batches of the smallest size whose gradient norms are measured."""
NORM_LEAST_BATCHES = 4
NORM_SAMPLE_BYTES = 1 << 27
"""Bytes of samples that are taken for gradient norms."""

Alive: TypeAlias = Callable[[int], None]
"""Called with a number of steps now and then, as a sign of life."""
T = TypeVar("T")


def measure_extras(
    own: OwnFit, request: TrialRequest, interception: Interception, *, main: Watch | None, steps: int, alive: Alive
) -> TrialExtras:
    """Speeds, compiled sizes and gradient norms, as far as the request asks for them and they can be had.

    `main` saw the training at the request's own size, and `steps` have been trained so far.
    """
    gc.collect()
    speeds, steps = _speeds(own, request, main, steps, alive)
    compiled = _result_or_none(lambda: _compiled(own, request.compile_sizes)) or ()
    norms = _result_or_none(lambda: _norms(own, request.noise_sizes, interception, alive)) or ()
    return TrialExtras(speeds=speeds, norms=norms, norms_after_steps=steps if norms else 0, compiled=compiled)


def _result_or_none(measure: Callable[[], T]) -> T | None:
    try:
        return measure()
    except Exception:  # noqa: BLE001  what the script's model does not allow is left out
        traceback.print_exc()
        return None


def _speeds(
    own: OwnFit, request: TrialRequest, main: Watch | None, steps: int, alive: Alive
) -> tuple[tuple[Speed, ...], int]:
    """The speed at each size, the largest first, and the number of steps that have been trained in the end.

    A size that is slower than both smaller and larger ones is timed again.
    """
    readings: dict[int, list[float]] = {}
    if main is not None and (known := main.samples_per_second()) is not None:
        readings[request.batch_size] = [known]
    began = time.monotonic()
    sizes = sorted(set(request.speed_sizes) - {request.batch_size}, reverse=True)
    for turn in range(1 + MOST_AGAIN):
        again = valleys(_fastest(readings)) if turn else ()
        if again:
            time.sleep(AGAIN_AFTER_SECONDS)
        for size in again if turn else sizes:
            if time.monotonic() - began > ALL_SPEEDS_SECONDS:
                break
            watch = _result_or_none(partial(_timed, own, size, alive))
            if watch is not None:
                rate = watch.samples_per_second()
                readings.setdefault(size, []).extend([rate] if rate else [])
                steps += watch.steps
    return _fastest(readings), steps


def _fastest(readings: Mapping[int, Sequence[float]]) -> tuple[Speed, ...]:
    """The fastest reading of each size, since other work only slows a step down."""
    return tuple(
        Speed(batch_size=size, samples_per_second=max(found), readings=len(found))
        for size, found in sorted(readings.items())
        if found
    )


def _timed(own: OwnFit, size: int, alive: Alive) -> Watch:
    fit = own.timed(size, steps=SPEED_STEPS)
    watch = Watch(fit, least_steps=SPEED_LEAST_STEPS, most_seconds=SPEED_SECONDS, alive=alive)
    own.run(fit, watching_callback(watch), own_callbacks=False)
    return watch


def _compiled(own: OwnFit, sizes: Sequence[int]) -> tuple[CompiledSize, ...]:
    import keras

    if not sizes or keras.backend.backend() != "jax":
        return ()
    batch = own.train.taken.samples.batch(np.zeros(1, dtype=np.int64))
    return compiled_sizes(own.call.model, batch, sizes)


def _norms(own: OwnFit, sizes: Sequence[int], interception: Interception, alive: Alive) -> tuple[GradientNorms, ...]:
    """Gradient norms at the present weights, from null probes of the job that the fit call is."""
    if not sizes:
        return ()
    batches = {size: _batches(size, smallest=min(sizes)) for size in sizes}
    most = max(size * count for size, count in batches.items())
    job = take_job(own.for_samples(), Bounds(nbytes=NORM_SAMPLE_BYTES, samples=most))
    job.val = None
    engine = ReferenceEngine(FitTraining(job, interception=interception))
    # A batch that holds most of the samples says nothing about how batches differ.
    wanted = [size for size in sorted(sizes) if not job.train.whole_elements and 2 * size <= len(job.train)]
    found = []
    for size in wanted:
        probe = Probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=size, seed=0, steps=batches[size])
        curve = engine.run(probe, progress=alive).curve
        if curve.gradient_norm and np.isfinite(curve.gradient_norm).all():
            found.append(gradient_norms(size, curve.gradient_norm, curve.train_loss))
    return tuple(found)


def _batches(size: int, *, smallest: int) -> int:
    return max(NORM_LEAST_BATCHES, NORM_BATCHES * smallest // size)
