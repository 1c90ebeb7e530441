"""Sentences on why a batch size is recommended."""

from collections.abc import Iterator, Sequence

from sweeper.batch_size.sizing._choice import Choice
from sweeper.batch_size.sizing._evidence import main_trials, size_of, used_bytes
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._search import next_main
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.sizing._throughput import speeds_of
from sweeper.batch_size.values import Trial, valleys
from sweeper.probes import OutcomeKind
from sweeper.text import bytes_text, number_text, plural


def bound_of(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> str:
    """What limits the largest size, in words."""
    if choice.largest is None:
        if next_main(problem, trials) is not None:
            return "the search was stopped before any size had passed"
        smallest = min(main_trials(trials), key=size_of)
        fixed = f" ({problem.facts.batch_size_fixed})" if problem.fixed else ""
        return f"even batch size {size_of(smallest):,}{fixed} did not pass: {smallest.measured.cause}"
    if size_of(choice.largest) >= problem.most:
        return problem.most_because
    return "memory" if next_main(problem, trials) is None else "not known, since the search was stopped"


def reasons_of(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> tuple[str, ...]:
    """Sentences on what fits, what pays and which of the two decided."""
    if choice.largest is None:
        return (f"No batch size fits: {bound_of(problem, choice, trials)}.",)
    return (
        _fits(problem, choice.largest),
        *_ends(problem, choice, trials),
        _speed(choice, trials),
        *_slow(trials),
        _noise(problem, choice),
        *_epoch(problem, choice),
        _decision(problem, choice),
    )


def _fits(problem: Problem, largest: Trial) -> str:
    size, used, limit = size_of(largest), used_bytes(largest), problem.limit.limit_bytes
    if used > problem.target:
        return (
            f"No size that passed leaves {problem.headroom:.0%} of {bytes_text(limit)} free: {size:,} is the largest "
            f"that passed, and it used {bytes_text(used)}."
        )
    return (
        f"{size:,} is the largest size that was tried and fits: it used {bytes_text(used)} of {bytes_text(limit)} and "
        f"leaves {1 - used / limit:.0%} free."
    )


def _ends(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> Iterator[str]:
    """Sentences on what ended the search, where that is not clearly memory."""
    assert choice.largest is not None
    if size_of(choice.largest) >= problem.most:
        yield f"Larger sizes were not tried: {problem.most_because}."
    for trial in main_trials(trials):
        if size_of(trial) == choice.known.failed and trial.measured.kind is not OutcomeKind.OOM:
            yield (
                f"{size_of(trial):,} ended without a word about memory ({trial.measured.cause}), but a smaller size "
                "passed, so it counts as too large."
            )


def _speed(choice: Choice, trials: Sequence[Trial]) -> str:
    speeds = speeds_of(trials)
    if choice.knee is None:
        return f"Speed is left out: {plural(len(speeds), 'size')} timed, and a knee takes {DEFAULT.knee_sizes}."
    best = max(speed.samples_per_second for speed in speeds)
    return (
        f"From {choice.knee:,} on, training runs at {DEFAULT.knee_share:.0%} of its best speed or more "
        f"({number_text(best)} samples/s)."
    )


def _slow(trials: Sequence[Trial]) -> Iterator[str]:
    """Sentences on sizes whose speed contradicts that of others however often it was measured."""
    speeds = speeds_of(trials)
    slow = valleys(speeds)
    for speed in speeds:
        if speed.batch_size in slow:
            yield (
                f"{speed.batch_size:,} is slower ({number_text(speed.samples_per_second)} samples/s, the best of "
                f"{plural(speed.readings, 'reading')}) than smaller and larger sizes: the device may do badly at "
                "it, or other work slowed it down."
            )


def _noise(problem: Problem, choice: Choice) -> str:
    if choice.noise_scale is None:
        return f"The gradient noise scale could not be measured; the script's own {problem.own:,} stands in for it."
    scale = number_text(float(f"{choice.noise_scale:.2g}"))
    return (
        f"The gradient noise scale is about {scale} samples, so the time to the same loss goes as "
        f"(batch size + {scale}) / speed."
    )


def _epoch(problem: Problem, choice: Choice) -> Iterator[str]:
    assert choice.pays is not None
    if choice.cap is not None and choice.cap < choice.pays:
        yield (
            f"More than {choice.cap:,} of the {problem.facts.samples:,} samples a step would leave an epoch fewer than "
            f"{DEFAULT.epoch_steps} steps."
        )


def _decision(problem: Problem, choice: Choice) -> str:
    assert choice.largest is not None
    assert choice.pays is not None
    chosen = f"{choice.recommended:,} is recommended"
    if choice.cap is not None and choice.cap < choice.pays:
        return f"{chosen}: the number of samples decides."
    if choice.pays >= size_of(choice.largest):
        what = "the bound of the search" if size_of(choice.largest) >= problem.most else "memory"
        return f"{chosen}, the largest that fits: {what} decides."
    if choice.noise_scale is not None and choice.knee is not None:
        return f"{chosen}: it fits, and larger ones reach the same loss no sooner."
    what = "speed" if choice.knee is not None and choice.knee >= choice.pays else "the script's own size"
    return f"{chosen}: it fits, and {what} decides that larger ones pay no more."
