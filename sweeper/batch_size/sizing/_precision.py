"""Comparison of a batch size at the script's own precision and at another."""

from collections.abc import Sequence

from sweeper.batch_size.sizing._choice import Choice
from sweeper.batch_size.sizing._evidence import size_of, used_bytes
from sweeper.batch_size.sizing._fit import fit_memory, peak_at
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._throughput import is_plain, speeds_of
from sweeper.batch_size.values import MemoryFit, PrecisionComparison, Trial
from sweeper.text import bytes_text, number_text, plural
from sweeper.trial import Goal, TrialRequest


def next_precision(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> TrialRequest | None:
    """The trial at the other precision; None when it was run, or was not asked for."""
    if problem.precision is None or choice.recommended is None or _trial(trials) is not None:
        return None
    assert choice.largest is not None
    comparable = fit_memory(problem, trials) is not None or _plain_at(trials, choice.recommended) is not None
    size = choice.recommended if comparable else size_of(choice.largest)
    return TrialRequest(batch_size=size, goal=Goal.PRECISION, precision=problem.precision, speed_sizes=(size,))


def precision_comparison(
    problem: Problem, trials: Sequence[Trial], *, verdicts_same: int, verdicts_compared: int
) -> PrecisionComparison | None:
    """How the trial at the other precision compares with the script's own; None without such a trial."""
    trial = _trial(trials)
    if trial is None or trial.request.precision is None:
        return None
    size = size_of(trial)
    own = _plain_at(trials, size)
    own_bytes = _own_bytes(own, fit_memory(problem, trials), size)
    speeds = {speed.batch_size: speed.samples_per_second for speed in speeds_of(trials)}
    speed = next((item.samples_per_second for item in trial.extras.speeds if item.batch_size == size), None)
    used = used_bytes(trial) if trial.passed else None
    sentences = [_memory(trial, own_bytes, predicted=own is None)]
    if used is not None:
        sentences += [_speed(speed, speeds.get(size))]
    if verdicts_compared:
        sentences.append(f"{verdicts_same} of {plural(verdicts_compared, 'rate')} got the same verdict.")
    return PrecisionComparison(
        batch_size=size,
        precision=trial.request.precision,
        peak_bytes=used,
        own_peak_bytes=own_bytes,
        samples_per_second=speed,
        own_samples_per_second=speeds.get(size),
        verdicts_same=verdicts_same,
        verdicts_compared=verdicts_compared,
        sentence=" ".join(sentences),
    )


def _trial(trials: Sequence[Trial]) -> Trial | None:
    return next((trial for trial in trials if trial.request.goal is Goal.PRECISION), None)


def _plain_at(trials: Sequence[Trial], size: int) -> Trial | None:
    return next((trial for trial in reversed(trials) if is_plain(trial) and size_of(trial) == size), None)


def _own_bytes(own: Trial | None, fit: MemoryFit | None, size: int) -> int:
    if own is not None:
        return used_bytes(own)
    assert fit is not None
    return round(peak_at(fit, size))


def _memory(trial: Trial, own_bytes: int, *, predicted: bool) -> str:
    head = f"{trial.request.precision} at batch size {size_of(trial):,}"
    if not trial.passed:
        return f"{head} did not pass: {trial.measured.cause}."
    used = used_bytes(trial)
    own = f"{bytes_text(own_bytes)}{' (by the fit)' if predicted else ''}"
    return f"{head} used {bytes_text(used)} instead of {own}, {used / own_bytes:.0%} of it."


def _speed(speed: float | None, own: float | None) -> str:
    if speed is None or own is None:
        return "Its speed was not measured at both."
    return f"It ran at {number_text(speed)} instead of {number_text(own)} samples/s, {speed / own:.2g} times as fast."
