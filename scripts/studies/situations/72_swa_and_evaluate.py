"""Callbacks that average weights over epochs, and that evaluate and predict with the model after every third batch."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(330, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")


class Watch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch % 3 == 2:
            self.model.predict(x[:50], verbose=0)


class Average(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.mean, self.n = None, 0

    def on_epoch_end(self, epoch, logs=None):
        weights = self.model.get_weights()
        self.n += 1
        self.mean = weights if self.mean is None else [m + (w - m) / self.n for m, w in zip(self.mean, weights)]

    def on_train_end(self, logs=None):
        self.model.set_weights(self.mean)


model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(16),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse", metrics=["mae"])
model.fit(x, y, batch_size=32, epochs=10, validation_split=0.1, callbacks=[Watch(), Average()], verbose=0)
