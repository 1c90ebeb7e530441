"""What the trials of a batch-size search show of the largest size that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.values import Trial
from sweeper.probes import OutcomeKind
from sweeper.trial import Goal

_MAIN = {Goal.MEASURE, Goal.VERIFY, Goal.TRIAGE}
_UNCLEAR = {OutcomeKind.ERROR, OutcomeKind.CRASHED}
"""Ways to end that may come from too little memory or from an error of the script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The trials that decide which size is the largest that fits."""

    passed: tuple[Trial, ...]
    """The last trial of each size that never failed, by ascending size."""
    fitting: Trial | None
    """The largest that passed and left the headroom free."""
    over: Trial | None
    """The smallest above `fitting` that passed but left too little memory free."""
    failed: int | None
    """The smallest size above `fitting` that did not pass."""
    too_large: int | None
    """The smallest size above `fitting` that did not pass or left too little memory free."""

    @property
    def largest(self) -> Trial | None:
        """The largest size that left the headroom free; where none did, the largest that passed below all failures."""
        return self.fitting or (self.passed[-1] if self.passed else None)


def size_of(trial: Trial) -> int:
    """The batch size of a trial."""
    return trial.request.batch_size


def steady_bytes(trial: Trial) -> int:
    """Peak memory of a passed trial after its first step."""
    measured = trial.measured
    return measured.steady_peak_bytes or measured.peak_bytes or 0


def used_bytes(trial: Trial) -> int:
    """Peak memory of a passed trial at any time."""
    return max(trial.measured.peak_bytes or 0, steady_bytes(trial))


def main_trials(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The trials that search for the largest size that fits, without those of accumulation and precision."""
    return tuple(trial for trial in trials if trial.request.goal in _MAIN)


def evidence(problem: Problem, trials: Sequence[Trial]) -> Evidence:
    """What the trials so far show of the largest size that fits."""
    main = main_trials(trials)
    failures = {size_of(trial) for trial in main if not trial.passed}
    by_size = {size_of(trial): trial for trial in main if trial.passed}
    passed = tuple(trial for size, trial in sorted(by_size.items()) if size not in failures)
    fitting = next((trial for trial in reversed(passed) if used_bytes(trial) <= problem.target), None)
    floor = 0 if fitting is None else size_of(fitting)
    failed = min((size for size in failures if size > floor), default=None)
    passed = tuple(trial for trial in passed if failed is None or size_of(trial) < failed)
    over = next((trial for trial in passed if size_of(trial) > floor), None)
    return Evidence(
        passed=passed,
        fitting=fitting,
        over=over,
        failed=failed,
        too_large=failed if over is None else size_of(over),
    )


def unexplained(trials: Sequence[Trial]) -> Trial | None:
    """The first failed trial that may be the fault of memory or of the script; None when every failure is explained."""
    main = main_trials(trials)
    passed = [size_of(trial) for trial in main if trial.passed]
    for trial in main:
        if trial.measured.kind in _UNCLEAR and trial.request.goal is not Goal.TRIAGE:
            smaller_passed = any(size < size_of(trial) for size in passed)
            if not smaller_passed and _rerun(main, trial) is None:
                return trial
    return None


def error_of_script(trials: Sequence[Trial]) -> Trial | None:
    """The trial that failed by an error of the script, since half its size failed too; None without one.

    To be called once a search is over: then a failed trial counts too if no smaller size could be tried.
    """
    main = main_trials(trials)
    if any(trial.passed for trial in main):
        return None
    for trial in main:
        if trial.measured.kind in _UNCLEAR and trial.request.goal is not Goal.TRIAGE:
            rerun = _rerun(main, trial)
            if rerun is None or rerun.measured.kind in _UNCLEAR:
                return trial
    return None


def _rerun(main: Sequence[Trial], trial: Trial) -> Trial | None:
    later = (other for other in main if other.number > trial.number and other.request.goal is Goal.TRIAGE)
    return next(later, None)
