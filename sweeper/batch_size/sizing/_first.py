"""The first trial of a batch-size search, when nothing is measured yet."""

from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._requests import measure_first, verify
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.trial import TrialRequest


def first_request(problem: Problem) -> TrialRequest:
    """The first trial: the script's own size, or a smaller one where that is estimated to take much of the limit."""
    size = min(problem.own, max(problem.least, _estimated(problem)))
    return verify(problem, size) if size >= problem.most else measure_first(problem, size)


def _estimated(problem: Problem) -> int:
    """The size estimated to use half of the memory that the model's variables leave."""
    slope, facts = problem.estimated_slope, problem.facts
    if not slope:
        return problem.most
    left = problem.limit.limit_bytes - facts.weight_bytes - facts.gradient_bytes - facts.slot_bytes
    return int(DEFAULT.first_share * left / slope)
