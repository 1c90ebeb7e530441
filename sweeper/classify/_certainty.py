"""How likely a verdict on the beginning of a curve still holds at its end.

Fitted by `scripts/study_certainty.py` on real curves of known outcome: a logistic function of how much of the curve was
seen, one for each kind of evidence. The study's last dated result in reports/studies says how well it is calibrated.
"""

import math

from sweeper.verdict import Label, Verdict

CERTAINTY: dict[str, tuple[float, float]] = {
    "non_finite_loss": (9.73, -0.03),
    "above_start": (3.02, 0.71),
    "too_slow": (2.49, 0.51),
    "flat": (4.34, 1.05),
    "broken": (0.52, 0.19),
    "progress": (5.38, 0.47),
    "validation_rise": (3.4, 0.0),
}
"""Level and slope of the log odds, by the code of the deciding evidence."""
_ALIKE = {
    Label.DIVERGED: "above_start",
    Label.STALLED: "flat",
    Label.OVERFIT: "validation_rise",
    Label.HEALTHY: "progress",
}
"""Evidence that was too rare to be fitted is taken for that of its verdict that is not."""
_NEVER_BACK = "non_finite_loss"
_WHOLE = 1.05
"""A little more than the whole curve, so that the log odds stay finite there."""


def seen_log_odds(share: float) -> float:
    """How much of a curve was seen, as log odds; `share` is above 0 and at most 1."""
    return math.log(share / (_WHOLE - share))


def kind_of(verdict: Verdict) -> str:
    """The key of `CERTAINTY` for a verdict that is not inconclusive."""
    code = verdict.evidence[0].code
    if code in CERTAINTY:
        return code
    is_final = code.startswith("non_finite") or code == "stopped_early"
    return _NEVER_BACK if is_final else _ALIKE[verdict.label]


def certainty(verdict: Verdict, *, share: float) -> float | None:
    """The probability that a verdict on the first `share` of a curve is that of the whole; None for inconclusive.

    On a whole curve (`share` 1) it is the probability that the verdict is right.
    """
    if verdict.label is Label.INCONCLUSIVE:
        return None
    level, slope = CERTAINTY[kind_of(verdict)]
    return 1.0 / (1.0 + math.exp(-(level + slope * seen_log_odds(share))))
