"""How to reach an effective batch size that does not fit at once: by accumulating gradients over several steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.batch_size.sizing._choice import Choice
from sweeper.batch_size.sizing._evidence import size_of
from sweeper.batch_size.sizing._problem import Problem
from sweeper.batch_size.sizing._thresholds import DEFAULT
from sweeper.batch_size.values import Accumulation, Trial
from sweeper.optimizers import KNOWN_OPTIMIZERS
from sweeper.trial import Goal, TrialRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """A way to reach an effective batch size: equal batches whose gradients are accumulated."""

    batch_size: int
    steps: int

    @property
    def effective(self) -> int:
        """The batch size whose gradients are summed up before the weights change."""
        return self.batch_size * self.steps


def next_accumulation(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> TrialRequest | None:
    """The next trial of a way to reach the effective batch; None when a way is known or none is asked for."""
    split, attempts = _split(problem, choice, trials), _attempts(trials)
    known = split is None or _is_tried(split, choice, attempts)
    if split is None or known or len(attempts) >= DEFAULT.accumulation_trials:
        return None
    return TrialRequest(
        batch_size=split.batch_size,
        goal=Goal.ACCUMULATE,
        accumulation=split.steps,
        speed_sizes=(split.batch_size,) if split.steps == 1 else (),
    )


def accumulation_of(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> Accumulation | None:
    """How to reach the effective batch that was asked for; None when none was, or when nothing fits."""
    split, attempts = _split(problem, choice, trials), _attempts(trials)
    if split is None:
        return None
    tried = _is_tried(split, choice, attempts)
    sentences = [_how(problem, split)]
    if split.effective != problem.effective_batch:
        sentences.append(f"{problem.effective_batch:,} itself cannot be made of equal batches that are large enough.")
    if not tried:
        failed = attempts[-1].measured.cause if attempts else ""
        sentences.append(f"This was not tried{f', after a larger one failed: {failed}' if failed else ''}.")
    return Accumulation(
        effective_batch=split.effective,
        batch_size=split.batch_size,
        steps=split.steps,
        tried=tried,
        sentence=" ".join(sentences),
    )


def _attempts(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    return tuple(trial for trial in trials if trial.request.goal is Goal.ACCUMULATE)


def _is_tried(split: _Split, choice: Choice, attempts: Sequence[Trial]) -> bool:
    passed = any(
        trial.passed and _Split(batch_size=size_of(trial), steps=trial.request.accumulation) == split
        for trial in attempts
    )
    return passed or (split.steps == 1 and split.batch_size in choice.usable)


def _split(problem: Problem, choice: Choice, trials: Sequence[Trial]) -> _Split | None:
    """The fastest way to split the effective batch that has not failed; None when none is asked for or nothing fits."""
    effective, largest = problem.effective_batch, choice.largest
    if effective is None or largest is None or choice.recommended is None:
        return None
    if problem.fixed:
        return _Split(batch_size=problem.own, steps=max(1, effective // problem.own))
    failed = [size_of(trial) for trial in _attempts(trials) if not trial.passed]
    if not failed and effective <= size_of(largest):
        return _Split(batch_size=effective, steps=1)
    # The sum is the same for any parts, so the fastest parts are the best.
    most = min([effective, choice.knee or size_of(largest), *(size - 1 for size in failed)])
    return _even(effective, most) if most >= 1 else None


def _even(effective: int, most: int) -> _Split:
    """Equal batches of at most `most` that make up the effective batch, or nearly so where it has no large divisor."""
    divisor = max(size for size in range(1, most + 1) if effective % size == 0)
    if divisor >= DEFAULT.poor_divisor * most:
        return _Split(batch_size=divisor, steps=effective // divisor)
    steps = -(-effective // most)
    return _Split(batch_size=effective // steps, steps=steps)


def _how(problem: Problem, split: _Split) -> str:
    if split.steps == 1:
        return f"An effective batch of {split.effective:,} needs no accumulation: `batch_size={split.batch_size}`."
    name = problem.facts.optimizer
    known = any(optimizer.keras_class == name for optimizer in KNOWN_OPTIMIZERS)
    return (
        f"An effective batch of {split.effective:,} takes {split.steps} steps of {split.batch_size:,}: "
        f"`optimizer={'keras.optimizers.' if known else ''}{name}(..., gradient_accumulation_steps={split.steps})` and "
        f"`batch_size={split.batch_size}`."
    )
