"""Curves that rest without learning, where the first point may be a mean over an epoch that hides an explosion."""

import math
from dataclasses import replace

import numpy as np

from sweeper.classify._case import Case, open_case
from sweeper.classify._course_thresholds import COURSE
from sweeper.classify._diverged import above_start, lost_progress
from sweeper.classify._reach import Course, Reach, course_of
from sweeper.verdict import Evidence

_USUAL_CLASSES = (2, 3, 5, 10, 100, 1000)
_NEAR = 0.02
"""Relative distance within which a level is taken for the loss of guessing."""


def rests_untrained(case: Case) -> Evidence | None:
    """Fires when a curve comes to rest about where a model of its job lies that has learnt nothing."""
    course, reach = _course(case), case.context.reach
    if course is None or reach is None or not _is_comparable(course, reach) or not course.rests:
        return None
    share = _share(course, reach)
    most_made = COURSE.most_made_after_wild if course.wild else COURSE.most_made
    made_little = share < COURSE.untrained_share and course.made(reach.best) < most_made
    is_above = reach.sure and course.end >= COURSE.near_high * reach.high
    if not (made_little or is_above):
        return None
    hidden = f" Its first point, {course.first:.4g}, hides an explosion: the rate was too high." if course.wild else ""
    return Evidence(
        code="rests_untrained",
        measured=share,
        threshold=COURSE.untrained_share,
        step=case.curve.steps,
        sentence=f"The loss rests at {course.end:.4g}; a model of this job that has learnt nothing has about "
        f"{reach.untrained:.4g}, and {reach.best:.4g} can be reached.{hidden}",
    )


def given_back(case: Case) -> Evidence | None:
    """Fires when a curve that begins with an explosion gives back what it gained after that."""
    course = _course(case)
    if course is None or not course.wild or case.is_beginning:
        return None
    after = open_case(
        case.curve.without_first(course.wild), null=None, context=case.context, thresholds=case.thresholds
    )
    found = lost_progress(after) or (above_start(after) if course.end > course.begin else None)
    if found is None:
        return None
    return replace(
        found,
        code="lost_after_explosion",
        step=None if found.step is None else found.step + course.wild,
        sentence=f"The loss begins with an explosion ({course.first:.4g}). After it: {found.sentence}",
    )


def explosion_hides_progress(case: Case) -> Evidence | None:
    """Fires when a curve comes back from an explosion but does not clearly end below a constant predictor."""
    course, reach = _course(case), case.context.reach
    if course is None:
        return None
    seen = course.exploded or (course.wild > 0 and course.first > COURSE.exploded_first * abs(course.begin))
    if reach is not None and _is_comparable(course, reach):
        share, limit = _share(course, reach), COURSE.after_explosion if seen else COURSE.untrained_share
        seen = seen or (course.first > COURSE.exploded * reach.high and course.drops_at_once)
    elif course.wild:
        share, limit = course.fall / abs(course.begin), COURSE.after_wild_alone
    else:
        share, limit = (course.first - course.end) / abs(course.first or 1.0), COURSE.after_explosion_alone
    if not seen:
        return None
    if share >= limit or course.first <= course.end:
        return None
    return Evidence(
        code="explosion_hides_progress",
        measured=share,
        threshold=limit,
        step=None,
        sentence=f"The loss exploded to {course.peak:.4g} and has come down to {course.end:.4g}, which may be no "
        "better than guessing. Look at the accuracy, give --classes, or classify it with other runs of its job.",
    )


def far_above_others(case: Case) -> Evidence | None:
    """Fires when a curve ends far above where other curves of its group began."""
    course, reach = _course(case), case.context.reach
    if course is None or reach is None or not reach.sure or reach.high <= 0.0:
        return None
    limit = COURSE.far_above * reach.high
    if course.end <= limit:
        return None
    return Evidence(
        code="far_above_others",
        measured=course.end,
        threshold=limit,
        step=case.curve.steps,
        sentence=f"The loss ends at {course.end:.4g}, far above {reach.high:.4g}, where others of its group began: "
        "it belongs to another job, or never came back from an explosion.",
    )


def fall_in_first_point(case: Case) -> Evidence | None:
    """Fires when a fall is over after the first points, or is small, and nothing shows whether it was learning."""
    course, reach = _course(case), case.context.reach
    if course is None or course.still_falls or course.learns:
        return None
    if reach is not None and _is_comparable(course, reach) and _share(course, reach) >= COURSE.clear_share:
        learnt_at_first = course.first < COURSE.first_below * reach.untrained
        if learnt_at_first or not course.drops_at_once:
            return None
    limit = max(
        (COURSE.learnt_after_wild if course.wild else COURSE.learnt_share) * abs(course.begin),
        COURSE.course_errors * course.error,
    )
    return Evidence(
        code="fall_in_first_point",
        measured=course.fall,
        threshold=limit,
        step=max(course.wild, 1),
        sentence=f"The loss fell from {course.first:.4g} to {course.begin:.4g} at once and by {course.fall:.2g} since: "
        f"either the model learnt within the first points, or it broke and only guesses{_guess(course.end)}. Look at "
        "the accuracy, give --classes, or classify it with other runs of its job.",
    )


def _course(case: Case) -> Course | None:
    """What a curve does after its first points; None for curves that begin before the first update, as probes do."""
    return course_of(np.asarray(case.curve.train_loss, dtype=np.float64)) if case.context.first_is_mean else None


def _share(course: Course, reach: Reach) -> float:
    """How far a curve fell below the untrained level, as a share of what others of its job reached."""
    return (reach.untrained - course.end) / (reach.untrained - reach.best)


def _is_comparable(course: Course, reach: Reach) -> bool:
    """Whether a curve lies in the range of the others of its group, so that it may be of their job."""
    return reach.best < reach.untrained and course.end <= COURSE.far_above * abs(reach.untrained)


def _guess(level: float) -> str:
    """A remark if a level is near the loss of guessing among a usual number of classes; else empty."""
    near = [classes for classes in _USUAL_CLASSES if abs(level / math.log(classes) - 1.0) <= _NEAR]
    return f" (guessing among {near[0]} classes has a loss of {math.log(near[0]):.4g})" if near else ""
