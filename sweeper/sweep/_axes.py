"""Makes the axes of the map from the settings and the captured job."""

import math
import sys
from dataclasses import replace

from sweeper.errors import UsageError
from sweeper.job import Change, JobInfo
from sweeper.optimizers import known_optimizer
from sweeper.search import HIGHEST_RATE, LOWEST_RATE, AbstractSearch, planned_total, search_named
from sweeper.settings import DEFAULT_STEPS, BatchSearch, RateRange, Search, Settings
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.text import plural
from sweeper.verdict import Judged

DEFAULT_RANGE = RateRange(low=1e-5, high=10.0)
"""From rates at which training hardly moves to rates at which most trainings diverge."""
GRID_SPACING = 0.5
"""Decades between the rates of a grid of which only the ends are given."""
DEFAULT_SEEDS = {Search.GRID: 1, Search.BOUNDARY: 3}
"""Seeds of every cell of a grid; for a boundary search, the most seeds of a cell, at edges that are uncertain."""
DEFAULT_OPTIMIZERS = ("sgd", "momentum", "adam")
"""Tried beside the script's own: plain SGD, SGD with momentum, and an adaptive optimizer."""
BATCH_FACTORS = (0.25, 1.0, 4.0)
"""The default batch sizes, as multiples of the script's."""
EXPECTED_RATES = 14
"""Learning rates that are expected to be tried for each optimizer and batch size where they are not listed."""
EXPECTED_SIZES = 4
"""Batch sizes that are expected up to the largest that fits in memory."""
FEWEST_STEPS = 20
"""Fewest steps of a probe whose length is given in seconds: fewer say nothing."""
MOST_STEPS = 5_000
"""Most steps of a probe whose length is given in seconds: with more it would not be short."""
_SAME_RATE_DECADES = 0.05
"""Decades within which the script's own rate counts as one of the grid's."""


def make_space(settings: Settings, job: JobInfo) -> tuple[Space, JobInfo]:
    """The axes of the map, and the job with a note on every setting that could not be followed.

    Raises `UsageError` when no batch size or optimizer that was asked for is possible.
    """
    optimizers, job = _optimizers(settings, job)
    batch_sizes, job = _batch_sizes(settings, job)
    search = settings.search or (Search.GRID if isinstance(settings.learning_rates, tuple) else Search.BOUNDARY)
    space = Space(
        optimizers=optimizers,
        learning_rates=_grid(settings, job) if search is Search.GRID else _ends(settings),
        batch_sizes=batch_sizes,
        seeds=tuple(range(settings.seeds or DEFAULT_SEEDS[search])),
        steps=tuple(_steps(settings, job, size) for size in batch_sizes),
        resolution=None if search is Search.GRID else settings.resolution,
        script=None if search is Search.GRID else _script_setting(job, optimizers, batch_sizes),
    )
    return space, _with_length(settings, _with_unfinished_warm_ups(job, space))


def _with_length(settings: Settings, job: JobInfo) -> JobInfo:
    """The job with a note where its own loop does not allow the length that was asked for."""
    if job.own_loop and settings.length.epochs is not None:
        detail = f"--epochs left out: the script's loop does not say what an epoch is; {DEFAULT_STEPS} steps instead"
        job = _noted(job, "length", detail)
    if job.own_loop and job.most_steps is not None and _wanted_steps(settings, job, job.batch_size) > job.most_steps:
        detail = f"probes have {plural(job.most_steps, 'step')}, as the script's own loop makes no more"
        job = _noted(job, "length", detail)
    return job


def _script_setting(
    job: JobInfo, optimizers: tuple[OptimizerChoice, ...], batch_sizes: tuple[int, ...]
) -> tuple[float, int] | None:
    """The script's own rate and batch size; None where they are not on the map or the rate is not known."""
    rate = job.optimizer.learning_rate
    known = rate is not None and LOWEST_RATE <= rate <= HIGHEST_RATE
    if not known or job.batch_size not in batch_sizes or all(choice.label != SCRIPT for choice in optimizers):
        return None
    return float(f"{rate:.6g}"), job.batch_size


def expected_probes(settings: Settings) -> int:
    """An estimate, from the settings alone, of how many probes a run will make."""
    optimizers = len(settings.optimizers) if settings.optimizers is not None else 1 + len(DEFAULT_OPTIMIZERS)
    asked = settings.learning_rates
    seeds = settings.seeds or 1
    rates = len(asked) * seeds if isinstance(asked, tuple) else EXPECTED_RATES
    number = optimizers * _expected_sizes(settings) * rates
    return number if settings.max_probes is None else min(number, settings.max_probes)


def _expected_sizes(settings: Settings) -> int:
    match settings.batch_sizes:
        case BatchSearch.AUTO:
            return EXPECTED_SIZES
        case BatchSearch.RECOMMENDED:
            return 1
        case sizes:
            return len(sizes or BATCH_FACTORS)


def search_of(space: Space) -> AbstractSearch:
    """The search that `make_space` made a space for: a grid where it has no resolution."""
    return search_named(Search.GRID if space.resolution is None else Search.BOUNDARY)


def _ends(settings: Settings) -> tuple[float, float]:
    """The lowest and the highest rate of the range in which a boundary search begins."""
    asked = settings.learning_rates or DEFAULT_RANGE
    if isinstance(asked, RateRange):
        return asked.low, asked.high
    if len(asked) == 1:
        raise UsageError(
            f"--lr {asked[0]:g} with --search boundary: one rate is no range. Give two ends, as in --lr 1e-5:10, or "
            "use --search grid"
        )
    return asked[0], asked[-1]


