"""A layer counts its calls, those of the validation too, and its noise fades with the count."""

import keras
import numpy as np

keras.utils.set_random_seed(103)
rng = np.random.default_rng(103)
x = rng.normal(size=(320, 8)).astype("float32")
y = x[:, :1] - x[:, 1:2]


class Fading(keras.layers.Layer):
    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, inputs):
        self.calls.assign_add(1.0)
        return inputs * (1.0 + keras.ops.exp(-self.calls / 10.0))


model = keras.Sequential([keras.Input((8,)), Fading(), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x[:160], y[:160], batch_size=16, epochs=5, shuffle=False, validation_data=(x[160:], y[160:]), verbose=0)
