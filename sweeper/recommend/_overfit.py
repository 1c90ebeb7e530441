"""Whether the recommended setting overfits: how long a training shows that, and what it showed.

Short probes cannot tell: they see a part of the samples, or all of them too seldom. So one probe goes on for as long as
the script itself would train, within bounds. Its answer counts only if the probe draws from every training sample of
the script, since a small part is overfitted sooner than the whole.
"""

import math

from sweeper.curve import Curve
from sweeper.followup import FollowUp, OverfitAnswer, OverfitReport
from sweeper.job import JobInfo
from sweeper.recommend._follow_ups import DEFAULT_FOLLOW_UPS, FollowUpThresholds
from sweeper.text import plural
from sweeper.verdict import Judged, Label, Verdict

NOT_TESTABLE = "overfit_not_testable"
"""Code of the note that overfitting could not be judged."""
HELD_OUT = "held out"
"""Source of validation samples that are a part of the script's training samples."""


def steps_per_pass(job: JobInfo, batch_size: int) -> float:
    """Updates in one pass over the training samples that probes draw from."""
    return job.train_samples / (1 if job.whole_elements else batch_size)


def overfit_steps(
    job: JobInfo, *, batch_size: int, probe_steps: int, thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS
) -> int:
    """Updates of the training that is to show overfitting: the script's own length, within bounds."""
    passes = max(thresholds.overfit_least_passes, job.epochs or 0)
    wanted = math.ceil(passes * steps_per_pass(job, batch_size))
    least, most = (probes * probe_steps for probes in (thresholds.overfit_least_probes, thresholds.overfit_most_probes))
    return min(max(wanted, least), most)


def why_no_overfit(
    job: JobInfo,
    *,
    batch_size: int,
    probe_steps: int,
    needed_passes: float,
    thresholds: FollowUpThresholds = DEFAULT_FOLLOW_UPS,
) -> str:
    """Why a long training could not show overfitting, as the end of a sentence; empty when it can.

    `needed_passes` is the least number of passes after which a verdict can be overfit.
    """
    available, whole = job.train_samples_available, job.whole_elements
    what = "elements of the pipeline" if whole else "training samples"
    held_out = job.val_samples if job.val_source == HELD_OUT else 0
    if not job.val_samples:
        return f"there is no validation loss ({job.val_source.removeprefix('none: ')})"
    if available is None:
        return "the training data has no known end, so no training passes over it"
    needed = math.ceil(needed_passes * (available - held_out) / (1 if whole else batch_size))
    most = thresholds.overfit_most_probes * probe_steps
    if needed > most:
        return (
            f"{needed_passes:g} passes over the {available:,} {what} take {needed:,} steps, more than the {most:,} "
            f"that {thresholds.overfit_most_probes} probes of {probe_steps} make; raise --steps"
        )
    if job.train_samples + held_out < available:
        return (
            f"probes draw from {job.train_samples:,} of {available:,} {what}, and a part is overfitted sooner than "
            "the whole; raise --max-sample-bytes"
        )
    return ""


def read_overfit(follow_up: FollowUp, judged: Judged | None, job: JobInfo) -> OverfitReport:
    """What a long training showed; `judged` is None before it has ended."""
    each, steps = steps_per_pass(job, follow_up.batch_size), follow_up.space.steps[0]
    curve = judged.outcome.curve if judged is not None else None
    verdict = judged.verdict if judged is not None else None
    best = None if curve is None or verdict is None else _best_step(curve, verdict)
    answer, sentence = _read(judged, job, best, each)
    return OverfitReport(
        answer=answer,
        sentence=sentence,
        optimizer=follow_up.optimizer,
        learning_rate=follow_up.space.learning_rates[0],
        batch_size=follow_up.batch_size,
        probe=None if judged is None else judged.outcome.probe.id,
        verdict=None if verdict is None else verdict.label,
        steps=steps,
        passes=steps / each,
        best_step=best,
        best_pass=None if best is None else best / each,
    )


