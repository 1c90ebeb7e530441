"""Synthetic curves, named by their flaw.

Each comes with the null curve of the same batches: batch `i` is as hard in both, so their difference is what training
did.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sweeper.classify import Context, Reach
from sweeper.curve import Curve, StopReason

LEVEL = 2.3
NOISE = 0.05
STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A curve, its null curve and its context."""

    curve: Curve
    null: Curve | None
    context: Context


def example(course, *, level=LEVEL, noise=NOISE, own_noise=0.01, seed=0, **more):
    """A curve that follows `course`, the wanted change from the initial level at each step."""
    course = np.asarray(course, dtype=float)
    random = np.random.default_rng(seed)
    hardness = random.normal(0.0, noise, course.size)
    own = random.normal(0.0, own_noise, course.size) * (course != 0.0)
    context = Context(
        planned_steps=more.pop("planned_steps", course.size),
        passes=more.pop("passes", None),
        val_samples=100 if "val_loss" in more else 0,
        constant_loss=more.pop("constant_loss", None),
        least_loss=more.pop("least_loss", None),
        noise=more.pop("known_noise", None),
    )
    return Example(
        curve=Curve(train_loss=tuple((level + hardness + course + own).tolist()), **more),
        null=Curve(train_loss=tuple((level + hardness).tolist())),
        context=context,
    )


def alone(item):
    """The curve without its null curve."""
    return replace(item, null=None)


def scaled(item, factor):
    """The curve with every loss multiplied."""
    return _mapped(item, lambda loss: loss * factor, lambda spread: spread * factor)


def shifted(item, by):
    """The curve with a constant added to every loss."""
    return _mapped(item, lambda loss: loss + by, lambda spread: spread)


def _mapped(item, of_loss, of_noise):
    def each(curve):
        return replace(
            curve,
            train_loss=tuple(of_loss(loss) for loss in curve.train_loss),
            val_loss=tuple(of_loss(loss) for loss in curve.val_loss),
        )

    constant, least, noise = item.context.constant_loss, item.context.least_loss, item.context.noise
    reach = item.context.reach
    return Example(
        curve=each(item.curve),
        null=None if item.null is None else each(item.null),
        context=replace(
            item.context,
            constant_loss=None if constant is None else of_loss(constant),
            least_loss=None if least is None else of_loss(least),
            noise=None if noise is None else of_noise(noise),
            reach=None
            if reach is None
            else replace(reach, untrained=of_loss(reach.untrained), high=of_loss(reach.high), best=of_loss(reach.best)),
        ),
    )


def until(item, steps):
    """The beginning of a curve, the plan being the whole."""
    return replace(item, curve=replace(item.curve, train_loss=item.curve.train_loss[:steps]))


def course(*points, steps=STEPS):
    """A change that runs in straight lines through (step, change) points, from nothing at step 0."""
    at, values = zip((0, 0.0), *points, strict=True)
    return np.interp(np.arange(steps), at, values)


def decay(to, *, over=40, steps=STEPS):
    """A change that approaches `to` exponentially."""
    return to * (1 - np.exp(-np.arange(steps) / over))


def with_jump(changes, *, height, at=(3, 6)):
    """The change of another curve, with a jump in some steps."""
    changes = np.array(changes)
    changes[at[0] : at[1]] += height
    return changes


# healthy


def falling():
    return example(decay(-1.5))


def falling_to_below_zero():
    return example(decay(-5.0), level=0.3)


def negative_from_the_start():
    return example(decay(-400.0), level=-100.0, noise=5.0, own_noise=2.0)


def below_what_its_kind_can_reach():
    return example(decay(-5.0), level=0.3, least_loss=0.0)


def huge_losses():
    return example(decay(-2e9), level=3e9, noise=3e8, own_noise=1e8)


def falling_by_little_in_much_noise():
    return example(decay(-0.2, over=20), noise=0.4)


def early_bump_that_recovers():
    return example(with_jump(decay(-1.5), height=3.0))


def jumping_out_and_coming_back():
    changes = decay(-1.5)
    changes[50::20] += 0.5
    return example(changes)


def overflow_that_passes():
    norms = [math.inf, math.inf, *([1.0] * (STEPS - 2))]
    return example(decay(-1.5), gradient_norm=tuple(norms))


def validation_without_a_number():
    return example(decay(-1.5), val_steps=(0, 100, 200), val_loss=(math.nan, math.nan, math.nan))


# diverged


