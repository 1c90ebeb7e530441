"""A loss that keeps a running mean of errors in a variable of its own and weighs samples by it."""
import numpy as np
import tensorflow as tf
import keras


class Balanced(keras.losses.Loss):
    def __init__(self):
        super().__init__(name="balanced")
        self.level = tf.Variable(1.0, trainable=False)

    def call(self, y_true, y_pred):
        error = tf.reduce_mean((y_true - y_pred) ** 2, -1)
        self.level.assign(0.8 * self.level + 0.2 * tf.reduce_mean(error))
        return error / self.level


keras.utils.set_random_seed(42)
rng = np.random.default_rng(42)
x = rng.normal(size=(640, 8)).astype("float32")
y = (3 * x @ rng.normal(size=(8, 1))).astype("float32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), Balanced())
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(32), epochs=4, verbose=0)