def _grid(settings: Settings, job: JobInfo) -> tuple[float, ...]:
    """The rates of a grid: as listed, or evenly spaced; where no rates were asked for, with the script's own."""
    asked = settings.learning_rates
    if isinstance(asked, tuple):
        return asked
    low, high = (asked or DEFAULT_RANGE).low, (asked or DEFAULT_RANGE).high
    span = math.log10(high / low)
    parts = max(1, round(span / GRID_SPACING))
    rates = [float(f"{low * 10 ** (span * i / parts):.6g}") for i in range(parts + 1)]
    own = job.optimizer.learning_rate
    if (
        asked is None
        and own
        and low <= own <= high
        and all(abs(math.log10(own / rate)) > _SAME_RATE_DECADES for rate in rates)
    ):
        rates.append(float(f"{own:.6g}"))
    return tuple(sorted(rates))


def _optimizers(settings: Settings, job: JobInfo) -> tuple[tuple[OptimizerChoice, ...], JobInfo]:
    """The optimizer axis, and the job with a note where only the script's own optimizer is possible."""
    script = OptimizerChoice(label=SCRIPT, name=SCRIPT)
    asked = settings.optimizers
    if not job.optimizer.only:
        return asked or (script, *_default_choices(job)), job
    possible = tuple(choice for choice in asked or (script,) if choice.name == SCRIPT and not choice.options)
    left_out = ", ".join(choice.label for choice in asked or () if choice not in possible)
    if not possible:
        raise UsageError(
            f"--optimizer {left_out}: only the script's own can be probed, with its own settings, because "
            f"{job.optimizer.only}. Leave the option out, or use --optimizer script"
        )
    what = f"{left_out} left out: " if left_out else "only the script's own is probed: "
    return possible, _noted(job, "optimizer axis", what + job.optimizer.only)


def _with_unfinished_warm_ups(job: JobInfo, space: Space) -> JobInfo:
    """The job with a note on every warm-up that is longer than some probes."""
    for choice in space.optimizers:
        short = sorted({steps for steps in space.steps if steps < choice.warmup_steps})
        if short:
            detail = (
                f"{choice.label}: probes of {' and '.join(map(str, short))} steps end during the warm-up, before they "
                "reach the rate at which they stand on the map"
            )
            job = _noted(job, "warm-up", detail)
    return job


def _default_choices(job: JobInfo) -> tuple[OptimizerChoice, ...]:
    """The default optimizers, without one that equals the script's own."""
    return tuple(
        OptimizerChoice(label=name, name=name) for name in DEFAULT_OPTIMIZERS if not _is_scripts_own(name, job)
    )


def _is_scripts_own(name: str, job: JobInfo) -> bool:
    """Whether the script's own optimizer has the class and the settings that `name` stands for."""
    known = known_optimizer(name)
    if known is None or known.keras_class != job.optimizer.name:
        return False
    own = dict(job.optimizer.settings)
    compared = dict(known.preset) or {"momentum": 0.0}
    return all(own.get(key, value) == value for key, value in compared.items())


def _batch_sizes(settings: Settings, job: JobInfo) -> tuple[tuple[int, ...], JobInfo]:
    """The batch-size axis, and the job with a note where sizes that were asked for are not possible."""
    own, most = job.batch_size, job.train_samples or sys.maxsize
    listed = settings.batch_sizes if isinstance(settings.batch_sizes, tuple) else ()
    wanted = tuple(sorted({size if isinstance(size, int) else own for size in listed}))
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
    """The number of steps of a probe at a batch size."""
    wanted = _wanted_steps(settings, job, batch_size)
    return wanted if job.most_steps is None else min(wanted, job.most_steps)


def _wanted_steps(settings: Settings, job: JobInfo, batch_size: int) -> int:
    """The number of steps that the settings ask for."""
    length = settings.length
    if length.steps is not None:
        return length.steps
    if job.own_loop and length.epochs is not None:
        return DEFAULT_STEPS  # a loop says nothing of its epochs
    if length.epochs is not None:
        epoch_steps = job.train_samples if job.whole_elements else job.train_samples / batch_size
        return max(1, math.ceil(length.epochs * epoch_steps))
    if job.step_seconds is None or length.seconds is None:
        return DEFAULT_STEPS
    return min(MOST_STEPS, max(FEWEST_STEPS, round(length.seconds / job.step_seconds)))


def _noted(job: JobInfo, what: str, detail: str) -> JobInfo:
    """The job with one more change."""
    return replace(job, changes=(*job.changes, Change(what=what, detail=detail)))


def estimated_seconds(job: JobInfo, space: Space, *, further: float = 0.0, workers: int) -> float | None:
    """An estimate of the seconds for all probes, without the start of the script; None when no step could be timed.

    `further` is a number of probes to add to those of the map. A step is taken to cost the same up to the script's
    batch size, and in proportion to its samples above it.
    """
    if job.step_seconds is None:
        return None
    each = [
        steps * job.step_seconds * max(1.0, size / job.batch_size)
        for size, steps in zip(space.batch_sizes, space.steps, strict=True)
    ]
    probes = planned_map_probes(space) / len(space.batch_sizes)
    traces = (job.trace_seconds or 0.0) * len(space.optimizers)
    return sum(each) * (probes + 1 + further / len(space.batch_sizes)) / workers + traces


def planned_map_probes(space: Space, judged: tuple[Judged, ...] = ()) -> int:
    """The number of probes of the map, null probes (at rate 0) not counted.

    For a boundary search it is an estimate from the probes that are judged so far.
    """
    if space.resolution is not None:
        nulls = {(one.outcome.probe.batch_size, one.outcome.probe.seed) for one in judged if one.outcome.probe.is_null}
        nulls |= {(size, space.seeds[0]) for size in space.batch_sizes}
        return planned_total(space, judged) - len(nulls)
    return len(space.optimizers) * len(space.learning_rates) * len(space.batch_sizes) * len(space.seeds)