def nan_at_step(step):
    item = falling()
    losses = (*item.curve.train_loss[: step - 1], math.nan)
    curve = replace(item.curve, train_loss=losses, first_nonfinite_loss=step, stopped_early=StopReason.NON_FINITE)
    return replace(item, curve=curve)


def nan_weights_that_relu_hides():
    return example(np.full(STEPS, 1e-4), first_nonfinite_weight=1)


def gradients_that_stay_infinite():
    norms = [*([1.0] * 150), *([math.inf] * 50)]
    return example(decay(-1.5), gradient_norm=tuple(norms))


def validation_that_overflows():
    return example(decay(-1.5), val_steps=(0, 50, 100, 150, 200), val_loss=(2.3, 1.9, math.inf, math.inf, math.nan))


def nan_without_any_update():
    item = falling()
    losses = list(item.null.train_loss)
    losses[6] = math.nan
    null = replace(item.null, train_loss=tuple(losses), first_nonfinite_loss=7)
    return replace(nan_at_step(7), null=null)


def stopped_because_it_blew_up():
    return example(np.geomspace(1e-3, 1e6, 30), stopped_early=StopReason.BLOWN_UP, planned_steps=STEPS)


def blowing_up():
    return example(np.geomspace(1e-3, 30.0, STEPS))


def swinging_above_its_start():
    random = np.random.default_rng(5)
    return alone(example(np.r_[0.0, random.uniform(0.2, 6.0, STEPS - 1)], noise=0.0))


def losing_its_progress():
    return example(course((80, -1.5), (200, -0.2)))


def spiking_until_the_end():
    changes = decay(-1.5)
    changes[10::12] = 4.0
    return example(changes)


# stalled


def too_slow():
    return example(course((200, -0.01)), own_noise=0.001)


def flat():
    return example(np.full(STEPS, 1e-12), own_noise=0.001)


def frozen():
    return example(np.zeros(STEPS))


def zero_from_the_start():
    return Example(
        curve=Curve(train_loss=(0.0,) * STEPS),
        null=Curve(train_loss=(0.0,) * STEPS),
        context=Context(planned_steps=STEPS, passes=None, val_samples=0),
    )


def without_a_gradient():
    norms = [1.0, *([0.0] * (STEPS - 1))]
    return example(np.r_[0.0, np.full(STEPS - 1, -0.001)], own_noise=0.0, gradient_norm=tuple(norms))


def flat_to_the_end_of_its_plan():
    return until(example(course((200, -0.02)), own_noise=0.001), 60)


def already_trained():
    return example(np.full(STEPS, 1e-12), level=0.4, noise=0.02, own_noise=0.002, constant_loss=LEVEL)


def resting_at_the_constant():
    return example(decay(-0.3, over=10), level=2.6, own_noise=0.005, constant_loss=LEVEL)


def broken_by_a_jump():
    return example(with_jump(decay(-0.04, over=5), height=50.0))


# inconclusive


def three_steps():
    return example(course((3, -0.5), steps=3))


def slightly_high_so_far():
    return until(example(course((10, 0.1), (200, 0.1))), 40)


def shaken():
    return example(course((5, 30.0), (160, -0.03), (200, -0.06)))


def validation_disagrees():
    jumped = with_jump(decay(-1.5), height=40.0)
    return example(jumped, val_steps=(0, 50, 100, 150, 200), val_loss=(2.3, 90.0, 60.0, 40.0, 30.0))


def just_starting():
    return example(course((140, 0.0), (200, -0.026)), own_noise=0.001)


def starting_so_far():
    return until(example(course((200, -0.2)), own_noise=0.001), 10)


def swinging_around_a_level_above_its_start():
    changes = np.zeros(STEPS)
    changes[1::3] = 0.22
    return example(changes, noise=0.01)


def drowned_in_noise():
    return alone(example(np.full(STEPS, 1e-12), noise=1.0))


# logs of other programs, one point an epoch


def logged(*losses, reach=None):
    context = Context(planned_steps=len(losses), passes=None, val_samples=0, first_is_mean=True, reach=reach)
    return Example(curve=Curve(train_loss=tuple(map(float, losses))), null=None, context=context)


def without_reach(item):
    """A curve without anything known of its job."""
    return replace(item, context=replace(item.context, reach=None))


TEN_CLASSES = Reach(untrained=math.log(10), high=math.log(10), best=0.02, sure=True)


