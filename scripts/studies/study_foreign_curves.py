"""How good verdicts are on curves that other programs wrote, one point an epoch or one a step.

    python scripts/studies/study_foreign_curves.py [--set tuning|checking|final|all]
                                     [--write reports/studies --date 2026-11-30]

Trains ten jobs in plain NumPy at rates from far too low to far too high, with the truth of each training from held-out
samples (foreign_curves_parts/runs.py), writes its curve as a logger would, and judges the files as
`sweeper classify` does: all curves of a job together, each curve alone, and alone with the number of classes. Numbers
were chosen on the tuning set and amended once after a look at the checking set; the final set, of other jobs and
seeds, has only ever checked them.
"""

import argparse
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # matrices this small are slower on several threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from foreign_curves_parts.jobs import CHECKING, FINAL, TUNING
from foreign_curves_parts.runs import Run, all_runs
from study_parts.words import share, table

from sweeper.sweep import Classified, classify_files
from sweeper.verdict import Label

SETS = {"tuning": (TUNING, 100), "checking": (CHECKING, 900), "final": (FINAL, 5000)}
TRUTHS = ("failed", "sound", "slow")
BAD = {Label.DIVERGED, Label.STALLED}
GOOD = {Label.HEALTHY, Label.OVERFIT}
Resolution = Callable[[Run], Sequence[float]]
RESOLUTIONS: dict[str, Resolution] = {"epoch": lambda run: run.by_epoch, "step": lambda run: run.by_step}
WAYS = ("with its job", "alone", "alone, classes known")
HEAD = ("failed", "called healthy", "called failed", "sound, slow", "called failed", "called healthy")
INTRODUCTION = """\
*failed called healthy* should be at most 2%, *sound called failed* (sound and slow ones together) at most 5%. Failed is
what is called diverged or stalled, healthy what is called healthy or overfit. An inconclusive verdict is neither.
"""


def judged(runs: Sequence[Run], resolution: Resolution, way: str) -> list[tuple[Run, Classified]]:
    """What is said of every run, read back from files: a folder for each job, or one for each curve."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(Path(folder), number, run, resolution, way) for number, run in enumerate(runs)]
        if way != "alone, classes known":
            return list(zip(runs, classify_files(paths), strict=True))
        return [
            (run, *classify_files([path], classes=run.classes))
            for run, path in zip(runs, paths, strict=True)
            if run.classes
        ]


def _written(folder: Path, number: int, run: Run, resolution: Resolution, way: str) -> Path:
    path = folder / (run.job if way == "with its job" else str(number)) / f"{number}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{place},{loss!r}" for place, loss in enumerate(resolution(run))]
    path.write_text("\n".join(["epoch,loss", *lines]) + "\n", encoding="utf-8")
    return path


def summary(runs: Sequence[Run]) -> list[str]:
    """The rates that the bars are for, for each way to give the curves."""
    rows = []
    for resolution, curve_of in RESOLUTIONS.items():
        for way in WAYS:
            counts = Counter((run.truth, _said(one)) for run, one in judged(runs, curve_of, way))
            rows.append([f"one point {'an' if resolution == 'epoch' else 'a'} {resolution}", way, *_rates(counts)])
    return table(
        [
            "curve",
            "given",
            "failed",
            "called healthy",
            "called failed",
            "sound, slow",
            "called failed",
            "called healthy",
        ],
        rows,
    )


def _rates(counts: Counter[tuple[str, str]]) -> list[str]:
    cells = []
    for truths, order in ((TRUTHS[:1], ("healthy", "failed")), (TRUTHS[1:], ("failed", "healthy"))):
        whole = sum(number for (truth, _), number in counts.items() if truth in truths)
        cells.append(str(whole))
        for said in order:
            part = sum(counts[truth, said] for truth in truths)
            cells.append(f"{part} ({share(part, whole)})")
    return cells


def _said(one: Classified) -> str:
    label = one.verdict.label
    return "failed" if label in BAD else "healthy" if label in GOOD else "inconclusive"


def by_evidence(runs: Sequence[Run]) -> list[str]:
    """Which rule decided, by truth, for curves of one point an epoch."""
    lines = []
    for way in WAYS[:2]:
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for run, one in judged(runs, RESOLUTIONS["epoch"], way):
            found[f"{one.verdict.label.value} {one.verdict.evidence[0].code}"][run.truth or "between"] += 1
        rows = [[said, *(counts[truth] for truth in (*TRUTHS, "between"))] for said, counts in sorted(found.items())]
        lines += [f"One point an epoch, {way}:", "", *table(["said", *TRUTHS, "between"], rows)]
    return lines


def by_job(runs: Sequence[Run]) -> list[str]:
    """How many trainings of each truth a job has, and what was said wrongly of those with their job."""
    counts = Counter((run.job, run.truth or "between") for run in runs)
    wrong: Counter[tuple[str, str]] = Counter()
    for run, one in judged(runs, RESOLUTIONS["epoch"], WAYS[0]):
        said = _said(one)
        if (run.truth == "failed" and said == "healthy") or (run.truth in TRUTHS[1:] and said == "failed"):
            wrong[run.job, run.truth] += 1
    rows = [
        [job, *(_with(counts[job, truth], wrong[job, truth]) for truth in (*TRUTHS, "between"))]
        for job in dict.fromkeys(run.job for run in runs)
    ]
    return table(["job", *TRUTHS, "between"], rows)


def _with(number: int, wrong: int) -> str:
    return f"{number} ({wrong} wrong)" if wrong else str(number)


def mistakes(runs: Sequence[Run]) -> Iterable[str]:
    """The curves that were judged wrongly, for a look at them."""
    for resolution, curve_of in RESOLUTIONS.items():
        for way in WAYS:
            for run, one in judged(runs, curve_of, way):
                said = _said(one)
                if (run.truth == "failed" and said == "healthy") or (run.truth in TRUTHS[1:] and said == "failed"):
                    curve = curve_of(run)
                    points = curve[:: max(1, len(curve) // 14)]
                    yield (
                        f"{resolution}, {way}: {run.truth}, {run.job}, {run.name}, skill {run.skills[-1]:.2f} -> "
                        f"{run.later:.2f}: {one.verdict.evidence[0].sentence} [{' '.join(f'{x:.4g}' for x in points)}]"
                    )


def section(name: str, runs: Sequence[Run]) -> list[str]:
    """All tables of one set."""
    return [f"## The {name} set: {len(runs)} trainings", "", *summary(runs), *by_job(runs), *by_evidence(runs)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=[*SETS, "all"], default="tuning")
    parser.add_argument("--repeats", type=int, default=1, help="seeds of each rate")
    parser.add_argument("--mistakes", action="store_true", help="print the curves that were judged wrongly")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="also write FOLDER/DATE-foreign-curves.md")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    options = parser.parse_args()
    lines = [f"# Curves of other programs, {options.date}", "", *INTRODUCTION.splitlines(), ""]
    for name in SETS if options.set == "all" else [options.set]:
        jobs, seed = SETS[name]
        runs = all_runs(jobs, seed=seed, repeats=options.repeats)
        lines += section(name, runs)
        if options.mistakes:
            print("\n".join(mistakes(runs)))
    print("\n".join(lines))
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        (options.write / f"{options.date}-foreign-curves.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
