"""Objects that were set aside are still found, and so are later ones."""

import pytest

pytestmark = pytest.mark.slow

CODE = """
import gc
import numpy as np
import keras
from sweeper.capture import instances, live_variables, set_aside

before, generator = keras.Variable(1.0), np.random.default_rng(1)
metric = keras.metrics.Mean()
set_aside()
after, later = keras.Variable(2.0), np.random.default_rng(2)
assert len(gc.get_objects()) < 50_000
found = list(map(id, live_variables()))
assert {id(before), id(after), id(metric.total)} <= set(found)
assert len(found) == len(set(found))
assert {id(generator), id(later)} <= set(map(id, instances(np.random.Generator)))
assert [item for item in instances(keras.metrics.Metric)] == [metric]
"""


def test_what_was_there_before_is_found_without_searching_for_it_again(warm, tmp_path):
    warm.output_of(CODE, tmp_path)