def exploded_within_the_first_epoch():
    return logged(588.4, 2.411, 2.445, 2.39, 2.372, 2.36, 2.351, 2.345, 2.34, 2.336, 2.333, reach=TEN_CLASSES)


def guessing_after_the_first_epoch():
    return logged(2.54, 2.306, 2.307, 2.305, 2.305, 2.305, 2.304, 2.304, 2.304, reach=TEN_CLASSES)


def learning_after_an_explosion():
    return logged(588.4, 1.9, 1.5, 1.1, 0.8, 0.6, 0.5, 0.4, 0.33, 0.29, 0.26, reach=TEN_CLASSES)


def learnt_within_the_first_epoch():
    return logged(1.1, 0.11, 0.108, 0.107, 0.106, 0.106, 0.105, 0.105, 0.105, reach=TEN_CLASSES)


def coming_back_from_an_explosion():
    return logged(3.35, 9.77, 8.6, 6.9, 5.7, 4.8, 4.2, 3.7, 3.3, 3.1, 2.9, 2.8, 2.7, 2.6, reach=TEN_CLASSES)


def far_above_the_others():
    return logged(900, 850, 700, 640, 560, 480, 430, 390, 350, 320, 300, 290, reach=TEN_CLASSES)


def losing_what_came_after_an_explosion():
    return logged(9000.0, 1.9, 1.4, 1.0, 0.8, 2.1, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3)


# overfit


def overfitting(*, rise=0.5, points=11, passes=20.0):
    at = np.linspace(0, STEPS, points)
    losses = np.interp(at, (0, STEPS / 2, STEPS), (2.3, 1.0, 1.0 + rise))
    steps = tuple(int(step) for step in at)
    return example(decay(-2.0), val_steps=steps, val_loss=tuple(losses.tolist()), passes=passes)


EXAMPLES = {
    "healthy progress": (
        falling,
        falling_to_below_zero,
        negative_from_the_start,
        below_what_its_kind_can_reach,
        huge_losses,
        falling_by_little_in_much_noise,
        early_bump_that_recovers,
        jumping_out_and_coming_back,
        overflow_that_passes,
        validation_without_a_number,
        learning_after_an_explosion,
        learnt_within_the_first_epoch,
    ),
    "diverged non_finite_without_update": (nan_without_any_update,),
    "diverged non_finite_loss": (lambda: nan_at_step(1), lambda: nan_at_step(4), lambda: nan_at_step(150)),
    "diverged non_finite_weight": (nan_weights_that_relu_hides,),
    "diverged non_finite_gradient": (gradients_that_stay_infinite,),
    "diverged non_finite_validation": (validation_that_overflows,),
    "diverged stopped_early": (stopped_because_it_blew_up,),
    "diverged above_start": (
        blowing_up,
        swinging_above_its_start,
        swinging_around_a_level_above_its_start,
    ),
    "diverged lost_progress": (losing_its_progress,),
    "diverged lost_after_explosion": (losing_what_came_after_an_explosion,),
    "diverged spiking": (spiking_until_the_end,),
    "stalled too_slow": (too_slow, flat_to_the_end_of_its_plan),
    "stalled no_gradient": (without_a_gradient,),
    "stalled flat": (flat,),
    "stalled frozen": (frozen, lambda: alone(example(np.zeros(STEPS), noise=0.0))),
    "stalled zero_loss": (zero_from_the_start, lambda: alone(zero_from_the_start())),
    "stalled at_floor": (already_trained,),
    "stalled constant_predictor": (resting_at_the_constant,),
    "stalled broken": (broken_by_a_jump,),
    "stalled rests_untrained": (exploded_within_the_first_epoch, guessing_after_the_first_epoch),
    "overfit validation_rise": (overfitting,),
    "inconclusive too_few_steps": (three_steps,),
    "inconclusive slightly_above_start": (slightly_high_so_far,),
    "inconclusive shaken": (shaken,),
    "inconclusive validation_disagrees": (validation_disagrees,),
    "inconclusive fall_in_first_point": (lambda: without_reach(exploded_within_the_first_epoch()),),
    "inconclusive explosion_hides_progress": (
        coming_back_from_an_explosion,
        lambda: without_reach(coming_back_from_an_explosion()),
    ),
    "inconclusive far_above_others": (far_above_the_others,),
    "inconclusive just_starting": (just_starting, starting_so_far),
    "inconclusive noise_hides_progress": (drowned_in_noise,),
}
"""What is said of each: label and code of the deciding evidence. Every rule has one."""
