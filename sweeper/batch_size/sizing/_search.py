"""Which batch size a search tries next.

A first trial at the script's own size, a second and a third at sizes that should use a third and two thirds of the
room that is left, then the largest size whose upper prediction leaves the headroom free. If that one fails, or leaves
much unused, the prediction is made again with that measurement. Steps are left out where the largest allowed size is
near, or where one trial has used most of the room already.

Example: 32 samples use 0.9 GB of 4 GB, 300 use 1.6 GB and 720 use 2.7 GB. A line says that 1,060 stay below 3.6 GB;
that size is tried, passes with 3.56 GB, and is the answer.
"""

import math
from collections.abc import Sequence

from sweeper.batch_size.sizing._evidence import (
    Evidence,
    error_of_script,
    evidence,
    main_trials,
    size_of,
    steady_bytes,
    unexplained,
    used_bytes,
)
from sweeper.batch_size.sizing._first import first_request
from sweeper.batch_size.sizing._fit import fit_memory, largest_within
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._reach import reach_of
from sweeper.batch_size.sizing._requests import measure, measure_first, verify
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import Trial
from sweeper.trial import Goal, TrialRequest


def next_main(problem: Problem, trials: Sequence[Trial]) -> TrialRequest | None:
    """The next trial in search of the largest size that fits; None when that is found, or no size fits."""
    main = main_trials(trials)
    if not main:
        return first_request(problem)
    if len(main) >= DEFAULT.trials:
        return None
    failed = unexplained(main)
    if failed is not None and size_of(failed) > problem.least:
        return TrialRequest(batch_size=max(problem.least, size_of(failed) // 2), goal=Goal.TRIAGE)
    if error_of_script(main) is not None:
        return None
    known = evidence(problem, main)
    return _down(problem, known, main) if known.fitting is None else _up(problem, known, main, known.fitting)


def _down(problem: Problem, known: Evidence, main: Sequence[Trial]) -> TrialRequest | None:
    """A trial of a smaller size, while none has left the headroom free; None when none is left to try."""
    smallest = known.too_large
    assert smallest is not None
    if smallest <= problem.least:
        return None
    if not known.passed:
        failures = sum(not trial.passed for trial in main)
        return measure_first(problem, max(problem.least, smallest // DEFAULT.retreat**failures))
    size = _less(problem, known, main)
    return None if size is None else verify(problem, max(problem.least, min(size, smallest - 1)))


def _less(problem: Problem, known: Evidence, main: Sequence[Trial]) -> int | None:
    """A size that should leave the headroom free, when no passed trial did; None where no size can."""
    lowest = known.passed[0]
    fit = fit_memory(problem, main)
    if fit is not None and fit.source == "measured":
        return largest_within(fit, problem.target - (used_bytes(lowest) - steady_bytes(lowest)), problem.most)
    start, used = lowest.measured.start_bytes, used_bytes(lowest)
    return int(size_of(lowest) * (problem.target - start) / (used - start)) if start < problem.target else None


def _up(problem: Problem, known: Evidence, main: Sequence[Trial], fitting: Trial) -> TrialRequest | None:
    """A trial of a larger size than the largest that left the headroom free; None when no more is to be gained."""
    size = size_of(fitting)
    verified = fitting.request.goal is Goal.VERIFY
    wanted = None if _is_settled(problem, known, size) else _larger(problem, known, main, fitting)
    last = len(main) == DEFAULT.trials - 1
    if verified:
        return wanted if wanted is not None and wanted.batch_size >= _worthwhile(problem, fitting) * size else None
    return verify(problem, size) if wanted is None or wanted.batch_size <= size or last else wanted


def _is_settled(problem: Problem, known: Evidence, size: int) -> bool:
    """Whether a size that is too large is so near that it settles the largest size that fits."""
    if known.too_large is None:
        return size >= problem.most
    return known.too_large <= max(size + 1, DEFAULT.adjacent * size)


def _worthwhile(problem: Problem, fitting: Trial) -> float:
    """How many times as large as a verified size the next one must be to be worth a trial."""
    nearly_used = used_bytes(fitting) >= DEFAULT.used_share * problem.target
    return DEFAULT.worthwhile_above if nearly_used else DEFAULT.worthwhile


def _larger(problem: Problem, known: Evidence, main: Sequence[Trial], fitting: Trial) -> TrialRequest:
    """A trial of a larger size: to verify it if the measurements reach that far, else to measure on the way."""
    reach = reach_of(problem, known, fit_memory(problem, main))
    ceiling = _ceiling(problem, known, fitting)
    if _share(problem, fitting) >= reach.verify_share:
        return verify(problem, min(ceiling, reach.size_at(reach.allowed)))
    lowest = steady_bytes(known.passed[0])
    size = min(ceiling, reach.size_at(lowest + reach.measure_share * (problem.target - lowest)))
    return verify(problem, size) if size == problem.most else measure(max(size, size_of(fitting) + 1))


def _share(problem: Problem, fitting: Trial) -> float:
    """The share of the room that a trial used."""
    start = fitting.measured.start_bytes
    return (steady_bytes(fitting) - start) / max(1.0, problem.target - start)


def _ceiling(problem: Problem, known: Evidence, fitting: Trial) -> int:
    """The largest size to try, given those that failed."""
    if known.too_large is None:
        return problem.most
    middle = problem.most if known.failed is None else _between(problem, known.failed, fitting)
    return min(known.too_large - 1, middle)


def _between(problem: Problem, failed: int, fitting: Trial) -> int:
    """A size between the largest that passed and the smallest that failed, nearer to the one that passed."""
    size, used = size_of(fitting), used_bytes(fitting)
    if failed > DEFAULT.wide * size:
        return math.isqrt(failed * size)
    leaves = (problem.target - used) / max(1, problem.limit.limit_bytes - used)
    return max(size + 1, size + int(DEFAULT.pass_bias * leaves * (failed - size)))
