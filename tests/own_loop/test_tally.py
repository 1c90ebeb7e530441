"""Losses and updates are written down alike where a loop is eager and where it is traced."""

import math

import pytest

pytestmark = pytest.mark.slow  # TensorFlow starts
A, B = frozenset({1, 2}), frozenset({3})


@pytest.fixture(params=["eager", "traced", "compiled"])
def call(request, tf):
    """A function that runs another one in one of the ways in which a loop can."""
    if request.param == "eager":
        return lambda function: function()
    return lambda function: tf.function(function, jit_compile=request.param == "compiled")()


@pytest.fixture
def tally(keras):
    from sweeper.own_loop._tally import Tally

    return Tally()


def update(tally, number, variables, *, applied=True):
    tally.add_update(number, variables, 2.0, 1.0, applied=applied)


def numbers(tally):
    return [(one.optimizer, one.loss, one.norm, one.finite, one.seen) for one in tally.new_updates()]


def test_an_update_has_the_loss_that_its_gradients_were_taken_of(call, tally):
    def step():
        tally.add_loss("line 1", A, 5.0)
        update(tally, 0, A)

    call(step)
    assert numbers(tally) == [(0, 5.0, 2.0, 1.0, True)]
    assert numbers(tally) == []


def test_losses_of_one_line_are_batches_of_an_update_and_those_of_several_lines_add_up(call, tally):
    def step():
        for loss in (1.0, 3.0):
            tally.add_loss("line 1", A, loss)
        tally.add_loss("line 2", A, 10.0)
        update(tally, 0, A)

    call(step)
    assert [loss for _, loss, *_ in numbers(tally)] == [2.0 + 10.0]


def test_optimizers_have_the_losses_of_their_own_variables_even_beside_one_that_is_not_finite(call, tally):
    def step():
        tally.add_loss("line 1", A, math.nan)
        tally.add_loss("line 2", B, 7.0)
        update(tally, 1, B)
        update(tally, 0, A)

    call(step)
    (first, second) = numbers(tally)
    assert first[:2] == (1, 7.0)
    assert second[0] == 0
    assert math.isnan(second[1])


def test_gradients_that_are_put_aside_belong_to_the_update_that_comes(call, tally):
    def step():
        for loss, applied in ((1.0, False), (3.0, True), (5.0, False), (7.0, True)):
            tally.add_loss("line 1", A, loss)
            update(tally, 0, A, applied=applied)

    call(step)
    assert [loss for _, loss, *_ in numbers(tally)] == [2.0, 6.0]


def test_an_update_without_a_loss_says_so(call, tally):
    call(lambda: update(tally, 0, A))
    assert [seen for *_, seen in numbers(tally)] == [False]


def test_what_was_seen_of_a_step_can_be_forgotten(call, tally):
    def step():
        tally.add_loss("line 1", A, 5.0)
        update(tally, 0, A)
        tally.add_loss("line 1", A, 9.0)

    call(step)
    tally.forget()
    assert numbers(tally) == []
    call(lambda: update(tally, 0, A))
    assert [seen for *_, seen in numbers(tally)] == [False]
