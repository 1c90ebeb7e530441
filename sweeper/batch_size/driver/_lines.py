"""What a batch-size search does, in one line for each trial."""

from sweeper.batch_size.values import MemoryLimit, MemoryReport, Trial
from sweeper.text import bytes_text, number_text, seconds_text
from sweeper.trial import Goal, Stage, TrialRequest

_WHY = {
    Goal.MEASURE: "measuring",
    Goal.VERIFY: "verifying",
    Goal.TRIAGE: "trying half of it, to tell memory from an error",
    Goal.ACCUMULATE: "trying with accumulated gradients",
    Goal.PRECISION: "comparing precision",
}


def describe_begun(number: int, request: TrialRequest) -> str:
    """A trial that has begun."""
    return f"trial {number}: batch size {request.batch_size:,}{_special(request)}, {_WHY[request.goal]}"


def describe_trial(trial: Trial, limit: MemoryLimit) -> str:
    """A trial that has ended."""
    measured = trial.measured
    head = f"trial {trial.number}: batch size {trial.request.batch_size:,}{_special(trial.request)}"
    if not trial.passed:
        during = "" if measured.stage is Stage.DONE else f", during {measured.stage.value}"
        return f"{head} did not pass: {measured.cause}{during} ({seconds_text(trial.seconds)})"
    part = f", {(measured.peak_bytes or 0) / limit.limit_bytes:.0%} of the limit" if measured.peak_bytes else ""
    own = [speed for speed in trial.extras.speeds if speed.batch_size == trial.request.batch_size]
    speed = f", {number_text(own[0].samples_per_second)} samples/s" if own else ""
    return f"{head} passed: {bytes_text(measured.peak_bytes)}{part}{speed} ({seconds_text(trial.seconds)})"


def describe_searched(report: MemoryReport) -> str:
    """What the search found."""
    advice = report.advice
    if advice.largest_that_fits is None:
        return f"no batch size fits into {bytes_text(report.limit.limit_bytes)}"
    text = f"batch size {advice.largest_that_fits:,} is the largest that fits"
    return f"{text}; {advice.recommended:,} is recommended" if advice.recommended is not None else text


def _special(request: TrialRequest) -> str:
    over = f" over {request.accumulation} steps" if request.accumulation > 1 else ""
    return over + (f" at {request.precision}" if request.precision else "")
