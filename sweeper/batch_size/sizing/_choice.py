"""The choice of a batch size: the smaller of what fits and what still speeds training up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.batch_size.sizing._evidence import Evidence, error_of_script, evidence, size_of
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.sizing._throughput import is_plain, knee, norms_of, soonest, speeds_of
from sweeper.batch_size.values import Trial
from sweeper.noise import noise_scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The batch size to use, and what decided it."""

    known: Evidence
    largest: Trial | None
    """The trial of the largest size that fits."""
    knee: int | None
    noise_scale: float | None
    pays: int | None
    """The size above which a larger batch does not end training sooner; None when nothing fits."""
    cap: int | None
    """The largest size with enough steps in an epoch; None when the number of samples is unknown."""
    usable: tuple[int, ...]
    """Sizes that were tried or timed, and fit."""
    recommended: int | None


def choose(problem: Problem, trials: Sequence[Trial]) -> Choice:
    """The batch size to use, as far as the trials allow."""
    known = evidence(problem, trials)
    largest = None if error_of_script(trials) is not None else known.largest
    usable = () if largest is None else _usable(trials, size_of(largest))
    speeds = [speed for speed in speeds_of(trials) if speed.batch_size in usable]
    found_knee = knee(speeds)
    scale = noise_scale(norms_of(trials))
    pays = _paying(problem, usable, found_knee, soonest(speeds, scale)) if usable else None
    cap = _cap(problem)
    return Choice(
        known=known,
        largest=largest,
        knee=found_knee,
        noise_scale=scale,
        pays=pays,
        cap=cap,
        usable=usable,
        recommended=None if pays is None else _at_most(usable, pays if cap is None else min(pays, cap), problem.own),
    )


def _usable(trials: Sequence[Trial], largest: int) -> tuple[int, ...]:
    timed = {speed.batch_size for speed in speeds_of(trials)}
    tried = {size_of(trial) for trial in trials if is_plain(trial)}
    return tuple(sorted(size for size in timed | tried if size <= largest))


def _paying(problem: Problem, usable: Sequence[int], found_knee: int | None, first: int | None) -> int:
    """The size that ends training soonest; if unknown, the larger of the knee and the script's own size."""
    return max(found_knee or 0, min(problem.own, usable[-1])) if first is None else first


def _cap(problem: Problem) -> int | None:
    samples = problem.facts.samples
    return None if samples is None else max(samples // DEFAULT.epoch_steps, problem.own)


def _at_most(usable: Sequence[int], wanted: int, own: int) -> int:
    """The largest usable size up to a wanted one; a power of two or the script's own if that is nearly as large."""
    if wanted >= usable[-1]:
        return usable[-1]
    within = [size for size in usable if size <= wanted] or [usable[0]]
    plain = [size for size in within if size.bit_count() == 1 or size == own]
    return plain[-1] if plain and plain[-1] * DEFAULT.round_share >= within[-1] else within[-1]
