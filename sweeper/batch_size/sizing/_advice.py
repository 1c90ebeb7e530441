"""The next trial of a batch-size search, and the advice when it is over."""

from collections.abc import Sequence
from dataclasses import replace

from sweeper.batch_size.sizing._accumulation import accumulation_of, next_accumulation
from sweeper.batch_size.sizing._choice import choose
from sweeper.batch_size.sizing._elsewhere import elsewhere
from sweeper.batch_size.sizing._evidence import size_of
from sweeper.batch_size.sizing._precision import next_precision
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._reasons import bound_of, reasons_of
from sweeper.batch_size.sizing._search import next_main
from sweeper.batch_size.sizing._throughput import norms_of, speeds_of
from sweeper.batch_size.values import MemoryAdvice, Trial, valleys
from sweeper.trial import TrialRequest


def next_trial(problem: Problem, trials: Sequence[Trial]) -> TrialRequest | None:
    """The next trial of a batch-size search; None when the search is over.

    First the largest size that fits is searched, then the effective batch and the other precision are tried, as far as
    they are wanted. The answer depends on the arguments alone, so a search that was cut off goes on as it would have.
    """
    request = next_main(problem, trials)
    if request is not None:
        return _without_measured(request, trials)
    choice = choose(problem, trials)
    return next_accumulation(problem, choice, trials) or next_precision(problem, choice, trials)


def _without_measured(request: TrialRequest, trials: Sequence[Trial]) -> TrialRequest:
    """A request without what earlier trials have measured, but with sizes to time again whose speeds look wrong.

    A speed is measured again too if its trial timed no other size: then no other speed is of the same process.
    """
    speeds = speeds_of(trials)
    again = {size for size in valleys(speeds) if size <= request.batch_size} if request.speed_sizes else set()
    known = {one.batch_size for one in speeds_of([trial for trial in trials if len(trial.extras.speeds) > 1])}
    wanted = {size for size in request.speed_sizes if size not in known or size == request.batch_size}
    return replace(
        request,
        speed_sizes=tuple(sorted(wanted | again)),
        noise_sizes=() if norms_of(trials) else request.noise_sizes,
    )


def advise(problem: Problem, trials: Sequence[Trial]) -> MemoryAdvice:
    """The advice on the batch size, as far as the trials allow."""
    choice = choose(problem, trials)
    return MemoryAdvice(
        largest_that_fits=None if choice.largest is None else size_of(choice.largest),
        bound=bound_of(problem, choice, trials),
        knee=choice.knee,
        noise_scale=choice.noise_scale,
        recommended=choice.recommended,
        reasons=reasons_of(problem, choice, trials),
        accumulation=accumulation_of(problem, choice, trials),
        elsewhere=elsewhere(problem, trials, choice.largest),
    )
