"""Verdicts on curves of files, for people and for machines."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sweeper.text import plural
from sweeper.verdict import Evidence, Label

if TYPE_CHECKING:
    from sweeper.sweep import Classified

_STYLES = {
    Label.DIVERGED: "red",
    Label.STALLED: "yellow",
    Label.OVERFIT: "magenta",
    Label.HEALTHY: "green",
    Label.INCONCLUSIVE: "dim",
}
_NEARLY = 0.99
"""Probability above which more digits would say more than is known."""


def classified_document(found: Sequence["Classified"]) -> dict[str, Any]:
    """The verdicts as JSON values."""
    return {
        "curves": [
            {
                "id": one.id,
                "points": one.points,
                "verdict": one.verdict.label.value,
                "probability": None if one.probability is None else round(one.probability, 4),
                "evidence": [_evidence(evidence) for evidence in one.verdict.evidence],
            }
            for one in found
        ]
    }


def _sure(probability: float | None) -> str:
    if probability is None:
        return ""
    return ">99%" if probability > _NEARLY else f"{probability:.0%}"


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "code": evidence.code,
        "measured": _finite(evidence.measured),
        "threshold": _finite(evidence.threshold),
        "step": evidence.step,
        "sentence": evidence.sentence,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def classified_parts(found: Sequence["Classified"]) -> Iterator[RenderableType]:
    """A line for each curve, and how many there are of each verdict."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("curve", overflow="fold", min_width=8)
    table.add_column("verdict")
    table.add_column("sure", justify="right")
    table.add_column("because", overflow="fold", ratio=1)
    for one in found:
        label = one.verdict.label
        sure = _sure(one.probability)
        table.add_row(one.id, Text(label.value, style=_STYLES[label]), sure, one.verdict.evidence[0].sentence)
    yield table
    counts = Counter(one.verdict.label for one in found)
    told = ", ".join(f"{counts[label]} {label.value}" for label in Label if counts[label])
    yield Text(f"\n{plural(len(found), 'curve')}: {told}")
