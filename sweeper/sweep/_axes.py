"""From what was asked and what was captured to the axes of the map."""

import math
from dataclasses import replace

from sweeper.errors import UsageError
from sweeper.job import Change, JobInfo
from sweeper.optimizers import known_optimizer
from sweeper.settings import DEFAULT_STEPS, SCRIPT_BATCH_SIZE, Settings
from sweeper.space import SCRIPT, OptimizerChoice, Space

DEFAULT_RATES = (1e-5, 10.0, 13)
"""Lowest and highest rate and their number: half a decade apart, from where little moves to where little survives."""
DEFAULT_OPTIMIZERS = ("sgd", "momentum", "adam")
"""Beside the script's own: the plain one, the one with inertia, and the adaptive one."""
BATCH_FACTORS = (0.25, 1.0, 4.0)
"""The default batch axis, in terms of the script's batch size."""
FEWEST_STEPS = 20
"""Steps below which a time limit for a probe does not push it: fewer say nothing."""
MOST_STEPS = 5_000
"""Steps above which a time limit does not push a probe; such a one is no longer short."""


def make_space(settings: Settings, job: JobInfo) -> tuple[Space, JobInfo]:
    """The axes, and the job with a note on every setting that could not be followed.

    Raises `UsageError` when no batch size or optimizer that was asked for is possible.
    """
    optimizers, job = _optimizers(settings, job)
    batch_sizes, job = _batch_sizes(settings, job)
    steps = tuple(_steps(settings, job, size) for size in batch_sizes)
    space = Space(
        optimizers=optimizers,
        learning_rates=settings.learning_rates or _default_rates(job),
        batch_sizes=batch_sizes,
        seeds=tuple(range(settings.seeds)),
        steps=steps,
    )
    return space, job


def _default_rates(job: JobInfo) -> tuple[float, ...]:
    """The default rates and the script's own, which should be on its map."""
    low, high, count = DEFAULT_RATES
    span = math.log10(high / low)
    rates = [float(f"{low * 10 ** (span * i / (count - 1)):.6g}") for i in range(count)]
    own = job.optimizer.learning_rate
    if own and low <= own <= high and all(abs(math.log10(own / rate)) > 0.05 for rate in rates):  # noqa: PLR2004
        rates.append(float(f"{own:.6g}"))
    return tuple(sorted(rates))


def _optimizers(settings: Settings, job: JobInfo) -> tuple[tuple[OptimizerChoice, ...], JobInfo]:
    script = OptimizerChoice(label=SCRIPT, name=SCRIPT)
    asked = settings.optimizers
    if not job.optimizer.only:
        return asked or (script, *_default_choices(job)), job
    if asked is not None and all(choice.name != SCRIPT for choice in asked):
        raise UsageError(
            f"--optimizer {', '.join(choice.label for choice in asked)}: only the script's own can be probed, because "
            f"{job.optimizer.only}. Leave the option out, or use --optimizer script"
        )
    left_out = [choice.label for choice in asked or () if choice.name != SCRIPT]
    what = f"{', '.join(left_out)} left out: " if left_out else "only the script's own is probed: "
    return (script,), _noted(job, "optimizer axis", what + job.optimizer.only)


def _default_choices(job: JobInfo) -> tuple[OptimizerChoice, ...]:
    """The default optimizers without the one that the script's own already is."""
    return tuple(
        OptimizerChoice(label=name, name=name) for name in DEFAULT_OPTIMIZERS if not _is_scripts_own(name, job)
    )


def _is_scripts_own(name: str, job: JobInfo) -> bool:
    known = known_optimizer(name)
    if known is None or known.keras_class != job.optimizer.name:
        return False
    own = dict(job.optimizer.settings)
    compared = dict(known.preset) or {"momentum": 0.0}
    return all(own.get(key, value) == value for key, value in compared.items())


def _batch_sizes(settings: Settings, job: JobInfo) -> tuple[tuple[int, ...], JobInfo]:
    own, most = job.batch_size, job.train_samples
    wanted = tuple(sorted({own if size == SCRIPT_BATCH_SIZE else size for size in settings.batch_sizes or ()}))
    if job.batch_size_fixed:
        asked = tuple(size for size in wanted if size != own)
        left_out = f"{', '.join(map(str, asked))} left out: " if asked else ""
        return (own,), _noted(job, "batch size axis", f"{left_out}only {own} is probed: {job.batch_size_fixed}")
    if settings.batch_sizes is None:
        sizes = {min(max(1, round(own * factor)), most) for factor in BATCH_FACTORS}
        return tuple(sorted(sizes)), job
    possible = tuple(size for size in wanted if size <= most)
    too_large = [str(size) for size in wanted if size > most]
    if not possible:
        raise UsageError(
            f"--batch-size {', '.join(too_large)}: there are only {most:,} training samples to draw from. "
            "Use a smaller batch size, or raise --max-sample-bytes if samples were cut"
        )
    if too_large:
        detail = f"{', '.join(too_large)} left out: more than the {most:,} training samples"
        job = _noted(job, "batch size axis", detail)
    return possible, job


def _steps(settings: Settings, job: JobInfo, batch_size: int) -> int:
    length = settings.length
    if length.steps is not None:
        return length.steps
    if length.epochs is not None:
        each = job.train_samples if job.whole_elements else job.train_samples / batch_size
        return max(1, math.ceil(length.epochs * each))
    if job.step_seconds is None or length.seconds is None:
        return DEFAULT_STEPS
    return min(MOST_STEPS, max(FEWEST_STEPS, round(length.seconds / job.step_seconds)))


def _noted(job: JobInfo, what: str, detail: str) -> JobInfo:
    return replace(job, changes=(*job.changes, Change(what=what, detail=detail)))


def estimated_seconds(job: JobInfo, space: Space, *, workers: int) -> float | None:
    """A rough time for the whole map once the script has started; None when no step could be timed.

    A step is taken to cost the same up to the script's batch size and in proportion to the samples above it.
    """
    if job.step_seconds is None:
        return None
    each = [
        steps * job.step_seconds * max(1.0, size / job.batch_size)
        for size, steps in zip(space.batch_sizes, space.steps, strict=True)
    ]
    cells = len(space.optimizers) * len(space.learning_rates) * len(space.seeds)
    traces = (job.trace_seconds or 0.0) * len(space.optimizers)
    return sum(each) * (cells + len(space.seeds)) / workers + traces
