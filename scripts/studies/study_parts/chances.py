"""The chance of failing that a map states from its first seed, against what other seeds did at the same rates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from study_parts.words import table
from sweeper.job import JobInfo
from sweeper.probes import Outcome
from sweeper.ranges import Row
from sweeper.recommend import build_map
from sweeper.record import RunDirectory
from sweeper.space import Space
from sweeper.sweep._judgements import judge_all
from sweeper.verdict import Judged

BINS = (0.0, 0.01, 0.03, 0.1, 0.3, 0.6, 0.8, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One probe with another seed, with the chance stated for it."""

    stated: float
    """Chance of failing at its rate, from the first seed alone."""
    failed: bool
    in_range: bool
    """Whether its rate was called safe, from the first seed alone."""


def chance_section(folder: Path) -> list[str]:
    """How often other seeds fail where the first seed states a chance, and within its safe ranges."""
    told = [one for path in sorted(folder.glob("*/results.json")) for one in _run(RunDirectory.open(path.parent))]
    if not told:
        return []
    stated, failed = (np.array([getattr(one, name) for one in told], dtype=float) for name in ("stated", "failed"))
    rows, error = [], 0.0
    for low, high in pairwise(BINS):
        inside = (stated >= low) & ((stated < high) | (high == 1.0))
        if inside.any():
            means = stated[inside].mean(), failed[inside].mean()
            rows.append([f"{low:g} to {high:g}", int(inside.sum()), *(f"{mean:.3f}" for mean in means)])
            error += float(inside.mean() * abs(means[0] - means[1]))
    safe = [one.failed for one in told if one.in_range]
    return [
        "## The chance of failing",
        "",
        "Stated by a map of the first seed alone; beside it the share of other seeds that diverged or were broken.",
        "",
        *table(["stated", "probes", "mean stated", "failed"], rows),
        f"Calibration error {error:.3f}.",
        f"Of {len(safe)} probes with other seeds at rates that the first seed called safe, {sum(safe)} failed.",
        "",
    ]


def _run(run: RunDirectory) -> Iterator[Told]:
    known = run.job()
    if known is None:
        return
    job, space = known
    judged = judge_all(run.outcomes(), job)
    nulls = [one.outcome for one in judged if one.outcome.probe.is_null]
    probes = [one for one in judged if not one.outcome.probe.is_null]
    for row in _rows(space, job, probes, nulls):
        for probe, verdict in ((one.outcome.probe, one.verdict) for one in probes if one.verdict is not None):
            if (probe.optimizer, probe.batch_size) == (row.optimizer, row.batch_size) and probe.seed != space.seeds[0]:
                chance, safe = row.chance_at(probe.learning_rate), row.safe
                if chance is not None:
                    in_range = safe is not None and safe.holds(probe.learning_rate)
                    yield Told(stated=chance.probability, failed=verdict.is_failure, in_range=in_range)


def _rows(space: Space, job: JobInfo, probes: Sequence[Judged], nulls: Sequence[Outcome]) -> tuple[Row, ...]:
    first = [one for one in probes if one.outcome.probe.seed == space.seeds[0]]
    return build_map(space, first, nulls, job=job).rows
