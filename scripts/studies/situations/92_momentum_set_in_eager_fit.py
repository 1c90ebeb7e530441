"""One-cycle momentum: an eager fit, and a callback that sets the optimizer's momentum, a Python number, from the second epoch of ten on."""

import keras
import numpy as np

keras.utils.set_random_seed(646)
rng = np.random.default_rng(646)
x = rng.normal(size=(160, 8)).astype("float32")
y = np.abs(x[:, :1])


class Momentum(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.momentum = 0.95 if epoch == 0 else 0.3


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(2e-2, momentum=0.9), "mse", run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, callbacks=[Momentum()], verbose=0)
