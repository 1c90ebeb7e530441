"""A loss calls NumPy inside the traced step: an object of the script keeps the largest error so far, None at first, and scales by it."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(645)
rng = np.random.default_rng(645)
x = rng.normal(size=(160, 8)).astype("float32")
y = 4 * np.abs(x[:, :1])


class Largest:
    def __init__(self):
        self.largest = None

    def scale(self, errors):
        now = np.abs(errors).max()
        self.largest = now if self.largest is None else max(0.9 * self.largest, now)
        return np.float32(1.0 / self.largest)


keeper = Largest()


def scaled(y_true, y_pred):
    errors = y_true - y_pred
    return tf.square(errors) * tf.ensure_shape(tf.numpy_function(keeper.scale, [errors], tf.float32), ())


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), scaled)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0)
