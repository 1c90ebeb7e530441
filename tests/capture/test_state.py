"""Values that variables go back to."""

import numpy as np
import pytest

from sweeper.capture import State

REPLICAS = """
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras
import numpy as np
from sweeper.capture import State

x = np.arange(24, dtype="float32").reshape(8, 3)
with tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]).scope():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    model.optimizer.build(model.trainable_variables)
state = State()
state.keep(model.optimizer.variables)
model.fit(x, x[:, :1], batch_size=4, verbose=0)
moved = [float(abs(variable.numpy()).sum()) for variable in model.optimizer.variables[2:]]
state.keep_new()
stuck = state.stuck()
left = [float(abs(variable.numpy()).sum()) for variable in model.optimizer.variables[2:]]
print("moved" if all(moved) else "nothing moved", "stuck", len(stuck), "left", sum(left))
"""


@pytest.mark.slow
def test_variables_on_several_replicas_go_back_although_their_parts_were_seen_later(warm, tmp_path):
    assert warm.output_of(REPLICAS, tmp_path).splitlines()[-1] == "moved stuck 0 left 0.0"


@pytest.mark.slow
def test_a_variable_that_does_not_take_its_value_again_is_found():
    import keras

    class Rounded(keras.Variable):
        def assign(self, value):
            return super().assign(np.round(value))

    fine, rounded = keras.Variable([0.5, np.nan]), Rounded([0.5, 1.0])
    state = State()
    state.keep([fine])
    assert state.stuck() == []
    state.override(fine, np.array([0.25, np.nan], np.float32))
    assert state.stuck() == []
    assert fine.numpy()[0] == 0.25
    # TensorFlow's own variable inside is set directly, so that an assign of one's own is passed by.
    state.keep([rounded])
    assert state.stuck() == []
