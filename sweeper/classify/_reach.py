"""Which levels the curves of one job reach, and what a single curve does after its first points.

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
from sweeper.robust import Floats, jitter, median, median_error, tail_length, trend

_QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The levels between which the curves of one job lie."""

    untrained: float
    """Loss of a model that has learnt nothing: where curves begin, or come to rest without learning."""
    high: float
    """The level below which most curves that learn begin; `untrained` where that is known."""
    best: float
    """The lowest level at which a curve ends."""
    sure: bool
    """Whether `untrained` is known, or was seen on several curves that learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a curve does after its first points."""

    first: float
    peak: float
    wild: int
    """Number of leading points far above the end of the curve; 0 if there are none, or too many for an explosion."""
    begin: float
    """The level right after the first points: after the wild ones, or after the very first."""
    end: float
    error: float
    """Standard error of the fall from `begin` to `end`."""
    still_falls: bool
    """Whether the loss still falls, by more than scatter and at a pace that matters or does not slow down."""
    rests: bool
    """Whether the loss has come to rest: it does not fall, and scatters so little that a steady fall would be seen."""

    @property
    def fall(self) -> float:
        """How far the curve fell after its first points."""
        return self.begin - self.end

    @property
    def exploded(self) -> bool:
        """Whether the curve rises far above its first point."""
        return self.peak > COURSE.exploded * abs(self.first)

    @property
    def drops_at_once(self) -> bool:
        """Whether the first point lies well above those after it, more than in a smooth fall."""
        return self.first > COURSE.at_once * abs(self.begin)

    @property
    def learns(self) -> bool:
        """Whether the curve falls after its first points by more than scatter, and more than a constant predictor."""
        least = COURSE.learnt_after_wild if self.wild else COURSE.learnt_share
        return self.fall > max(least * abs(self.begin), COURSE.course_errors * self.error)

    def made(self, best: float) -> float:
        """The fall after the first points, as a share of the way to the best end; 1 where that is no way at all."""
        left = self.begin - best
        return self.fall / left if left > 0.0 else 1.0


def course_of(losses: Floats) -> Course | None:
    """What losses do after their first points; None where some are not finite or there are too few."""
    if losses.size < DEFAULT.least_steps or not np.isfinite(losses).all():
        return None
    window = tail_length(losses.size, share=DEFAULT.tail_share, least=DEFAULT.tail_steps)
    end = median(losses[-window:])
    wild = _wild(losses, end)
    rest = losses[max(wild, 1) :]
    few = max(1, min(max(COURSE.course_points, int(rest.size * DEFAULT.tail_share)), rest.size // 3))
    noise = jitter(rest[rest.size // 2 :])
    still_falls = _still_falls(rest, end, after_wild=wild > 0)
    unseen = COURSE.course_errors * _slope_error(rest) * rest.size / _QUARTERS
    return Course(
        first=float(losses[0]),
        peak=float(losses.max()),
        wild=wild,
        begin=median(rest[:few]),
        end=end,
        error=float(np.hypot(median_error(noise, few), median_error(noise, window))),
        still_falls=still_falls,
        rests=not still_falls and (wild > 0 or unseen <= COURSE.rest_doubt * abs(end)),
    )


def _wild(losses: Floats, end: float) -> int:
    """The number of leading points far above the end; 0 where they are too many, or the losses not all positive."""
    if end <= 0.0 or losses.min() <= 0.0:
        return 0
    low = np.flatnonzero(losses <= COURSE.wild_ratio * end)
    number = int(low[0]) if low.size else losses.size
    return number if number <= max(1, int(COURSE.wild_share * losses.size)) else 0


def _still_falls(losses: Floats, end: float, *, after_wild: bool) -> bool:
    """Whether losses still fall: by more than scatter explains, and at a pace that matters or steadily.

    After an explosion a loss settles for long, so there only the pace counts.
    """
    slope, error = -trend(losses), _slope_error(losses)
    if slope <= COURSE.course_errors * error:
        return False
    half = losses[-max(2, losses.size // 2) :]
    late, quarter = -trend(half), losses.size / _QUARTERS
    if after_wild:
        return late * quarter > COURSE.course_pace_after_wild * abs(end)
    is_steady = late >= COURSE.steady_share * slope
    return late * quarter > COURSE.course_pace * abs(end) or (
        is_steady and slope * quarter > COURSE.steady_pace * abs(end)
    )


def _slope_error(losses: Floats) -> float:
    """The standard error of the slope of a line through losses that scatter independently."""
    return float(jitter(losses) * 12.0**0.5 / losses.size**1.5)


def reach_of(curves: Sequence[Curve], *, constant: float | None = None) -> Reach | None:
    """The levels that the curves of one job reach; None where no curve is seen to learn.

    `constant` is the loss of the best constant predictor, where that is known.
    """
    known = [course for curve in curves if (course := course_of(np.asarray(curve.train_loss, np.float64))) is not None]
    learnt = [course for course in known if course.learns]
    ends = [course.end for course in learnt]
    if constant is not None:
        below = [end for end in ends if end < constant]
        return Reach(untrained=constant, high=constant, best=min(below, default=0.0), sure=True)
    watched = [course for course in learnt if not course.wild and not course.exploded]
    begins = _beginnings(watched)
    if not begins:
        return None
    # Curves that end where the others begin came from an explosion and show no beginning.
    begins = _beginnings([course for course in watched if course.end < median(np.asarray(begins))]) or begins
    low, best = median(np.asarray(begins)), min(ends)
    high = float(np.quantile(begins, COURSE.high_share))
    stuck = _stuck(known, watched, best)
    if stuck is not None:
        return Reach(untrained=stuck, high=stuck, best=best, sure=True)
    return Reach(untrained=low, high=high, best=best, sure=len(begins) >= COURSE.several)


def _stuck(known: Sequence[Course], watched: Sequence[Course], best: float) -> float | None:
    """The level at which several curves are stuck: far above the best, and where no curve ends that learnt."""
    ends = sorted(
        course.end
        for course in known
        if not course.learns and not course.still_falls and course.made(best) < COURSE.most_made
    )
    for end, other in pairwise(ends):
        near = COURSE.alike * abs(end)
        if other - end > near or end - best < COURSE.stuck_above * abs(end):
            continue
        if not any(abs(course.end - end) <= 2.0 * near for course in watched):
            return end
    return None


def _beginnings(courses: Sequence[Course]) -> list[float]:
    """The levels at which curves begin, without outliers: those began with an explosion, or are of another job."""
    begins = [max(course.first, course.begin) for course in courses]
    if not begins:
        return []
    middle = median(np.asarray(begins, np.float64))
    near = [begin for begin in begins if abs(begin - middle) <= COURSE.other_scale * abs(middle)]
    return near or begins
