"""How likely a verdict on a beginning still holds at the end: fits `sweeper.classify.certainty` and checks it.

    python scripts/studies/study_certainty.py --curves FOLDER [--write reports/studies --date 2026-11-21]

FOLDER holds `taskset.jsonl.gz` as for `study_verdicts.py`. The numbers are fitted on the tuning half; the other half
shows how well stated probabilities and shares of verdicts that held agree.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from study_parts.known import Known, halves, load, verdicts
from study_parts.words import run, table, verdict_class

from sweeper.classify import CERTAINTY, certainty, kind_of, margin_of, seen_log_odds
from sweeper.verdict import Label, Verdict

SHARES = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0)
BINS = 10
RIDGE = 1.0
"""Pull of the slopes towards zero: kinds of evidence that are rare stay level."""
FEWEST = 100
"""Verdicts below which a kind of evidence is not fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A verdict on a beginning, and whether it held."""

    share: float
    verdict: Verdict
    held: bool


def seen(items: Sequence[Known]) -> list[Seen]:
    """Every definite verdict on every beginning."""
    return [
        Seen(share=share, verdict=verdict, held=verdict_class(verdict.label) == item.outcome)
        for share in SHARES
        for item, verdict in zip(items, verdicts(items, share), strict=True)
        if verdict.label is not Label.INCONCLUSIVE
    ]


def fitted(found: Iterable[Seen]) -> dict[str, tuple[float, ...]]:
    """The numbers of `CERTAINTY` for each kind of evidence, by penalised maximum likelihood."""
    by_kind: dict[str, list[Seen]] = defaultdict(list)
    for one in found:
        by_kind[kind_of(one.verdict)].append(one)
    return {kind: _fit(several) for kind, several in sorted(by_kind.items()) if len(several) >= FEWEST}


def _fit(several: Sequence[Seen]) -> tuple[float, ...]:
    x = np.array([[1.0, seen_log_odds(one.share), margin_of(one.verdict)] for one in several])
    y = np.array([one.held for one in several], dtype=np.float64)
    weights, pull = np.zeros(3), np.array([0.01, RIDGE, RIDGE])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-x @ weights))
        bend = x.T @ (x * (chance * (1 - chance) + 1e-9)[:, None]) + np.diag(pull)
        weights = weights + np.linalg.solve(bend, x.T @ (y - chance) - pull * weights)
    return tuple(round(float(weight), 2) for weight in weights)


def calibration_error(stated: NDArray[np.float64], held: NDArray[np.float64]) -> float:
    """The mean difference of stated probability and share that held, over bins of equal width."""
    bins = np.minimum((stated * BINS).astype(int), BINS - 1)
    parts = [bins == number for number in range(BINS) if (bins == number).any()]
    return float(sum(part.mean() * abs(stated[part].mean() - held[part].mean()) for part in parts))


def calibration(found: Sequence[Seen]) -> list[str]:
    """Stated and observed, by how much was seen, and over all."""
    rows = [_row(f"{share:.0%}", [one for one in found if one.share == share]) for share in SHARES]
    head = ["seen", "verdicts", "stated", "held", "calibration error", "Brier score"]
    return table(head, [*rows, _row("all", found)])


def _row(name: str, some: Sequence[Seen]) -> list[object]:
    stated = np.array([certainty(one.verdict, share=one.share) for one in some], dtype=np.float64)
    held = np.array([one.held for one in some], dtype=np.float64)
    numbers = (stated.mean(), held.mean(), calibration_error(stated, held), ((stated - held) ** 2).mean())
    return [name, len(some), *(f"{number:.3f}" for number in numbers)]


def study(options: argparse.Namespace) -> list[str]:
    """The whole study as lines of Markdown."""
    parts = {
        title: [one for items in sets.values() for one in seen(items)]
        for title, sets in halves(load(options.curves / "taskset.jsonl.gz")).items()
    }
    numbers = fitted(parts["Tuning half"])
    rows = [[kind, *numbers[kind], *CERTAINTY.get(kind, ("-", "-", "-"))] for kind in numbers]
    return [
        "Stated: the mean probability of `sweeper.classify.certainty`. Held: the share of verdicts on beginnings that",
        "were the outcome of the whole curve. Inconclusive verdicts state nothing and are left out.",
        "",
        "## Fitted on the tuning half, beside what the package uses",
        "",
        *table(["evidence", "level", "by share", "by margin", "level used", "by share used", "by margin used"], rows),
        "## Checking half",
        "",
        *calibration(parts["Checking half"]),
        "## Tuning half",
        "",
        *calibration(parts["Tuning half"]),
    ]


if __name__ == "__main__":
    run(study, doc=__doc__, folders=("curves",), name="certainty", title="How sure verdicts on beginnings are")
