"""From the settings of a run and the facts about its fit call to the problem that a batch-size search solves."""

from sweeper.batch_size.sizing import Problem
from sweeper.batch_size.values import MemoryLimit
from sweeper.memory import FitFacts
from sweeper.settings import Settings

HEADROOM = 0.1
"""Part of the memory that stays free: a long job meets moments that a short trial does not."""
HEADROOM_XLA = 0.15
"""The same under XLA, which wants its temporary memory in one piece."""


def problem_of(limit: MemoryLimit, facts: FitFacts, settings: Settings) -> Problem:
    """The problem of a run, once its fit call is known."""
    headroom = settings.headroom
    if headroom is None:
        headroom = HEADROOM_XLA if facts.xla else HEADROOM
    return Problem(
        limit=limit,
        headroom=headroom,
        facts=facts,
        max_batch_size=settings.max_batch_size,
        effective_batch=settings.effective_batch,
        other_limits=settings.other_limits_bytes,
        precision=other_precision(facts) if settings.compare_precision else None,
    )


def other_precision(facts: FitFacts) -> str | None:
    """The mixed precision to compare a job with; None when it is mixed already."""
    if "mixed" in facts.precision:
        return None
    return "mixed_bfloat16" if facts.device == "cpu" else "mixed_float16"
