"""The first lines of a report, as far as they speak of the batch size."""

from sweeper.batch_size.report._words import limit_text, memory_title
from sweeper.recommendation import Measure
from sweeper.reporting import Headline, probes_done, why_nothing
from sweeper.results import Memory, Results
from sweeper.run import RunState
from sweeper.text import plural


def batch_size_headline(results: Results, memory: Memory) -> Headline:
    """The first lines when only the batch size was searched, or nothing came of the rest."""
    best, largest, limit = memory.recommended, memory.largest_that_fits, limit_text(memory.limit_bytes)
    reason = memory.reasons[-1] if memory.reasons else ""  # the last one says what decided
    if best is None or memory.batch_size_fixed:
        title, range_ = memory_title(memory), "" if largest is None else f"It fits in {limit}"
    else:
        title, range_ = f"Use batch size {best:,}", f"The largest that fits in {limit} is {largest:,}"
    return Headline(title=title, range=range_, reason=reason, banner=_banner(results, memory))


def _banner(results: Results, memory: Memory) -> str:
    state = results.environment.state
    if state is RunState.COMPLETE:
        return ""
    if state is RunState.FAILED:
        found = memory.largest_that_fits is not None
        return f"No learning rate could be tried: {why_nothing(results)}" if found else ""
    how_far = f"{plural(len(memory.trials), 'trial')} of batch sizes and no probe ended"
    return f"This run is {state}: {how_far}. `sweeper resume` goes on where it stopped."


def memory_sentence(results: Results) -> str:
    """What the search for the batch size adds to a headline that speaks of learning rates; empty when nothing."""
    memory = results.memory
    if memory is None or not probes_done(results):
        return ""
    return f"{memory_title(memory)}. {other_size(results)}The limit is {limit_text(memory.limit_bytes)}."


def other_size(results: Results) -> str:
    """A sentence where the map recommends another batch size than the search for it; empty where none is needed."""
    advice, memory = results.recommendation, results.memory
    if memory is None or memory.recommended is None or advice is None or advice.batch_size is None:
        return ""
    on_map = advice.batch_size
    if on_map == memory.recommended:
        return ""
    measure = None if advice.comparison is None else advice.comparison.measure
    if measure is Measure.NOTHING:
        return f"That is by memory and speed; the losses on the map do not compare, so it keeps {on_map:,}. "
    by = "losses" if measure in {None, Measure.LOSS} else measure
    return f"That is by memory and speed; by the {by} on the map, {on_map:,} is the better size. "
