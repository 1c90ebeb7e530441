"""Long runs of sweeper: beginnings of their probes, judged as probes of so many steps, against how they ended.

How a long curve ended is read off by a plain rule on means, not by the classifier.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from study_parts.rules import PEERS
from study_parts.words import confusion, rates, table
from sweeper.classify import classify
from sweeper.curve import Curve
from sweeper.job import JobInfo
from sweeper.probes import Outcome, Probe
from sweeper.record import RunDirectory
from sweeper.sweep._verdicts import context_of, pairing
from sweeper.verdict import Label, Verdict

PREFIXES = (0.05, 0.1, 0.2, 0.5, 1.0)
TUNED = {
    "cancer_logistic",
    "digits_mlp",
    "digits_rnn",
    "fashion_cnn",
    "fashion_mlp",
    "housing_regression",
    "imdb_embedding",
}
"""Jobs on which rules may be tried; the others only check them."""
END = 0.05
"""The part of a long curve whose mean is its end."""
RISE, FALL, GAIN, LOST = 0.02, 0.01, 0.05, 0.5
"""A long job diverged if it ends that much above its start, or lost that part of a gain of at least that size; it
stalled if it ends less than that below its start, or came to rest less than that below what always predicting the same
gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """A probe of a long run, with its null curve and how it ended."""

    job: str
    info: JobInfo
    probe: Probe
    curve: Curve
    null: Curve
    outcome: str


def runs_in(folder: Path) -> Iterator[tuple[str, JobInfo, tuple[Outcome, ...]]]:
    """Name, job and outcomes of each complete run in a folder."""
    for path in sorted(results.parent for results in folder.glob("*/results.json")):
        run = RunDirectory.open(path)
        known = run.job()
        if known is not None:
            yield path.name, known[0], run.outcomes()


def long_curves(folder: Path) -> tuple[Long, ...]:
    """The probes of all complete runs in a folder that have a curve and a null curve."""
    found = []
    for name, info, outcomes in runs_in(folder):
        nulls = nulls_of(outcomes)
        for one in outcomes:
            null = nulls.get(pairing(one.probe))
            if one.probe.is_null or one.curve is None or null is None:
                continue
            outcome = ended(one.curve, null, constant=info.constant_loss)
            found.append(Long(job=name, info=info, probe=one.probe, curve=one.curve, null=null, outcome=outcome))
    return tuple(found)


def nulls_of(outcomes: Sequence[Outcome]) -> dict[tuple[int, int, int], Curve]:
    """The null curves of a run by what a probe shares with its own."""
    return {pairing(one.probe): one.curve for one in outcomes if one.probe.is_null and one.curve is not None}


def judged(curve: Curve, null: Curve | None, probe: Probe, info: JobInfo) -> Verdict:
    """The verdict on a probe, as a run gives it."""
    return classify(curve, null=null, context=context_of(probe, info))


def as_probe(one: Long, share: float) -> Verdict:
    """The verdict on the first steps of a long probe."""
    steps = int(one.probe.steps * share)
    return judged(one.curve.beginning(steps), one.null.beginning(steps), replace(one.probe, steps=steps), one.info)


