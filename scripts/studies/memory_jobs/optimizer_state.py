"""Many weights under Adam: weights, gradients and two slots fill most of the memory before any sample does."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.normal(size=(6_000, 1024)).astype("float32")
y = x[:, :64]

model = keras.Sequential(
    [
        keras.Input((1024,)),
        keras.layers.Dense(4096, activation="gelu"),
        keras.layers.Dense(2048, activation="gelu"),
        keras.layers.Dense(64),
    ]
)
model.compile(keras.optimizers.Adam(1e-4), "mse")
stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
model.fit(
    x, y, batch_size=arguments.batch_size, epochs=arguments.epochs, validation_split=0.2, callbacks=[stop], verbose=2
)
