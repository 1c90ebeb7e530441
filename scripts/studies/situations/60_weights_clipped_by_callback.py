"""A critic whose weights a callback clips after every batch, as in the first Wasserstein GANs."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(512, 10)).astype("float32")
y = np.where(x[:, :1] + x[:, 1:2] ** 2 > 0.5, 1.0, -1.0).astype("float32")


class Clip(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        for weight in self.model.trainable_variables:
            weight.assign(keras.ops.clip(weight, -0.05, 0.05))


model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.RMSprop(5e-3), loss=lambda t, p: -keras.ops.mean(t * p))
model.fit(x, y, batch_size=32, epochs=10, callbacks=[Clip()], verbose=0)