def unknown_overfit(why: str) -> OverfitReport:
    """The report that overfitting cannot be judged, and why."""
    return OverfitReport(answer=OverfitAnswer.UNKNOWN, sentence=_unknown(why))


def _best_step(curve: Curve, verdict: Verdict) -> int | None:
    """The step of the lowest validation loss; for an overfit curve the one that its verdict names."""
    if verdict.label is Label.OVERFIT:
        return verdict.evidence[0].step
    finite = [(loss, step) for loss, step in zip(curve.val_loss, curve.val_steps, strict=True) if math.isfinite(loss)]
    return min(finite)[1] if finite else None


def _read(judged: Judged | None, job: JobInfo, best: int | None, each: float) -> tuple[OverfitAnswer, str]:
    if judged is None:
        return OverfitAnswer.UNKNOWN, _unknown("its training had not ended when the run did")
    curve, verdict = judged.outcome.curve, judged.verdict
    if curve is None or verdict is None:
        return OverfitAnswer.UNKNOWN, _unknown(f"its training came to no end ({judged.outcome.cause})")
    if verdict.label is Label.OVERFIT and best is not None:
        return OverfitAnswer.YES, _rises(curve, job, best, each)
    if verdict.label is not Label.HEALTHY:
        return OverfitAnswer.UNKNOWN, _went_wrong(verdict, curve.steps)
    notes = [note for note in verdict.evidence[1:] if note.code == NOT_TESTABLE]
    if notes or best is None:
        return OverfitAnswer.UNKNOWN, notes[0].sentence if notes else _unknown("no validation loss is finite")
    return OverfitAnswer.NO, _holds(curve, job, best, each)


def _unknown(why: str) -> str:
    return f"Overfitting cannot be judged: {why}."


def _went_wrong(verdict: Verdict, steps: int) -> str:
    seen = f"a training of {steps:,} steps at the recommended setting is {verdict.label}"
    advice = " Take a lower rate." if verdict.label is Label.DIVERGED else ""
    return f"{_unknown(seen)} {verdict.evidence[0].sentence}{advice}"


def _rises(curve: Curve, job: JobInfo, best: int, each: float) -> str:
    lowest, passes = curve.val_loss[curve.val_steps.index(best)], max(1, round(best / each))
    advice = f"Stop after about {plural(passes, 'epoch')}, get more data, or regularise."
    if job.epochs is not None and job.epochs <= passes:
        advice = f"The script's own {plural(job.epochs, 'epoch')} end before that."
    return (
        f"It overfits: the validation loss is lowest, {lowest:.4g}, after about {plural(passes, 'epoch')} (step "
        f"{best:,}) and {curve.val_loss[-1]:.4g} after {passes_text(curve.steps / each)}, while the training loss goes "
        f"on falling. {advice}{_caveat(job)}"
    )


def _holds(curve: Curve, job: JobInfo, best: int, each: float) -> str:
    made = curve.steps / each
    of = f" of the script's {job.epochs}" if job.epochs is not None and job.epochs > math.ceil(made) else ""
    lowest = curve.val_loss[curve.val_steps.index(best)]
    since = "" if best == curve.val_steps[-1] else ", and has risen since without a clear trend"
    return (
        f"No overfitting within {passes_text(made)}{of} ({curve.steps:,} steps): the validation loss ends at "
        f"{curve.val_loss[-1]:.4g}; it was lowest, {lowest:.4g}, after {passes_text(best / each)}{since}.{_caveat(job)}"
    )


def passes_text(passes: float) -> str:
    """Passes in words: `12 epochs`, `0.4 epochs`."""
    shown = f"{passes:.0f}" if passes >= 10 or passes == round(passes) else f"{passes:.2g}"  # noqa: PLR2004  two digits
    return f"{shown} epoch{'' if shown == '1' else 's'}"


def _caveat(job: JobInfo) -> str:
    """A sentence on what makes probes overfit sooner than the script does; empty where nothing does."""
    if all(change.what != "input pipeline" for change in job.changes):
        return ""
    return " Random augmentation in the input pipeline, if there is any, was frozen; with it this comes later."
