"""From the outcomes of a run to verdicts, rows and the results document."""

import math
from collections.abc import Sequence
from typing import Any

from sweeper.classify import Context, Thresholds, classify
from sweeper.curve import Curve
from sweeper.diagnose import across
from sweeper.findings import Finding, Severity
from sweeper.job import JobInfo
from sweeper.memory import MemoryReport
from sweeper.probe import Outcome, Probe
from sweeper.recommend import Thresholds as RangeThresholds
from sweeper.recommend import build_rows, recommend
from sweeper.report import MemoryBand, results_document
from sweeper.robust import tail_level
from sweeper.run import RunInfo
from sweeper.search import Unresolved
from sweeper.sizing import Thresholds as SizeThresholds
from sweeper.space import Space
from sweeper.thresholds import described
from sweeper.verdict import Judged


def pairing(probe: Probe) -> tuple[int, int, int]:
    """What a probe and its null probe share: the same batches in the same order."""
    return probe.batch_size, probe.seed, probe.steps


def context_of(probe: Probe, job: JobInfo) -> Context:
    """What a curve of a probe does not say by itself."""
    drawn = probe.steps * (1 if job.whole_elements else probe.batch_size)
    return Context(
        planned_steps=probe.steps,
        passes=drawn / max(job.train_samples, 1),
        val_samples=job.val_samples,
        constant_loss=job.constant_loss,
    )


def judge(outcome: Outcome, *, null: Curve | None, job: JobInfo) -> Judged:
    """The outcome with what is said of its curve, next to that of its null probe."""
    if outcome.curve is None:
        return Judged(outcome=outcome, verdict=None)
    return Judged(outcome=outcome, verdict=classify(outcome.curve, null=null, context=context_of(outcome.probe, job)))


def document(
    *,
    run: RunInfo,
    job: JobInfo | None,
    space: Space | None,
    judged: Sequence[Judged],
    findings: Sequence[Finding],
    unresolved: Sequence[Unresolved] = (),
    memory: MemoryReport | None = None,
    memory_band: MemoryBand = (),
) -> dict[str, Any]:
    """The results document; `judged` are all finished probes, null probes without a verdict."""
    sizes = described(SizeThresholds()) if memory is not None else ()
    thresholds = {item.name: (item.value, item.unit, item.reason) for item in (*_thresholds(), *sizes)}
    outcomes = [one.outcome for one in judged]
    nulls = [outcome for outcome in outcomes if outcome.probe.is_null]
    probes = [one for one in judged if not one.outcome.probe.is_null]
    rows = () if space is None else build_rows(space, probes, nulls)
    return results_document(
        run=run,
        job=job,
        space=space,
        judged=judged,
        rows=rows,
        recommendation=None if job is None or space is None else recommend(rows, job, space),
        unresolved=unresolved,
        findings=(*findings, *across_probes(nulls, outcomes), *across(judged, findings)),
        thresholds=thresholds,
        memory=memory,
        memory_band=memory_band,
    )


def _thresholds() -> tuple[Any, ...]:
    return (*described(Thresholds()), *described(RangeThresholds()))


def across_probes(nulls: Sequence[Outcome], outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What only the probes together show."""
    found = (_non_finite_without_update(nulls), _all_fail_alike(outcomes))
    return tuple(finding for finding in found if finding is not None)


def _non_finite_without_update(nulls: Sequence[Outcome]) -> Finding | None:
    bad = [
        (outcome.probe, step)
        for outcome in nulls
        if outcome.curve is not None
        and (step := outcome.curve.first_nonfinite_loss or outcome.curve.first_nonfinite_weight) is not None
    ]
    if not bad:
        return None
    probe, step = bad[0]
    return Finding(
        code="SW010",
        severity=Severity.ERROR,
        title="the loss is not finite even without any update",
        evidence=f"At learning rate 0 and batch size {probe.batch_size}, step {step} was the first with NaN or inf.",
        remedy="Look for NaN or infinity in the data, and for a division by or a logarithm of zero in the loss: "
        "no learning rate can mend this.",
    )


FAILURES_ALIKE = 4
"""Probes that must have failed in one way, none having trained, before a run is given up."""


def _all_fail_alike(outcomes: Sequence[Outcome]) -> Finding | None:
    if len(outcomes) < FAILURES_ALIKE or any(outcome.curve is not None for outcome in outcomes):
        return None
    if len({failure_kind(outcome) for outcome in outcomes}) > 1:
        return None
    first = outcomes[0]
    return Finding(
        code="SW005",
        severity=Severity.ERROR,
        title=f"every probe failed in the same way: {first.cause}",
        evidence=f"{len(outcomes)} probes failed. The first one's last lines:\n{first.log_tail[-1500:]}",
        remedy="The fault is none of the axes: mend it in the script, or give the run more memory or time.",
    )


def failure_kind(outcome: Outcome) -> tuple[str, str]:
    """How a probe failed, without the numbers in its message."""
    words = "".join("#" if character.isdigit() else character for character in outcome.cause[:80])
    return outcome.kind.value, words


def final_loss(outcome: Outcome) -> float | None:
    """The training loss at the end of a curve, as rows score it; None when it is not finite."""
    if outcome.curve is None or not outcome.curve.train_loss:
        return None
    numbers = RangeThresholds()
    value = tail_level(outcome.curve.train_loss, share=numbers.score_share, least=numbers.score_steps)
    return value if math.isfinite(value) else None
