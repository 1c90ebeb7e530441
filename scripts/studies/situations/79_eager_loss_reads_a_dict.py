"""An eager loss reads its weight from a dict of settings that a callback raises with each epoch."""

import keras
import numpy as np

keras.utils.set_random_seed(39)
rng = np.random.default_rng(39)
x = rng.normal(size=(160, 6)).astype("float32")
y = x.sum(axis=1, keepdims=True)
settings = {"weight": 1.0}


def loss(y_true, y_pred):
    return keras.ops.mean((y_true - y_pred) ** 2) * settings["weight"]


class Raise(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        settings["weight"] = 1.0 + 4 * epoch


model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(1e-2), loss, run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=8, shuffle=False, callbacks=[Raise()], verbose=0)
