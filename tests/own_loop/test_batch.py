"""The samples of a step, from the shapes of what a loop holds."""

import inspect

import numpy as np
import pytest

pytestmark = pytest.mark.slow  # Keras is imported


def zeros(*shape):
    return np.zeros(shape)


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ([zeros(32, 4), zeros(32)], 32),
        ([zeros(10, 4), zeros(32, 4), zeros(32)], 32),
        ([{"a": zeros(8, 2), "b": zeros(8)}, 3.0, "text"], 8),
        ([(zeros(8, 2), [zeros(8)])], 8),
        ([zeros(), 1.0, None], None),
        ([], None),
    ],
)
def test_the_most_frequent_length_is_that_of_a_batch(values, size):
    from sweeper.own_loop._batch import leading_size

    assert leading_size(values) == size


def test_gradients_and_weights_are_no_batches(keras):
    from sweeper.own_loop._batch import leading_size, values_in_frame

    batch, gradients, weight = zeros(16, 2), [zeros(2, 3), zeros(3), zeros(3)], keras.Variable(zeros(3))
    assert weight.shape == (3,)
    found = values_in_frame(inspect.currentframe(), without=gradients)
    assert leading_size(found) == len(batch)
