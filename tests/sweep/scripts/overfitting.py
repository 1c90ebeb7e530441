"""Learns labels that are mostly noise: the validation loss soon rises."""

import keras
import numpy as np

keras.utils.set_random_seed(1)
chance = np.random.default_rng(0)
x = chance.normal(size=(300, 10)).astype("float32")
y = ((x[:, 0] + 2.0 * chance.normal(size=300)) > 0).astype("float32")

model = keras.Sequential(
    [keras.Input((10,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
model.fit(x[:200], y[:200], batch_size=20, epochs=60, validation_data=(x[200:], y[200:]))
