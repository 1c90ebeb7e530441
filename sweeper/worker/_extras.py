"""What a trial measures once its memory is known: speeds, gradient norms, and what the compiler says of other sizes.

None of it may fail the trial: what cannot be measured is left out.
"""

import gc
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias, TypeVar

import numpy as np

from sweeper.capture import Bounds, Interception, OwnFit, take_job
from sweeper.engines import FitEngine, PreparedJob, compiled_sizes
from sweeper.memory import CompiledSize, GradientNorms, Speed, TrialExtras, TrialRequest
from sweeper.probe import NULL_RATE, Probe
from sweeper.space import SCRIPT
from sweeper.worker._watch import Watch, watching_callback

SPEED_STEPS = 20
"""Steps at most that are timed at one batch size."""
SPEED_LEAST_STEPS = 4
SPEED_SECONDS = 2.0
"""Seconds after its first step that one batch size is timed for."""
ALL_SPEEDS_SECONDS = 30.0
"""Seconds after which no further batch size is timed."""
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
    compiled = _tried(lambda: _compiled(own, request.compile_sizes)) or ()
    norms = _tried(lambda: _norms(own, request.noise_sizes, interception, alive)) or ()
    return TrialExtras(speeds=speeds, norms=norms, norms_after_steps=steps if norms else 0, compiled=compiled)


def _tried(measure: Callable[[], T]) -> T | None:
    try:
        return measure()
    except Exception:  # noqa: BLE001  what the script's model does not allow is left out
        traceback.print_exc()
        return None


def _speeds(
    own: OwnFit, request: TrialRequest, main: Watch | None, steps: int, alive: Alive
) -> tuple[tuple[Speed, ...], int]:
    """The speed at each size, the largest first, and the steps that have been trained in the end."""
    known = main.samples_per_second() if main is not None else None
    found = {request.batch_size: known}
    began = time.monotonic()
    for size in sorted(set(request.speed_sizes) - {request.batch_size}, reverse=True):
        if time.monotonic() - began > ALL_SPEEDS_SECONDS:
            break
        watch = _tried(partial(_timed, own, size, alive))
        if watch is not None:
            found[size] = watch.samples_per_second()
            steps += watch.steps
    ordered = sorted(found.items())
    return tuple(Speed(batch_size=size, samples_per_second=rate) for size, rate in ordered if rate), steps


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
    engine = FitEngine(PreparedJob(job, interception=interception))
    # A batch that holds most of the samples says nothing about how batches differ.
    wanted = [size for size in sorted(sizes) if not job.train.whole_elements and 2 * size <= len(job.train)]
    found = []
    for size in wanted:
        probe = Probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=size, seed=0, steps=batches[size])
        norms = np.array(engine.run(probe, progress=alive).curve.gradient_norm)
        if len(norms) and np.isfinite(norms).all():
            found.append(GradientNorms(batch_size=size, mean_square=float(np.square(norms).mean()), batches=len(norms)))
    return tuple(found)


def _batches(size: int, *, smallest: int) -> int:
    return max(NORM_LEAST_BATCHES, NORM_BATCHES * smallest // size)
