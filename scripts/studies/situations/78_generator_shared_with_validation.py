"""Training and validation come from generators that draw from one random state; validation is every second epoch."""

import keras
import numpy as np

keras.utils.set_random_seed(8)
state = np.random.RandomState(8)


def batches(scale):
    while True:
        x = state.normal(size=(16, 5)).astype("float32") * scale
        yield x, x.sum(axis=1, keepdims=True)


model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(
    batches(1.0),
    steps_per_epoch=4,
    epochs=6,
    validation_data=batches(1.0),
    validation_steps=3,
    validation_freq=2,
    verbose=0,
)
