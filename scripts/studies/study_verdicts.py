"""How good the verdicts are on curves whose outcome is known, beside the rules that other tools use.

    python scripts/studies/study_verdicts.py --curves FOLDER --runs FOLDER --seeds FOLDER [--write reports/studies]

Each folder is a part of the study; what is not named is left out.

--curves holds `taskset.jsonl.gz` and `overfitguard.jsonl.gz`, one JSON object a line: `id, set, train_loss, val_loss,
outcome`, null standing for a loss that is not finite. Outcomes of the first are `diverged`, `stalled` or `progressed`,
of the second `overfit` or `not_overfit`. A verdict on a prefix is held against the outcome of the whole curve.

--runs holds run directories of long probes, such as those of

    sweeper probe scripts/studies/study_jobs/digits_mlp.py --out FOLDER/digits_mlp --steps 4000 --search grid
    --lr 1e-5:10:log:19 --batch-size script

and --seeds run directories of ordinary probes with several seeds (`--seeds 3`, without `--steps`).
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from study_parts.chances import chance_section
from study_parts.known import Known, halves, load, points_of, verdicts
from study_parts.rules import PEERS
from study_parts.runs import long_section, repeat_section
from study_parts.words import confusion, rates, run, table

from sweeper.classify import Context, classify
from sweeper.curve import Curve
from sweeper.verdict import Label

PREFIXES = (0.05, 0.1, 0.2, 0.5, 1.0)
AIM = (0.97, 0.92)
"""Recall and precision of "diverged" that were asked of the first tenth."""
FEW_POINTS = 4
"""Validation points with which overfitting cannot be judged."""

INTRODUCTION = """\
Pairs in the first table of each part are recall / precision of *diverged*, by the share of the curve that was seen; the
outcome is that of the whole curve. "Recall (or share)" of *inconclusive* is its share of all curves. Curves in files
are means of five seeds at 51 checkpoints, many with a rate that decays, so that some which blow up come back later than
at a constant rate. They have no null curve; their noise comes from calm beginnings of the same set, as in
`sweeper classify`.
"""


def against_peers(items: Sequence[Known]) -> list[str]:
    """Recall and precision of "diverged" by rule and prefix."""
    truth = [item.outcome == "diverged" for item in items]

    def row(name: str, said: Iterable[Sequence[bool]]) -> list[str]:
        return [name, *(" / ".join(rates(zip(some, truth, strict=True))) for some in said)]

    def ours(*, knows_peers: bool) -> list[list[bool]]:
        found = (verdicts(items, share, knows_peers=knows_peers) for share in PREFIXES)
        return [[one.label is Label.DIVERGED for one in some] for some in found]

    rows = [row("sweeper", ours(knows_peers=True)), row("sweeper, noise not known", ours(knows_peers=False))]
    for name, rule in PEERS.items():
        rows.append(
            row(name, ([rule(item.train_loss[: points_of(item, share)]) for item in items] for share in PREFIXES))
        )
    return table(["rule", *(f"{share:.0%}" for share in PREFIXES)], rows)


def frontier(items: Sequence[Known]) -> list[str]:
    """What the best single signal could reach at any limit: how far the last loss seen lies above the first."""
    truth = [item.outcome == "diverged" for item in items]
    rows = []
    for share in PREFIXES[1:]:
        rises = [_rise(item.train_loss[: points_of(item, share)]) for item in items]
        said = sorted(zip(rises, truth, strict=True), reverse=True)
        hits, found = 0, []
        for number, (_, diverged) in enumerate(said, start=1):
            hits += diverged
            found.append((hits / sum(truth), hits / number))
        precision = max(precise for recall, precise in found if recall >= AIM[0])
        recall = max((recall for recall, precise in found if precise >= AIM[1]), default=0.0)
        rows.append([f"{share:.0%}", f"{precision:.3f}", f"{recall:.3f}"])
    return table(["seen", f"precision at recall {AIM[0]}", f"recall at precision {AIM[1]}"], rows)


def _rise(losses: Sequence[float]) -> float:
    rise = (losses[-1] - losses[0]) / abs(losses[0])
    return rise if all(map(math.isfinite, losses)) else math.inf


def overfit_section(items: Sequence[Known]) -> list[str]:
    """How the overfit rule does on labelled histories, whole and cut."""
    rows = []
    cuts = [(f"{share:.0%}", share) for share in PREFIXES]
    for name, share in [*cuts, (f"{FEW_POINTS} points", 0.0)]:
        counts: Counter[tuple[bool, bool]] = Counter()
        for item in items:
            points = points_of(item, share) if share else FEW_POINTS
            counts[_overfit(item, points), item.outcome == "overfit"] += 1
        found, missed = counts[True, True], counts[False, True]
        rows.append([name, found, missed, counts[True, False], counts[False, False]])
    return table(["prefix", "overfit found", "overfit missed", "false alarms", "rightly silent"], rows)


def _overfit(item: Known, points: int) -> bool:
    curve = Curve(
        train_loss=item.train_loss[:points],
        val_steps=tuple(range(1, points + 1)),
        val_loss=item.val_loss[:points],
    )
    context = Context(planned_steps=points, passes=float(points), val_samples=1)
    return classify(curve, null=None, context=context).label is Label.OVERFIT


def curves_section(folder: Path) -> list[str]:
    """All tables on curves in files."""
    curves, histories = load(folder / "taskset.jsonl.gz"), load(folder / "overfitguard.jsonl.gz")
    lines = []
    for title, sets in halves(curves).items():
        part = [item for items in sets.values() for item in items]
        lines += [f"## {title}: {', '.join(sets)} ({len(part)} curves)", "", *against_peers(part)]
        lines += ["What any limit on how far the last loss seen lies above the first would reach:", "", *frontier(part)]
        for share in PREFIXES:
            said = zip((one.label for one in verdicts(part, share)), (item.outcome for item in part), strict=True)
            lines += [f"Verdicts on the first {share:.0%}:", "", *confusion(tuple(said))]
    lines += [f"## Overfit: {len(histories)} labelled histories of 1,000 epochs", "", *overfit_section(histories)]
    began = time.process_time()
    verdicts(curves, 1.0)
    per_curve = (time.process_time() - began) / len(curves)
    speed = f"{per_curve * 1e3:.2f} ms of processor time for a curve of {len(curves[0].train_loss)} points."
    return [*lines, speed, ""]


def seeds_section(folder: Path) -> list[str]:
    """What other seeds say of the same probes."""
    return [*repeat_section(folder), *chance_section(folder)]


def study(options: argparse.Namespace) -> list[str]:
    """The parts whose folders were named."""
    parts = ((options.curves, curves_section), (options.runs, long_section), (options.seeds, seeds_section))
    tables = [line for folder, section in parts if folder is not None for line in section(folder)]
    return [*INTRODUCTION.splitlines(), "", *tables]


if __name__ == "__main__":
    run(
        study,
        doc=__doc__,
        folders=("curves", "runs", "seeds"),
        name="verdicts",
        title="Verdicts on curves of known outcome",
    )
