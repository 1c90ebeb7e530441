"""How good the verdicts are on curves whose outcome is known, beside the rules that other tools use.

    python scripts/study_verdicts.py --curves FOLDER [--write reports/studies --date 2026-11-21]

FOLDER holds `taskset.jsonl.gz` and `overfitguard.jsonl.gz`, one JSON object a line: `id, set, steps, train_loss,
val_loss, learning_rate, outcome`, null standing for a loss that is not finite. Outcomes of the first are `diverged`,
`stalled` or `progressed`, of the second `overfit` or `not_overfit`. A verdict on a prefix is held against the outcome
of the whole curve. Thresholds were chosen on the sets in TUNED; the others only check them.
"""

import argparse
import gzip
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from sweeper.classify import Context, classify
from sweeper.curve import Curve
from sweeper.robust import jitter
from sweeper.verdict import Label

PREFIXES = (0.05, 0.1, 0.2, 0.5, 1.0)
TUNED = {"patch32_GRU128_bs128", "patch32_IRNN64_relu_last_bs128", "patch32_VRNN64_tanh_avg_bs128"}
OUTCOMES = ("diverged", "stalled", "progressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A curve with its outcome."""

    id: str
    set: str
    steps: tuple[int, ...]
    train_loss: tuple[float, ...]
    val_loss: tuple[float, ...]
    outcome: str
    learning_rate: float | None
    noise: float | None = None
    """Batch noise of its set, where that can be measured on nearly frozen runs."""


INTRODUCTION = """\
Pairs in the first table of each half are recall / precision of *diverged*, by the part of the curve that was seen; the
outcome is that of the whole curve. "Recall (or share)" of *inconclusive* is its share of all curves. The curves are
means of five seeds at 51 checkpoints, many with a rate that decays, so that some which blow up come back later than at
a constant rate. Their noise is the median jitter of the runs at the twenty lowest rates of a set; they have no null
curve.
"""


def load(path: Path) -> tuple[Known, ...]:
    """The curves of one file, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return tuple(known(json.loads(line)) for line in lines)


def known(row: dict[str, object]) -> Known:
    """One line as a curve with its outcome."""

    def numbers(name: str) -> tuple[float, ...]:
        return tuple(math.nan if value is None else float(value) for value in row[name])  # type: ignore[attr-defined]

    return Known(
        id=str(row["id"]),
        set=str(row["set"]),
        steps=tuple(int(step) for step in row["steps"]),  # type: ignore[attr-defined]
        train_loss=numbers("train_loss"),
        val_loss=numbers("val_loss"),
        outcome=str(row["outcome"]),
        learning_rate=row["learning_rate"],  # type: ignore[arg-type]
    )


def with_noise(items: Sequence[Known]) -> tuple[Known, ...]:
    """The curves, each with the noise of its set: the median jitter of the runs at its twenty lowest rates."""
    floors = {}
    for name in {item.set for item in items}:
        frozen = sorted((i for i in items if i.set == name), key=lambda i: i.learning_rate or 0.0)[:20]
        floors[name] = statistics.median(jitter(np.asarray(item.train_loss)) for item in frozen)
    return tuple(replace(item, noise=floors[item.set]) for item in items)


def prefix_length(points: int, share: float) -> int:
    """The points of a prefix; at least two."""
    return max(2, int(points * share))


def our_label(item: Known, *, points: int, passes: float | None = None) -> Label:
    """Our verdict on the first `points` of a curve."""
    curve = Curve(
        train_loss=item.train_loss[:points],
        val_steps=tuple(range(1, points + 1)),
        val_loss=item.val_loss[:points],
    )
    total = len(item.train_loss)
    context = Context(planned_steps=total, passes=passes, val_samples=0 if passes is None else 1, noise=item.noise)
    return classify(curve, null=None, context=context).label


def diverged_by_nan(losses: Sequence[float]) -> bool:
    """TerminateOnNaN: only a loss that is not finite."""
    return not all(math.isfinite(loss) for loss in losses)


def diverged_by_ratio(losses: Sequence[float], *, ratio: float, memory: float) -> bool:
    """The stop rule of learning-rate finders: the smoothed loss is above `ratio` times its best so far."""
    mean, best = 0.0, math.inf
    for step, loss in enumerate(losses, start=1):
        mean = memory * mean + (1 - memory) * loss
        smoothed = mean / (1 - memory**step)
        best = min(best, smoothed)
        if smoothed > ratio * best:
            return True
    return False


def diverged_by_mean(losses: Sequence[float]) -> bool:
    """The fractal paper: the mean of the last fifth is not below the first loss, or not finite."""
    last = losses[-max(1, len(losses) // 5) :]
    return not sum(last) / len(last) < losses[0]


Rule: TypeAlias = Callable[[Known, int], bool]
"""Whether a curve diverged, from its first so many points."""


def of_losses(rule: Callable[[Sequence[float]], bool]) -> Rule:
    """A rule that looks at the losses alone."""
    return lambda item, points: rule(item.train_loss[:points])


RULES: dict[str, Rule] = {
    "sweeper": lambda item, points: our_label(item, points=points) is Label.DIVERGED,
    "sweeper, noise not known": lambda item, points: (
        our_label(replace(item, noise=None), points=points) is Label.DIVERGED
    ),
    "NaN only": of_losses(diverged_by_nan),
    "smoothed > 4x best": of_losses(lambda losses: diverged_by_ratio(losses, ratio=4.0, memory=0.98)),
    "smoothed > 5x best": of_losses(lambda losses: diverged_by_ratio(losses, ratio=5.0, memory=0.95)),
    "NaN or > 4x best": of_losses(
        lambda losses: diverged_by_nan(losses) or diverged_by_ratio(losses, ratio=4.0, memory=0.98)
    ),
    "fractal: mean of end >= start": of_losses(diverged_by_mean),
}


def share(part: int, whole: int) -> str:
    """A share as text; a dash when there is nothing to share."""
    return f"{part / whole:.3f}" if whole else "-"


def rates(pairs: Iterable[tuple[bool, bool]]) -> tuple[str, str]:
    """Recall and precision as text, from pairs of said and true."""
    counts = Counter(pairs)
    hits = counts[True, True]
    return share(hits, hits + counts[False, True]), share(hits, hits + counts[True, False])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def confusion(items: Sequence[Known], fraction: float) -> list[str]:
    """The confusion matrix of our verdicts at one prefix, with recall and precision by outcome."""
    said = [(our_label(item, points=prefix_length(len(item.train_loss), fraction)), item.outcome) for item in items]
    counts = Counter((verdict_class(label), outcome) for label, outcome in said)
    rows = []
    for name in (*OUTCOMES, "inconclusive"):
        pairs = ((verdict_class(label) == name, outcome == name) for label, outcome in said)
        scores = rates(pairs) if name in OUTCOMES else (share(sum(counts[name, o] for o in OUTCOMES), len(said)), "")
        rows.append([name, *(counts[name, outcome] for outcome in OUTCOMES), *scores])
    return table(["verdict", *(f"ended {outcome}" for outcome in OUTCOMES), "recall (or share)", "precision"], rows)


def verdict_class(label: Label) -> str:
    """The outcome that a label stands for."""
    return "progressed" if label in {Label.HEALTHY, Label.OVERFIT} else label.value


def against_peers(items: Sequence[Known]) -> list[str]:
    """Recall and precision of "diverged" by rule and prefix."""
    rows = [
        [name, *(" / ".join(scores(items, rule, fraction)) for fraction in PREFIXES)] for name, rule in RULES.items()
    ]
    return table(["rule", *(f"{fraction:.0%}" for fraction in PREFIXES)], rows)


def scores(items: Sequence[Known], rule: Rule, fraction: float) -> tuple[str, str]:
    """Recall and precision of one rule on one prefix of all curves."""
    return rates(
        (rule(item, prefix_length(len(item.train_loss), fraction)), item.outcome == "diverged") for item in items
    )


def overfit_section(items: Sequence[Known]) -> list[str]:
    """How the overfit rule does on labelled histories, whole and cut."""
    rows = []
    for fraction in PREFIXES:
        counts: Counter[tuple[bool, bool]] = Counter()
        for item in items:
            points = prefix_length(len(item.train_loss), fraction)
            label = our_label(item, points=points, passes=float(len(item.train_loss)))
            counts[label is Label.OVERFIT, item.outcome == "overfit"] += 1
        found, missed = counts[True, True], counts[False, True]
        rows.append([f"{fraction:.0%}", found, missed, counts[True, False], counts[False, False]])
    return table(["prefix", "overfit found", "overfit missed", "false alarms", "rightly silent"], rows)


def study(folder: Path) -> list[str]:
    """The whole study as lines of Markdown."""
    curves, histories = with_noise(load(folder / "taskset.jsonl.gz")), load(folder / "overfitguard.jsonl.gz")
    names = sorted({item.set for item in curves})
    halves = {
        "Tuning half": [name for name in names if name in TUNED],
        "Checking half": [name for name in names if name not in TUNED],
    }
    lines = [*INTRODUCTION.splitlines(), ""]
    for title, sets in halves.items():
        part = [item for item in curves if item.set in sets]
        lines += [f"## {title}: {', '.join(sets)} ({len(part)} curves)", "", *against_peers(part)]
        for fraction in PREFIXES:
            lines += [f"Verdicts on the first {fraction:.0%}:", "", *confusion(part, fraction)]
    lines += [f"## Overfit: {len(histories)} labelled histories of 1,000 epochs", "", *overfit_section(histories)]
    began = time.perf_counter()
    for item in curves:
        our_label(item, points=len(item.train_loss))
    per_curve = (time.perf_counter() - began) / len(curves)
    return [*lines, f"{per_curve * 1e3:.2f} ms for a curve of {len(curves[0].train_loss)} points.", ""]


def run(study: Callable[[Path], list[str]], *, doc: str | None, name: str, title: str) -> None:
    """Prints a study of the curves in a folder, and writes it when asked to: the command line of such studies."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curves", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help=f"also write FOLDER/DATE-{name}.md")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    options = parser.parse_args()
    lines = study(options.curves)
    print("\n".join(lines))
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        head = [f"# {title}, {options.date}", ""]
        (options.write / f"{options.date}-{name}.md").write_text("\n".join([*head, *lines]), encoding="utf-8")


if __name__ == "__main__":
    run(study, doc=__doc__, name="verdicts", title="Verdicts on curves of known outcome")
