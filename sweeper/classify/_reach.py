"""What the curves of one job reach, and what a curve made of it after its first points.

A point of a log is often the mean over an epoch. A training that exploded within the first one then looks like one that
fell: 588, 2.41, 2.39, and so on at what guessing among ten classes loses. So a curve whose first point may be such a
mean is measured from the points after it, and against what others of the same job reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sweeper.classify._course_thresholds import COURSE
from sweeper.classify._thresholds import DEFAULT
from sweeper.curve import Curve
from sweeper.robust import MEDIAN_ERROR, Floats, jitter, median, tail_length

_ALIKE = 0.03
"""Part of a level within which curves rest at the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Between which levels the curves of one job lie."""

    untrained: float
    """What a model has that learnt nothing: where the others begin, or come to rest without learning."""
    best: float
    """The lowest level at which one of them ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A curve after its first points."""

    first: float
    wild: int
    """Leading points that lie far above where the curve ends; 0 where it has none or they are most of it."""
    begin: float
    """The level right after the first points: after the wild ones, or after the very first."""
    end: float
    pace: float
    """Fall from the third quarter of the points to the last one."""
    pace_error: float

    @property
    def fall(self) -> float:
        """What the curve fell after its first points."""
        return self.begin - self.end

    def made(self, best: float) -> float:
        """The part that it made, after its first points, of what others reach from there; 1 where that is nothing."""
        left = self.begin - best
        return self.fall / left if left > 0.0 else 1.0

    def moves(self) -> bool:
        """Whether the loss still falls at the end, by more than scatter and not slower and slower."""
        least = COURSE.course_pace_after_wild if self.wild else COURSE.course_pace
        share = COURSE.steady_share * max(self.fall, 0.0)
        return self.pace > max(least * abs(self.end), share, COURSE.course_errors * self.pace_error)


def course_of(losses: Floats) -> Course | None:
    """The course of losses; None where some are not finite or too few to tell."""
    if losses.size < DEFAULT.least_steps or not np.isfinite(losses).all():
        return None
    window = tail_length(losses.size, share=DEFAULT.tail_share, least=DEFAULT.tail_steps)
    end = median(losses[-window:])
    wild = _wild(losses, end)
    rest = losses[max(wild, 1) :]
    few = max(1, min(max(COURSE.course_points, int(rest.size * DEFAULT.tail_share)), rest.size // 3))
    quarter = max(1, rest.size // 4)
    late = rest[-2 * quarter :]
    return Course(
        first=float(losses[0]),
        wild=wild,
        begin=median(rest[:few]),
        end=end,
        pace=median(late[:-quarter]) - median(late[-quarter:]) if late.size > quarter else 0.0,
        pace_error=MEDIAN_ERROR * jitter(late) * (2.0 / quarter) ** 0.5,
    )


def _wild(losses: Floats, end: float) -> int:
    """How many leading points lie far above the end, where that is a small part of a curve above zero."""
    if end <= 0.0 or losses.min() <= 0.0:
        return 0
    low = np.flatnonzero(losses <= COURSE.wild_ratio * end)
    number = int(low[0]) if low.size else losses.size
    return number if number <= max(1, int(COURSE.wild_share * losses.size)) else 0


def reach_of(curves: Sequence[Curve], *, constant: float | None = None) -> Reach | None:
    """What the curves of one job reach; None where none of them learnt something that can be seen.

    `constant` is the loss of the best constant predictor, where that is known.
    """
    known = [course for curve in curves if (course := course_of(np.asarray(curve.train_loss, np.float64))) is not None]
    learnt = [course for course in known if _learns(course)]
    best = min((course.end for course in learnt), default=None)
    if constant is not None:
        return Reach(untrained=constant, best=best if best is not None and best < constant else 0.0)
    begins = [max(course.first, course.begin) for course in learnt if not course.wild]
    if best is None or not begins:
        return None
    low = median(np.asarray(begins, np.float64))
    resting = sorted(course.end for course in known if course.end >= low and course.made(best) < COURSE.most_made)
    alike = [end for end, other in pairwise(resting) if other <= end * (1.0 + _ALIKE)]
    return Reach(untrained=max([low, *alike[:1]]), best=best)


def _learns(course: Course) -> bool:
    """Whether a curve falls after its first points by so much that no constant predictor would."""
    least = COURSE.learnt_after_wild if course.wild else COURSE.learnt_share
    return course.fall > least * abs(course.begin)
