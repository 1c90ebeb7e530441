"""Whether a probe at a script's own setting shows what the script itself shows.

Two series of batch losses are the same when each step is within a tolerance of the other's; rounding grows from step to
step, so the tolerance is wider than that of one operation. Where the order of samples was declared changed, no step can
be the same, but the level must be: the means of the first and of the last steps, in units of their own scatter.
"""

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TOLERANCE = 1e-3
"""Largest difference of a step's loss, as a part of it, in 32 bits: rounding after 20 updates, not another batch."""
HALF_TOLERANCE = 3e-2
"""The same where layers compute in 16 bits: 8 to 11 bits of a number are kept."""
FLOOR = 1e-4
"""Differences below this part of the largest loss count as none: losses near zero have no digits left."""
LEVEL_STEPS = 6
"""Steps at either end whose mean is compared where single steps cannot be."""
LEVEL_ERRORS = 4.0
"""Standard errors by which two such means may differ: once in some ten thousand comparisons by chance."""
LEVEL_PART = 0.05
"""The same as a part of the level, for losses that hardly scatter."""


class Standing(StrEnum):
    """How the losses of a probe compare with the script's."""

    SAME = "same"
    CONSTANT = "same at a constant rate"
    RANDOM = "same level, script draws anew"
    EXPLAINED = "explained"
    OTHER_LEVEL = "explained, other level"
    REFUSED = "refused"
    UNEXPLAINED = "unexplained"
    NO_TRUTH = "no truth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two series of losses differ."""

    steps: int
    """Steps that both have."""
    first: int | None
    """First step, from 1, beyond the tolerance; None when there is none."""
    largest: float
    """Largest difference as a part of the loss."""
    level: bool
    """Whether the means at both ends agree."""

    @property
    def same(self) -> bool:
        """Whether every step is within the tolerance."""
        return self.steps > 0 and self.first is None


def difference(true: Sequence[float], shown: Sequence[float], *, tolerance: float = TOLERANCE) -> Difference:
    """How two series differ over the steps that both have."""
    pairs = list(zip(true, shown, strict=False))
    floor = FLOOR * max((abs(a) for a, _ in pairs if math.isfinite(a)), default=0.0)
    parts = [_part(a, b, floor) for a, b in pairs]
    beyond = (number for number, part in enumerate(parts, 1) if part > tolerance)
    return Difference(
        steps=len(pairs),
        first=next(beyond, None),
        largest=max(parts, default=math.inf),
        level=bool(pairs) and same_level([a for a, _ in pairs], [b for _, b in pairs]),
    )


def _part(a: float, b: float, floor: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b)):
        return 0.0 if math.isfinite(a) == math.isfinite(b) else math.inf
    gap = abs(a - b)
    return 0.0 if gap <= floor else gap / max(abs(a), abs(b))


def same_level(true: Sequence[float], shown: Sequence[float]) -> bool:
    """Whether both begin and end at the same loss, as far as their scatter lets one say."""
    count = min(LEVEL_STEPS, len(true))
    ends = ((true[:count], shown[:count]), (true[-count:], shown[-count:]))
    return all(_same_mean(a, b) for a, b in ends)


def _same_mean(a: Sequence[float], b: Sequence[float]) -> bool:
    if not all(map(math.isfinite, (*a, *b))):
        return all(map(math.isfinite, a)) == all(map(math.isfinite, b))
    middle_a, middle_b = statistics.fmean(a), statistics.fmean(b)
    scatter = (statistics.pvariance(a) + statistics.pvariance(b)) / len(a)
    allowed = LEVEL_ERRORS * math.sqrt(scatter) + LEVEL_PART * max(abs(middle_a), abs(middle_b))
    return abs(middle_a - middle_b) <= allowed


def true_series(logs: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """The series that may stand for a script's loss: `loss` where it is reported, else all that could be its total."""
    if not logs:
        return {}
    names = [name for name in logs[0] if all(name in row for row in logs)]
    if "loss" in names:
        return {"loss": [row["loss"] for row in logs]}
    losses = [name for name in names if "loss" in name.lower()]
    gradients = [name for name in names if name.startswith("gradient of")]
    series = {name: [row[name] for row in logs] for name in (*gradients, *losses)}
    for label, group in (("sum of losses", losses), ("sum of what gradients are of", gradients)):
        if len(group) > 1:
            series[label] = [sum(row[name] for name in group) for row in logs]
    return series


def nearest(logs: Sequence[Mapping[str, float]], shown: Sequence[float], *, tolerance: float) -> tuple[str, Difference]:
    """The series of a truth that a curve is nearest to, by name, and how they differ."""
    found = {name: difference(true, shown, tolerance=tolerance) for name, true in true_series(logs).items()}
    if not found:
        return "", difference([], shown)
    name = min(found, key=lambda name: (not found[name].same, not found[name].level, found[name].largest))
    return name, found[name]


SAID = re.compile(
    r"shuffl|\border\b|padd|re-?batch|class_weight|sample_weight|callback|schedule|learning rate"
    r"|augment|random|state|differs|override|whole element|rehears",
    re.IGNORECASE,
)
"""Words of a change or finding that speak of how probes train otherwise than the script."""
SAID_OF_LATER = re.compile(r"held out|taken once|draw from", re.IGNORECASE)
"""Words of one that speaks of what comes up once the samples that were taken have been gone through."""


def explanations(
    changes: Sequence[tuple[str, str]], findings: Sequence[tuple[str, str]], *, past_first_pass: bool
) -> list[str]:
    """What was said of how the probes differ, from some step on that is or is not past the first pass."""
    texts = [f"{what}: {detail}" for what, detail in changes] + [f"{code}: {title}" for code, title in findings]
    later = [text for text in texts if SAID_OF_LATER.search(text)]
    return [text for text in texts if (past_first_pass if text in later else SAID.search(text))]


def whole_batches(job: Mapping[str, Any] | None) -> int:
    """Steps of a probe before it has gone through its samples once; 0 where that is not known."""
    known = job or {}
    return int((known.get("train_samples") or 0) // max(1, known.get("batch_size") or 1))
