"""How likely a verdict on the beginning of a curve is also that of the whole curve.

Fitted by scripts/studies/study_certainty.py on real curves of known outcome: for each kind of evidence, a logistic
function of how much of the curve was seen and of how far the rule's limit was passed. The study's last dated result in
reports/studies says how well it is calibrated.
"""

import math

from sweeper.verdict import Label, Verdict

CERTAINTY: dict[str, tuple[float, float, float]] = {
    "non_finite_loss": (9.73, -0.02, 0.0),
    "above_start": (0.61, 0.83, 1.13),
    "too_slow": (1.35, 0.34, 4.76),
    "flat": (1.78, 0.7, 3.04),
    "broken": (0.15, 0.21, 0.59),
    "progress": (5.25, 0.41, 0.17),
    "validation_rise": (3.4, 0.0, 0.0),
}
"""Log odds by the code of the deciding evidence: a constant, and the coefficients of `seen_log_odds` and of
`margin_of`."""
_ALIKE = {
    Label.DIVERGED: "above_start",
    Label.STALLED: "flat",
    Label.OVERFIT: "validation_rise",
    Label.HEALTHY: "progress",
}
"""Evidence to use for other codes of a verdict, which were too rare to be fitted."""
_NEVER_BACK = "non_finite_loss"
_MOST_MARGIN = 3.0
_LEAST_SHARE = 0.1
"""The smallest share that was fitted; smaller ones are taken for this."""
_WHOLE = 1.05
"""A little more than the whole curve, so that the log odds stay finite there."""


def seen_log_odds(share: float) -> float:
    """How much of a curve was seen, as log odds; `share` is above 0 and at most 1."""
    seen = max(share, _LEAST_SHARE)
    return math.log(seen / (_WHOLE - seen))


def margin_of(verdict: Verdict) -> float:
    """How far a verdict's deciding measurement passed its limit, from 0 to `_MOST_MARGIN`.

    It is the logarithm of measurement over limit; for a stalled curve, the missing share of the fall.
    """
    deciding = verdict.evidence[0]
    if not (math.isfinite(deciding.measured) and 0.0 < deciding.threshold < math.inf):
        return 0.0
    ratio = deciding.measured / deciding.threshold
    passed = 1.0 - ratio if verdict.label is Label.STALLED else math.log(max(ratio, 1.0))
    return min(max(passed, 0.0), _MOST_MARGIN)


def kind_of(verdict: Verdict) -> str:
    """The key of `CERTAINTY` that applies to a verdict, which must not be inconclusive."""
    code = verdict.evidence[0].code
    if code in CERTAINTY:
        return code
    is_final = code.startswith("non_finite") or code == "stopped_early"
    return _NEVER_BACK if is_final else _ALIKE[verdict.label]


def certainty(verdict: Verdict, *, share: float) -> float | None:
    """The probability that a verdict on the first `share` of a curve holds for the whole; None for inconclusive.

    On a whole curve (`share` 1) it is the probability that the verdict is right.
    """
    if verdict.label is Label.INCONCLUSIVE:
        return None
    level, by_share, by_margin = CERTAINTY[kind_of(verdict)]
    log_odds = level + by_share * seen_log_odds(share) + by_margin * margin_of(verdict)
    return 1.0 / (1.0 + math.exp(-log_odds))
