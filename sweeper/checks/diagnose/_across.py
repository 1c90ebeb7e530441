"""Findings from all probes together: nothing trains at any rate, one batch size fails, or seeds disagree.

That high rates fail and lower ones train is normal, and no finding.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sweeper.checks.diagnose._steps import BROKEN_UPDATE
from sweeper.findings import NOT_FINITE_WITHOUT_UPDATE, Finding, FindingKind, Severity
from sweeper.probes import OutcomeKind
from sweeper.text import number_text, plural, rate_text
from sweeper.verdict import Judged, Label

NOTHING_TRAINS = FindingKind("SW601", Severity.WARNING, "no probe trains, whatever the rate")
SIZE_FAILS = FindingKind("SW602", Severity.WARNING, "at one batch size nothing trains, at others it does")
SEEDS_DISAGREE = FindingKind("SW603", Severity.NOTE, "seeds disagree on whether it trains")
NOTHING_LEARNED = FindingKind("SW604", Severity.WARNING, "no probe learns more than a constant prediction knows")
BROKEN_AT_EVERY_RATE = FindingKind(
    "SW605", Severity.WARNING, "at every rate the updates of an optimizer make weights NaN"
)

LEAST_PROBES = 6
"""Least number of probes from which something is concluded about all rates."""
LEAST_BROKEN = 3
"""Least number of probes of an optimizer, all broken by an update, before the rate is said not to be the cause."""
LEAST_DECADES = 1.5
"""Decades of rates that these probes must span: within one, all may lie on the same side of every edge."""
BEATEN = 0.97
"""Share of the loss of a constant prediction below which something was learned from the inputs; as for `stalled`."""
END_SHARE, END_STEPS = 0.1, 5
"""The end of a curve: a tenth of its steps, at least five."""
LEAST_PER_SIZE = 3
"""Least number of probes at a batch size before it is said to fail."""
TRAINED_ELSEWHERE = 0.5
"""Share of the probes at other sizes, at equal rates, that must train for one size to be said to fail."""
LEAST_CONTESTED = 3
"""Least number of rates of a row at which seeds disagree, before that is a finding."""
CONTESTED_DECADES = 1.0
"""Decades that these rates must span: within one, seeds are expected to disagree at the edge of a row."""

_SAYS_SO = {NOT_FINITE_WITHOUT_UPDATE.code, BROKEN_UPDATE.code}
"""Findings that already say that no rate helps."""
_TRAINS = {Label.HEALTHY, Label.OVERFIT}
_FAILS = {Label.DIVERGED, Label.STALLED}
_SLOW = {"too_slow", "flat"}
"""Codes of stalled curves that may train at a higher rate."""


def across(
    judged: Sequence[Judged],
    findings: Sequence[Finding],
    suspicions: Sequence[Finding] = (),
    *,
    constant_loss: float | None = None,
) -> tuple[Finding, ...]:
    """The findings about all probes together, without null probes.

    `findings` are those about the script. `suspicions`, those from its first batch, are returned if no probe trains.
    `constant_loss` is the training loss of the best constant prediction, None where it is not known.
    """
    probes = [one for one in judged if not one.outcome.probe.is_null]
    known = [*findings, *suspicions]
    broken = _broken_at_every_rate(probes, known)
    if broken is not None:
        return tuple(finding for finding in (broken, *suspicions, _one_size(probes)) if finding is not None)
    nothing = _nothing_trains(probes, known) or _nothing_learned(probes, known, constant_loss)
    found = (*((nothing, *suspicions) if nothing is not None else ()), _one_size(probes), _seeds(probes))
    return tuple(finding for finding in found if finding is not None)


def _broken_at_every_rate(probes: Sequence[Judged], findings: Sequence[Finding]) -> Finding | None:
    """The finding for an optimizer whose updates make weights NaN at every rate, though no loss had risen."""
    if any(finding.code in _SAYS_SO for finding in findings):
        return None
    by_optimizer: dict[str, list[Judged]] = defaultdict(list)
    for one in probes:
        by_optimizer[one.outcome.probe.optimizer].append(one)
    for optimizer, own in by_optimizer.items():
        curves = [one.outcome.curve for one in own]
        enough = len(own) >= LEAST_BROKEN and _decades(own) >= LEAST_DECADES
        if enough and all(curve and curve.broken_by_update for curve in curves):
            trains = len(by_optimizer) > 1 and any(_label(one) in _TRAINS for one in probes)
            return _broken(optimizer, own, trains=trains)
    return None


def _broken(optimizer: str, own: Sequence[Judged], *, trains: bool) -> Finding:
    rates = [one.outcome.probe.learning_rate for one in own]
    steps = [one.outcome.curve.first_nonfinite_weight or 0 for one in own if one.outcome.curve is not None]
    return BROKEN_AT_EVERY_RATE.found(
        title=f"at every rate the updates of {optimizer} make weights NaN: the rate is not the cause",
        evidence=f"{plural(len(own), 'probe')} from {rate_text(min(rates))} to {rate_text(max(rates))}: a weight is "
        f"NaN or infinite after {plural(min(steps), 'step')}"
        f"{f' to {max(steps)}' if max(steps) > min(steps) else ''}, while every loss before is finite and "
        "has not risen." + (" Other optimizers train." if trains else ""),
        remedy=f"{optimizer} divides by 0 here, as some do behind inputs that are always 0: take one that trains."
        if trains
        else "Look for a gradient that is not finite though the loss is (the root or norm of 0, tf.where around a "
        "division by 0), or try another optimizer: sweeper diagnose tells which it is.",
    )


def _label(one: Judged) -> Label | None:
    return one.verdict.label if one.verdict is not None else None


def _nothing_trains(probes: Sequence[Judged], findings: Sequence[Finding]) -> Finding | None:
    labels = Counter(label for one in probes if (label := _label(one)) is not None)
    if not _span_enough(probes) or labels.total() < len(probes) or not set(labels) <= _FAILS:
        return None
    rates = [one.outcome.probe.learning_rate for one in probes]
    worst = _likeliest(findings)
    if len(labels) > 1 and worst is None:
        return None  # low rates stall and high ones diverge: one that trains may lie between them
    alike = f"every probe {labels.most_common(1)[0][0]}" if len(labels) == 1 else "no probe trains"
    return NOTHING_TRAINS.found(
        title=f"{alike}, whatever the rate: optimizer, rate and batch size are not the cause",
        evidence=f"{plural(len(probes), 'probe')} from {rate_text(min(rates))} to {rate_text(max(rates))}: "
        f"{', '.join(f'{count} {label}' for label, count in labels.most_common())}.{_cause(worst)}",
        remedy=worst.remedy
        if worst is not None
        else "Look at data, labels and loss with: sweeper diagnose. If it only learns slowly, give probes more "
        "--steps.",
    )


def _span_enough(probes: Sequence[Judged]) -> bool:
    """Whether there are enough probes, over a wide enough range, to conclude something about all rates."""
    return len(probes) >= LEAST_PROBES and _decades(probes) >= LEAST_DECADES


def _decades(probes: Sequence[Judged]) -> float:
    rates = [one.outcome.probe.learning_rate for one in probes]
    return math.log10(max(rates) / min(rates))


def _nothing_learned(
    probes: Sequence[Judged], findings: Sequence[Finding], constant_loss: float | None
) -> Finding | None:
    if constant_loss is None or constant_loss <= 0 or not _span_enough(probes):
        return None
    best = min(probes, key=_end)
    if not BEATEN * constant_loss <= _end(best) < math.inf:
        return None
    worst = _likeliest(findings)
    return NOTHING_LEARNED.found(
        severity=Severity.NOTE if worst is None else Severity.WARNING,
        evidence=f"The lowest loss of all {len(probes)} probes is {number_text(_end(best))} after "
        f"{best.outcome.probe.steps} steps; always predicting the same, whatever the inputs, has "
        f"{number_text(constant_loss)}.{_cause(worst)}",
        remedy=worst.remedy
        if worst is not None
        else "It may need more --steps before it learns from the inputs; otherwise look at data and labels with: "
        "sweeper diagnose.",
    )


def _end(one: Judged) -> float:
    """The median of the last losses of a probe; infinite without a curve, or where one of them is not finite."""
    losses = one.outcome.curve.train_loss if one.outcome.curve is not None else ()
    last = losses[-max(END_STEPS, int(END_SHARE * len(losses))) :]
    return statistics.median(last) if last and all(map(math.isfinite, last)) else math.inf


def _likeliest(findings: Sequence[Finding]) -> Finding | None:
    return next((finding for finding in findings if finding.severity is not Severity.NOTE), None)


def _cause(worst: Finding | None) -> str:
    return f" The likeliest cause: {worst.title} ({worst.code})." if worst is not None else ""


def _one_size(probes: Sequence[Judged]) -> Finding | None:
    by_size: dict[int, list[Judged]] = defaultdict(list)
    for one in probes:
        by_size[one.outcome.probe.batch_size].append(one)
    for size, own in sorted(by_size.items()):
        if len(by_size) == 1 or len(own) < LEAST_PER_SIZE or any(_label(one) not in {*_FAILS, None} for one in own):
            continue
        settings = {(one.outcome.probe.optimizer, one.outcome.probe.learning_rate) for one in own}
        others = [one for other, ones in by_size.items() if other != size for one in ones if _setting(one) in settings]
        trained = sum(_label(one) in _TRAINS for one in others)
        if others and trained >= TRAINED_ELSEWHERE * len(others):
            return _size_fails(size, own, trained, len(others))
    return None


def _setting(one: Judged) -> tuple[str, float]:
    return one.outcome.probe.optimizer, one.outcome.probe.learning_rate


def _size_fails(size: int, own: Sequence[Judged], trained: int, others: int) -> Finding:
    memory = sum(one.outcome.kind is OutcomeKind.OOM for one in own)
    remedy = (
        "It does not fit in memory: sweeper batch finds the largest size that does."
        if memory
        else "At a few samples batch normalisation measures next to nothing: take a larger size, or layer "
        "normalisation."
    )
    return SIZE_FAILS.found(
        title=f"at batch size {size} nothing trains, at others it does",
        evidence=f"{plural(len(own), 'probe')} at {size} fail{f', {memory} for memory' if memory else ''}; at the same "
        f"rates {trained} of {others} at other sizes train.",
        remedy=remedy,
    )


def _seeds(probes: Sequence[Judged]) -> Finding | None:
    """The finding for a row with rates far apart at which seeds disagree: some seeds break, or some are too slow."""
    rows: dict[tuple[str, int], dict[float, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for one in probes:
        probe = one.outcome.probe
        rows[probe.optimizer, probe.batch_size][probe.learning_rate].append(one)
    for (optimizer, size), row in rows.items():
        contested = {rate: cell for rate, cell in row.items() if _disagree(map(_label, cell))}
        slow = [rate for rate, cell in contested.items() if all(map(_trains_or_is_slow, cell))]
        fragile = [rate for rate in contested if rate not in slow]
        for rates, finding in ((fragile, _fragile), (slow, _barely)):
            if len(rates) >= LEAST_CONTESTED and math.log10(max(rates) / min(rates)) >= CONTESTED_DECADES:
                return finding(f"{optimizer} at batch size {size}", rates)
    return None


def _trains_or_is_slow(one: Judged) -> bool:
    """Whether a probe trains, or fails only because the loss falls too slowly."""
    return one.verdict is None or one.verdict.label not in _FAILS or one.verdict.evidence[0].code in _SLOW


def _fragile(where: str, contested: Sequence[float]) -> Finding:
    return SEEDS_DISAGREE.found(
        evidence=f"With {where} some seeds train and others fail at {_at(contested)}: it depends on the weights that "
        "are drawn and the order of the samples.",
        remedy="A lower rate, a warm-up, clipnorm=1.0 or he_normal weights make the start less fragile.",
    )


def _barely(where: str, contested: Sequence[float]) -> Finding:
    return SEEDS_DISAGREE.found(
        evidence=f"With {where} some seeds train at {_at(contested)}, and with others the loss falls too little to be "
        "called training: these rates are hardly high enough for probes so short.",
        remedy="A higher rate, or longer probes (--steps).",
    )


def _at(rates: Sequence[float]) -> str:
    return f"{plural(len(rates), 'rate')} from {rate_text(min(rates))} to {rate_text(max(rates))}"


def _disagree(labels: Iterable[Label | None]) -> bool:
    seen = set(labels)
    return bool(seen & _TRAINS) and bool(seen & _FAILS)
