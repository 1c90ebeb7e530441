"""Which batch size would fit in another amount of memory, predicted from the fit."""

from collections.abc import Sequence

from sweeper.batch_size.sizing._evidence import size_of, used_bytes
from sweeper.batch_size.sizing._fit import fit_memory, largest_within
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.values import MemoryFit, MemoryPrediction, Trial
from sweeper.text import bytes_text


def elsewhere(problem: Problem, trials: Sequence[Trial], largest: Trial | None) -> tuple[MemoryPrediction, ...]:
    """A prediction for each other amount of memory that was asked for; empty when nothing fits on this machine."""
    if largest is None:
        return ()
    fit = fit_memory(problem, trials)
    return tuple(_predicted(problem, fit, largest, limit) for limit in problem.other_limits)


def _predicted(problem: Problem, fit: MemoryFit | None, largest: Trial, limit: int) -> MemoryPrediction:
    amount = limit * (1 - problem.headroom)
    where = f"In {bytes_text(limit)}, with {problem.headroom:.0%} of it free,"
    if fit is None:
        return _from_one_size(where, largest, limit=limit, amount=amount)
    size = largest_within(fit, amount, problem.most)
    if size is None:
        return MemoryPrediction(
            limit_bytes=limit,
            batch_size=None,
            sentence=f"{where} not even one sample is predicted to fit. {_NOT_TRIED}",
        )
    most = f" ({problem.most_because})" if size == problem.most else ""
    return MemoryPrediction(
        limit_bytes=limit,
        batch_size=size,
        sentence=f"{where} the largest size is predicted to be {size:,}{most}. {_NOT_TRIED}",
    )


def _from_one_size(where: str, largest: Trial, *, limit: int, amount: float) -> MemoryPrediction:
    """A prediction where only one size was measured: whether that size would fit."""
    fits = used_bytes(largest) <= amount
    return MemoryPrediction(
        limit_bytes=limit,
        batch_size=size_of(largest) if fits else None,
        sentence=f"{where} {size_of(largest):,}, the one size that was measured, {'fits' if fits else 'does not fit'} "
        f"if it uses {bytes_text(used_bytes(largest))} there too. {_NOT_TRIED}",
    )


_NOT_TRIED = "This is predicted, not tried, and the memory that a script takes at any batch size may differ there."
