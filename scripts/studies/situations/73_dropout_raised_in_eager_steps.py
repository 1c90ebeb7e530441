"""Everything runs eagerly, and a callback raises the rate of dropout with each epoch."""

import keras
import numpy as np

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(64, 12)).astype("float32")
y = x[:, :1] * 2 + 1


class MoreDropout(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.get_layer("drop").rate = min(0.1 + 0.2 * epoch, 0.9)


model = keras.Sequential(
    [keras.Input((12,)), keras.layers.Dense(32, "relu"), keras.layers.Dropout(0.1, name="drop"), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(1e-2), "mse", run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=8, shuffle=False, callbacks=[MoreDropout()], verbose=0)
