import math

from sweeper.curve import Curve
from sweeper.reporting._curves import page_curve
from sweeper.reporting._spark import HEIGHT, WIDTH, spark


def drawn(losses, *, steps, **more):
    return spark(page_curve(Curve(train_loss=tuple(losses), **more)), steps=steps)


def places(line):
    return [tuple(map(float, point.split(","))) for point in line.points.split()]


def test_a_falling_loss_falls_from_left_to_right():
    points = places(drawn([8.0, 4.0, 2.0, 1.0], steps=4))
    assert points == sorted(points)
    assert points[0][1] < points[-1][1]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_halving_steps_are_equal_on_the_log_scale():
    heights = [y for _, y in places(drawn([8.0, 4.0, 2.0], steps=3))]
    assert abs((heights[1] - heights[0]) - (heights[2] - heights[1])) < 0.2


def test_negative_losses_can_be_drawn():
    assert len(places(drawn([1.0, 0.0, -1.0], steps=3))) == 3


def test_a_probe_that_ended_early_stays_on_the_left():
    line = drawn([1.0, 2.0, math.nan], steps=200, first_nonfinite_loss=3)
    assert line.nonfinite_x < WIDTH / 10
    assert len(places(line)) == 2


def test_a_curve_without_finite_losses_has_no_line():
    assert drawn([math.nan], steps=10, first_nonfinite_loss=1).points == ""
    assert drawn([2.0, 2.0], steps=2).points.count(",") == 2