def ended(curve: Curve, null: Curve, *, constant: float | None) -> str:
    """How a long curve ended: `diverged`, `stalled` or `progressed`, by means of its parts next to its null curve's."""
    losses, before = np.asarray(curve.train_loss), np.asarray(null.train_loss)
    broke = curve.first_nonfinite_weight is not None or curve.stopped_early is not None
    if broke or not np.isfinite(losses).all():
        return "diverged"
    start, size = float(before.mean()), max(1, int(losses.size * END))
    blocks = (losses - before[: losses.size])[losses.size % size :].reshape(-1, size)
    changes = blocks.mean(axis=1) / abs(start)
    end, best = float(changes[-1]), float(changes.min())
    if end > RISE or (-best > GAIN and end - best > LOST * -best):
        return "diverged"
    quarter = max(1, len(changes) // 4)
    rests = float(changes[-2 * quarter : -quarter].mean() - changes[-quarter:].mean()) < FALL
    untaught = constant is not None and rests and end > (constant - start) / abs(start) - FALL
    return "stalled" if end > -FALL or untaught else "progressed"


def long_section(folder: Path) -> list[str]:
    """All tables on long runs, tuning and checking jobs apart."""
    items = long_curves(folder)
    lines = []
    for title, is_tuned in (("tuning jobs", True), ("checking jobs", False)):
        part = [one for one in items if (one.job in TUNED) is is_tuned]
        if part:
            names = ", ".join(sorted({one.job for one in part}))
            most = max(one.probe.steps for one in part)
            lines += [f"## Runs of {most:,} steps, {title}: {names} ({len(part)} curves)", "", *_tables(part)]
    return lines


def _tables(items: Sequence[Long]) -> list[str]:
    labels = {share: [as_probe(one, share).label for one in items] for share in PREFIXES}
    truth = [one.outcome == "diverged" for one in items]
    ours = [rates(zip((label is Label.DIVERGED for label in labels[share]), truth, strict=True)) for share in PREFIXES]
    rows = [["sweeper, as a probe of so many steps", *map(" / ".join, ours)]]
    for name, rule in PEERS.items():
        said = ([rule(one.curve.train_loss[: int(one.probe.steps * share)]) for one in items] for share in PREFIXES)
        rows.append([name, *(" / ".join(rates(zip(some, truth, strict=True))) for some in said)])
    lines = table(["rule", *(f"{share:.0%}" for share in PREFIXES)], rows)
    for share in PREFIXES:
        pairs = [(label, one.outcome) for label, one in zip(labels[share], items, strict=True)]
        lines += [f"Verdicts on the first {share:.0%}:", "", *confusion(pairs)]
    return lines


def repeat_section(folder: Path) -> list[str]:
    """How often probes that differ only in their seed get the same verdict, by job."""
    rows, total = [], [0, 0, 0, 0]
    for name, info, outcomes in runs_in(folder):
        counts = _repeats(info, outcomes)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        if counts[0]:
            rows.append([name, *_repeat_row(counts)])
    return [
        "## The same probes with other seeds",
        "",
        "Each probe with another seed beside that with the first seed, at each rate of each row. Away from edges:",
        "neither neighbour in the row has another verdict with the first seed.",
        "",
        *table(["job", "all pairs", "agree", "pairs away from edges", "agree"], [*rows, ["all", *_repeat_row(total)]]),
    ]


def _repeat_row(counts: Sequence[int]) -> list[str]:
    pairs, same, inner, inner_same = counts
    return [str(pairs), f"{same / max(pairs, 1):.3f}", str(inner), f"{inner_same / max(inner, 1):.3f}"]


def _repeats(info: JobInfo, outcomes: Sequence[Outcome]) -> list[int]:
    nulls = nulls_of(outcomes)
    rows: dict[tuple[str, int], dict[float, dict[int, Label]]] = defaultdict(lambda: defaultdict(dict))
    for one in outcomes:
        if not one.probe.is_null and one.curve is not None:
            label = judged(one.curve, nulls.get(pairing(one.probe)), one.probe, info).label
            rows[one.probe.optimizer, one.probe.batch_size][one.probe.learning_rate][one.probe.seed] = label
    counts = [0, 0, 0, 0]
    for row in rows.values():
        cells = [row[rate] for rate in sorted(row)]
        for place, cell in enumerate(cells):
            first = min(cell)
            near = cells[max(0, place - 1) : place + 2]
            away = all(other[min(other)] is cell[first] for other in near)
            same = [label is cell[first] for seed, label in cell.items() if seed != first]
            counts = [
                counts[0] + len(same),
                counts[1] + sum(same),
                counts[2] + away * len(same),
                counts[3] + away * sum(same),
            ]
    return counts
