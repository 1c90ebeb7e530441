"""From the outcomes of a run to verdicts, rows and the results document."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.classify import Context, VerdictThresholds, classify
from sweeper.curve import Curve
from sweeper.findings import ALL_FAIL_ALIKE, NOT_FINITE_WITHOUT_UPDATE, Finding
from sweeper.followup import FollowUpsRead
from sweeper.job import JobInfo
from sweeper.noise import GradientNorms, gradient_norms, noise_scale
from sweeper.probes import Outcome, Probe
from sweeper.ranges import Row
from sweeper.recommend import FollowUpThresholds, Map, RangeThresholds, build_map, recommend
from sweeper.recommendation import Recommendation
from sweeper.reporting import results_document
from sweeper.results import Memory, Results
from sweeper.robust import tail_level
from sweeper.run import RunInfo
from sweeper.search import Unresolved
from sweeper.slices import BatchSizeFound, checks
from sweeper.space import Space
from sweeper.thresholds import described
from sweeper.verdict import Judged


def pairing(probe: Probe) -> tuple[int, int, int]:
    """What a probe and its null probe share: the same batches in the same order."""
    return probe.batch_size, probe.seed, probe.steps


NEVER_NEGATIVE = frozenset(
    {
        "binarycrossentropy",
        "categoricalcrossentropy",
        "sparsecategoricalcrossentropy",
        "binaryfocalcrossentropy",
        "categoricalfocalcrossentropy",
        "meansquarederror",
        "meanabsoluteerror",
        "meanabsolutepercentageerror",
        "meansquaredlogarithmicerror",
        "mse",
        "mae",
        "mape",
        "msle",
        "huber",
        "logcosh",
        "hinge",
        "squaredhinge",
        "categoricalhinge",
    }
)
"""Keras's losses that cannot be negative, as a job names them, without case and underscores."""


def context_of(probe: Probe, job: JobInfo) -> Context:
    """What a curve of a probe does not say by itself."""
    drawn = probe.steps * (1 if job.whole_elements else probe.batch_size)
    return Context(
        planned_steps=probe.steps,
        passes=None if job.is_command else drawn / max(job.train_samples, 1),
        val_samples=job.val_samples,
        constant_loss=job.constant_loss,
        least_loss=0.0 if job.loss.replace("_", "").lower() in NEVER_NEGATIVE else None,
    )


