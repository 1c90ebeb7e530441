"""The numbers for curves whose first point may be the mean over an epoch, each with its unit and its reason.

The *course* of a curve is what follows its first points; its *beginning* is the level right after them.
"""

from dataclasses import dataclass, field

from sweeper.thresholds import why

_JOB = "of the fall that its job allows"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseThresholds:
    """The numbers for curves of other programs; probes do not need them, since they record every step."""

    course_points: int = field(
        default=3, metadata=why("points", "after the first ones, whose median is the beginning of the course")
    )
    wild_ratio: float = field(
        default=3.0, metadata=why("of the end", "first points above this may hide an explosion within them")
    )
    wild_share: float = field(
        default=0.2, metadata=why("of the points", "more of them are no explosion but a fall that can be watched")
    )
    learnt_share: float = field(
        default=0.1,
        metadata=why("of the beginning", "no constant predictor falls that far after the first point"),
    )
    learnt_after_wild: float = field(
        default=0.5,
        metadata=why(
            "of the beginning", "as `learnt_share`, after an explosion, which comes to rest over several points"
        ),
    )
    course_errors: float = field(default=3.0, metadata=why("errors", "by which a fall must stand out of the scatter"))
    most_made: float = field(
        default=0.1,
        metadata=why("of the way to the best of its job", "a curve that made more, after its first point, has learnt"),
    )
    most_made_after_wild: float = field(
        default=0.3, metadata=why("of the way to the best of its job", "as `most_made`, after an explosion")
    )
    untrained_share: float = field(
        default=0.05, metadata=why(_JOB, "a curve that made less, and rests, has learnt nothing of use")
    )
    near_high: float = field(
        default=0.97,
        metadata=why(
            "of where others began", "a curve that comes to rest above this came from above and learnt nothing"
        ),
    )
    high_share: float = field(
        default=0.75, metadata=why("of the curves that learnt", "that began below what is called where others began")
    )
    several: int = field(default=3, metadata=why("curves that learnt", "with fewer, where they began may be no rule"))
    alike: float = field(default=0.03, metadata=why("of a level", "within which curves rest at one level"))
    stuck_above: float = field(
        default=0.3,
        metadata=why("of a level", "that it lies above the best, before those at rest on it are stuck there"),
    )
    rest_doubt: float = field(
        default=0.01,
        metadata=why("of the end, in a quarter of the points", "a fall that scatter may hide, before a loss rests"),
    )
    first_below: float = field(
        default=0.9,
        metadata=why("of the untrained level", "a first point below this is the mean of an epoch that learnt"),
    )
    other_scale: float = field(
        default=10.0, metadata=why("of the usual beginning", "curves that begin further from it are left out of it")
    )
    far_above: float = field(
        default=2.0,
        metadata=why("of the untrained level", "a curve that rests above this may be of another job: nothing is said"),
    )
    clear_share: float = field(
        default=0.3, metadata=why(_JOB, "a curve that made more has learnt, even within its first point")
    )
    exploded: float = field(
        default=1.5, metadata=why("of the first point, or of where others began", "a peak above this is an explosion")
    )
    exploded_first: float = field(
        default=100.0, metadata=why("of the point after it", "a first point above this is an explosion for certain")
    )
    at_once: float = field(
        default=1.2, metadata=why("of the beginning", "a first point above this drops at once, where a fall is smooth")
    )
    after_explosion: float = field(
        default=0.6, metadata=why(_JOB, "after an explosion, less of it may be the way back to a constant predictor")
    )
    after_explosion_alone: float = field(
        default=0.5, metadata=why("of the first point", "as `after_explosion`, where what its job allows is not known")
    )
    after_wild_alone: float = field(
        default=0.8,
        metadata=why("of the beginning", "as `after_explosion`, where the first point was certainly an explosion"),
    )
    course_pace: float = field(
        default=0.005,
        metadata=why("of the end, in a quarter of the points", "a loss that falls faster than this does not rest"),
    )
    course_pace_after_wild: float = field(
        default=0.015, metadata=why("of the end, in a quarter of the points", "as `course_pace`, after an explosion")
    )
    steady_share: float = field(
        default=0.65, metadata=why("of the slope of the course", "that its last half has: it does not come to rest")
    )
    steady_pace: float = field(
        default=0.002,
        metadata=why("of the end, in a quarter of the points", "by which a steady fall is more than none"),
    )


COURSE = CourseThresholds()
