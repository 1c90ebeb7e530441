"""Curves of other programs whose outcome is known, judged as `sweeper classify --prefix` judges them."""

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeper.classify import Context, classify, peer_noise
from sweeper.curve import Curve
from sweeper.verdict import Verdict

TUNED = {"patch32_GRU128_bs128", "patch32_IRNN64_relu_last_bs128", "patch32_VRNN64_tanh_avg_bs128"}
"""Sets on which thresholds were chosen; the others only check them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A curve with its outcome."""

    id: str
    set: str
    train_loss: tuple[float, ...]
    val_loss: tuple[float, ...]
    outcome: str


def load(path: Path) -> tuple[Known, ...]:
    """The curves of one file, in its order."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return tuple(_known(json.loads(line)) for line in lines)


def _known(row: dict[str, object]) -> Known:
    def numbers(name: str) -> tuple[float, ...]:
        return tuple(math.nan if value is None else float(value) for value in row[name])  # type: ignore[attr-defined]

    return Known(
        id=str(row["id"]),
        set=str(row["set"]),
        train_loss=numbers("train_loss"),
        val_loss=numbers("val_loss"),
        outcome=str(row["outcome"]),
    )


def points_of(item: Known, share: float) -> int:
    """The points of a beginning, rounded up."""
    return math.ceil(round(len(item.train_loss) * share, 6))


def halves(items: Sequence[Known]) -> dict[str, dict[str, list[Known]]]:
    """The curves by set, those for tuning apart from those for checking."""
    parts: dict[str, dict[str, list[Known]]] = {"Tuning half": {}, "Checking half": {}}
    for item in sorted(items, key=lambda one: one.set):
        parts["Tuning half" if item.set in TUNED else "Checking half"].setdefault(item.set, []).append(item)
    return parts


def verdicts(items: Sequence[Known], share: float, *, knows_peers: bool = True) -> tuple[Verdict, ...]:
    """The verdicts on the beginnings of curves; with peers, the noise comes from calm beginnings of the same set."""
    by_set: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        by_set[item.set].append(place)
    curves = [Curve(train_loss=item.train_loss[: points_of(item, share)]) for item in items]
    noises: list[float | None] = [None] * len(items)
    for places in by_set.values() if knows_peers else ():
        for place, noise in zip(places, peer_noise([curves[place] for place in places]), strict=True):
            noises[place] = noise
    return tuple(
        classify(
            curve,
            null=None,
            context=Context(planned_steps=len(item.train_loss), passes=None, val_samples=0, noise=noise),
        )
        for item, curve, noise in zip(items, curves, noises, strict=True)
    )
