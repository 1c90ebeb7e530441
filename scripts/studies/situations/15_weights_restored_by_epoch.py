"""A callback that halves all weights at the start of every epoch of five steps (shrink and perturb)."""
import numpy as np
import keras

keras.utils.set_random_seed(16)
rng = np.random.default_rng(16)
x = rng.normal(size=(200, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1))).astype("float32")


class Shrink(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        for weight in self.model.trainable_weights:
            weight.assign(weight * 0.5)


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=40, epochs=12, shuffle=False, callbacks=[Shrink()], verbose=0)
