"""How likely a verdict on a beginning still holds at the end: fits `sweeper.classify.certainty` and checks it.

    python scripts/study_certainty.py --curves FOLDER [--write reports/studies --date 2026-11-21]

FOLDER holds `taskset.jsonl.gz` as for `study_verdicts.py`. The numbers are fitted on the tuning half; the other half
shows how well stated probabilities and shares of verdicts that held agree. The noise of curves comes from calm curves
of the same set, as `sweeper classify` takes it, and from no more than the prefix.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from study_verdicts import TUNED, Known, load, prefix_length, run, table, verdict_class

from sweeper.classify import CERTAINTY, Context, certainty, classify, kind_of, peer_noise, seen_log_odds
from sweeper.curve import Curve
from sweeper.verdict import Label, Verdict

SHARES = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0)
BINS = 10
RIDGE = 1.0
"""Pull of the slope towards zero: kinds of evidence that are rare stay level."""
FEWEST = 100
"""Verdicts below which a kind of evidence is not fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A verdict on a beginning, and whether it held."""

    share: float
    verdict: Verdict
    outcome: str

    @property
    def held(self) -> bool:
        """Whether the whole curve ended so."""
        return verdict_class(self.verdict.label) == self.outcome


def seen(items: Sequence[Known]) -> Iterator[Seen]:
    """Every definite verdict on every beginning of the curves of one set."""
    for share in SHARES:
        curves = [Curve(train_loss=item.train_loss[: _points(item, share)]) for item in items]
        for item, curve, noise in zip(items, curves, peer_noise(curves), strict=True):
            context = Context(planned_steps=len(item.train_loss), passes=None, val_samples=0, noise=noise)
            verdict = classify(curve, null=None, context=context)
            if verdict.label is not Label.INCONCLUSIVE:
                yield Seen(share=share, verdict=verdict, outcome=item.outcome)


def _points(item: Known, share: float) -> int:
    return prefix_length(len(item.train_loss), share)


def fitted(found: Iterable[Seen]) -> dict[str, tuple[float, float]]:
    """Level and slope for each kind of evidence, by penalised maximum likelihood."""
    by_kind: dict[str, list[Seen]] = defaultdict(list)
    for one in found:
        by_kind[kind_of(one.verdict)].append(one)
    return {kind: _fit(several) for kind, several in sorted(by_kind.items()) if len(several) >= FEWEST}


def _fit(several: Sequence[Seen]) -> tuple[float, float]:
    x = np.array([[1.0, seen_log_odds(one.share)] for one in several])
    y = np.array([one.held for one in several], dtype=np.float64)
    weights, pull = np.zeros(2), np.array([0.01, RIDGE])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-x @ weights))
        bend = x.T @ (x * (chance * (1 - chance) + 1e-9)[:, None]) + np.diag(pull)
        weights = weights + np.linalg.solve(bend, x.T @ (y - chance) - pull * weights)
    return round(float(weights[0]), 2), round(float(weights[1]), 2)


def calibration_error(stated: NDArray[np.float64], held: NDArray[np.float64]) -> float:
    """The mean difference of stated probability and share that held, over bins of equal width."""
    bins = np.minimum((stated * BINS).astype(int), BINS - 1)
    parts = [bins == number for number in range(BINS) if (bins == number).any()]
    return float(sum(part.mean() * abs(stated[part].mean() - held[part].mean()) for part in parts))


def calibration(found: Sequence[Seen]) -> list[str]:
    """Stated and observed, by how much was seen."""
    rows = []
    for share in SHARES:
        some = [one for one in found if one.share == share]
        stated = np.array([certainty(one.verdict, share=share) for one in some], dtype=np.float64)
        held = np.array([one.held for one in some], dtype=np.float64)
        numbers = (stated.mean(), held.mean(), calibration_error(stated, held), ((stated - held) ** 2).mean())
        rows.append([f"{share:.0%}", len(some), *(f"{number:.3f}" for number in numbers)])
    return table(["seen", "verdicts", "stated", "held", "calibration error", "Brier score"], rows)


def study(folder: Path) -> list[str]:
    """The whole study as lines of Markdown."""
    by_set: dict[str, list[Known]] = defaultdict(list)
    for item in load(folder / "taskset.jsonl.gz"):
        by_set[item.set].append(item)
    tuning = [one for name in sorted(by_set) if name in TUNED for one in seen(by_set[name])]
    checking = [one for name in sorted(by_set) if name not in TUNED for one in seen(by_set[name])]
    numbers = fitted(tuning)
    rows = [[kind, *numbers[kind], *CERTAINTY.get(kind, ("-", "-"))] for kind in numbers]
    return [
        "Stated: the mean probability of `sweeper.classify.certainty`. Held: the share of verdicts on beginnings that",
        "were the outcome of the whole curve. Inconclusive verdicts state nothing and are left out.",
        "",
        "## Fitted on the tuning half, beside what the package uses",
        "",
        *table(["evidence", "level", "slope", "level used", "slope used"], rows),
        "## Checking half",
        "",
        *calibration(checking),
        "## Tuning half",
        "",
        *calibration(tuning),
    ]


if __name__ == "__main__":
    run(study, doc=__doc__, name="certainty", title="How sure verdicts on beginnings are")
