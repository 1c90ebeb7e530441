"""Sessions in one file, one after the other: separate trainings, or one that was resumed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_LAST = 3
"""Number of last points that are taken as the end of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The points of one session; `train_at` and `val_at` are their steps or epochs as the file counts them."""

    train: tuple[float, ...]
    train_at: tuple[float, ...]
    val: tuple[float, ...] = ()
    val_at: tuple[float, ...] = ()
    passes: float | None = None


def joined(sessions: Sequence[Session]) -> tuple[Session, ...]:
    """The sessions of a file, joined where one continues another; those without a training loss are left out."""
    found: list[Session] = []
    for session in sessions:
        if not session.train:
            continue
        if found and continues(found[-1], session):
            found[-1] = _as_one(found[-1], session)
        else:
            found.append(session)
    return tuple(_with_distinct_counts(session) for session in found)


def continues(before: Session, after: Session) -> bool:
    """Whether a session continues the one before it.

    It does if its counts begin after the other's first, or if its first loss lies nearer to the other's end than to the
    other's beginning.
    """
    if after.train_at[0] > before.train_at[0]:
        return True
    end = median(before.train[-_LAST:])
    if not (math.isfinite(end) and math.isfinite(before.train[0])) or end >= before.train[0]:
        return False
    return after.train[0] < (before.train[0] + end) / 2.0


def _as_one(before: Session, after: Session) -> Session:
    """Two sessions as one; where both recorded a point, the value of the second is taken."""
    restart = after.train_at[0]
    again = restart > before.train_at[0]
    shift = 0.0 if again else before.train_at[-1] + 1.0 - restart
    kept = sum(at < restart for at in before.train_at) if again else len(before.train)
    vals = sum(at < restart for at in before.val_at) if again else len(before.val)
    passes = None
    if before.passes is not None and after.passes is not None:
        passes = restart - before.train_at[0] + after.passes if again else before.passes + after.passes
    return Session(
        train=before.train[:kept] + after.train,
        train_at=before.train_at[:kept] + tuple(at + shift for at in after.train_at),
        val=before.val[:vals] + after.val,
        val_at=before.val_at[:vals] + tuple(at + shift for at in after.val_at),
        passes=passes,
    )


def _with_distinct_counts(session: Session) -> Session:
    """The session with equal counts made distinct: a tiny amount is added, so that points keep their order."""
    at = [count + repeat * 1e-9 * max(1.0, abs(count)) for repeat, count in _numbered(session.train_at)]
    last = dict(zip(session.train_at, at, strict=True))
    return Session(
        train=session.train,
        train_at=tuple(at),
        val=session.val,
        val_at=tuple(last.get(count, count) for count in session.val_at),
        passes=session.passes,
    )


def _numbered(counts: Sequence[float]) -> list[tuple[int, float]]:
    """Each count, with the number of equal counts right before it in front."""
    found: list[tuple[int, float]] = []
    for count in counts:
        found.append((found[-1][0] + 1 if found and found[-1][1] == count else 0, count))
    return found