def judge(outcome: Outcome, *, null: Curve | None, job: JobInfo) -> Judged:
    """The outcome with what is said of its curve, next to that of its null probe."""
    if outcome.curve is None:
        return Judged(outcome=outcome, verdict=None)
    return Judged(outcome=outcome, verdict=classify(outcome.curve, null=null, context=context_of(outcome.probe, job)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReading:
    """What the probes of a map say."""

    found: Map
    recommendation: Recommendation
    noise_scale: float | None
    """Gradient noise scale before any update, in samples; None where it cannot be told."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the map."""
        return self.found.rows


def within(space: Space, judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The finished probes that belong to a space."""
    return tuple(one for one in judged if space.holds(one.outcome.probe))


def read_map(job: JobInfo, space: Space, judged: Sequence[Judged], *, job_steps: int | None) -> MapReading:
    """Rows and recommendation of a space; probes that do not belong to it are left out."""
    mine = within(space, judged)
    probes = [one for one in mine if not one.outcome.probe.is_null]
    nulls = [one.outcome for one in mine if one.outcome.probe.is_null]
    found = build_map(space, probes, nulls, job=job, job_steps=job_steps)
    return MapReading(
        found=found,
        recommendation=recommend(found.rows, job, space, comparison=found.comparison),
        noise_scale=noise_scale(norms_at_start(nulls)),
    )


def document(
    *,
    run: RunInfo,
    job: JobInfo | None,
    space: Space | None,
    judged: Sequence[Judged],
    findings: Sequence[Finding],
    job_steps: int | None = None,
    unresolved: Sequence[Unresolved] = (),
    batch_size: BatchSizeFound | None = None,
    follow_ups: FollowUpsRead | None = None,
) -> Results:
    """The results of a run.

    `judged` are all finished probes, null probes without a verdict; `job_steps` the length of the long job, where the
    person gave it.
    """
    searched = BatchSizeFound() if batch_size is None else batch_size
    following = described(FollowUpThresholds()) if follow_ups is not None and follow_ups.asked else ()
    outcomes = [one.outcome for one in judged]
    nulls = [outcome for outcome in outcomes if outcome.probe.is_null]
    mapped = None if job is None or space is None else read_map(job, space, judged, job_steps=job_steps)
    return results_document(
        run=run,
        job=job,
        space=space,
        judged=judged,
        rows=() if mapped is None else mapped.rows,
        scalings=() if mapped is None else mapped.found.scalings,
        noise_scale=_one_noise_scale(mapped, searched.section),
        recommendation=None if mapped is None else mapped.recommendation,
        unresolved=unresolved,
        findings=(
            *findings,
            *across_probes(nulls, outcomes),
            *_across(job, judged, findings),
        ),
        thresholds=(*described(VerdictThresholds()), *described(RangeThresholds()), *following, *searched.thresholds),
        memory=searched.section,
        follow_ups=follow_ups,
    )


def _one_noise_scale(mapped: MapReading | None, memory: Memory | None) -> float | None:
    """The gradient noise scale of a map: that by which its batch sizes were searched, else that of the null probes."""
    if mapped is None:
        return None
    searched = None if memory is None else memory.noise_scale
    return mapped.noise_scale if searched is None else searched


def _across(job: JobInfo | None, judged: Sequence[Judged], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if job is None:
        return ()
    return checks().across(judged, findings, job.suspicions, constant_loss=job.constant_loss)


def norms_at_start(nulls: Sequence[Outcome]) -> tuple[GradientNorms, ...]:
    """What the null probes say of the gradient before any update, by batch size."""
    norms: defaultdict[int, list[float]] = defaultdict(list)
    losses: defaultdict[int, list[float]] = defaultdict(list)
    for null in nulls:
        if null.curve is not None:
            norms[null.probe.batch_size] += [norm for norm in null.curve.gradient_norm if math.isfinite(norm)]
            losses[null.probe.batch_size] += null.curve.train_loss
    return tuple(gradient_norms(size, found, losses[size]) for size, found in norms.items() if found)


def across_probes(nulls: Sequence[Outcome], outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What only the probes together show."""
    found = (_non_finite_without_update(nulls), _all_fail_alike(outcomes))
    return tuple(finding for finding in found if finding is not None)


def _non_finite_without_update(nulls: Sequence[Outcome]) -> Finding | None:
    bad = [null for null in nulls if null.curve is not None and _first_bad(null.curve) is not None]
    if not bad:
        return None
    curve, probe = bad[0].curve, bad[0].probe
    assert curve is not None
    weight, loss = curve.first_nonfinite_weight, curve.first_nonfinite_loss
    if weight is not None and (loss is None or weight < loss):
        return _gradient_not_finite(probe, weight)
    return NOT_FINITE_WITHOUT_UPDATE.found(
        evidence=f"At learning rate 0 and batch size {probe.batch_size}, step {_first_bad(curve)} was the first with "
        "NaN or inf.",
        remedy="Look for NaN or infinity in the data, and for a division by or a logarithm of zero in the loss: "
        "no learning rate can fix this.",
    )


def _first_bad(curve: Curve) -> int | None:
    return curve.first_nonfinite_loss or curve.first_nonfinite_weight


def _gradient_not_finite(probe: Probe, step: int) -> Finding:
    return NOT_FINITE_WITHOUT_UPDATE.found(
        title="weights become NaN at learning rate 0, though the loss is finite",
        evidence=f"At learning rate 0 and batch size {probe.batch_size}, every loss up to step {step} is finite; after "
        "that step a weight is not, since 0 times a gradient of NaN is NaN.",
        remedy="Look for the root or norm of 0, a division by 0, and tf.where around one of them: the side that is not "
        "chosen passes on NaN all the same. No learning rate can fix this.",
    )


FAILURES_ALIKE = 4
"""Probes that must have failed in one way, none having trained, before a run is given up."""


def fail_alike(outcomes: Sequence[Outcome]) -> bool:
    """Whether several probes have failed, all in one way, and none has trained."""
    if len(outcomes) < FAILURES_ALIKE or any(outcome.curve is not None for outcome in outcomes):
        return False
    return len({_failure_kind(outcome) for outcome in outcomes}) == 1


def _all_fail_alike(outcomes: Sequence[Outcome]) -> Finding | None:
    if not fail_alike(outcomes):
        return None
    first = outcomes[0]
    return ALL_FAIL_ALIKE.found(
        title=f"{ALL_FAIL_ALIKE.title}: {first.cause}",
        evidence=f"{len(outcomes)} probes failed. The first one's last lines:\n{first.log_tail[-1500:]}",
        remedy="Optimizer, rate and batch size are not the cause: fix the script, or give the run more memory or time.",
    )


def _failure_kind(outcome: Outcome) -> tuple[str, str]:
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
