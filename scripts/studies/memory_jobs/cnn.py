"""A small convolutional network with batch normalisation: activations dwarf the weights."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.integers(0, 256, size=(2_400, 32, 32, 3)).astype("float32") / 255
y = rng.integers(0, 10, size=2_400)

model = keras.Sequential([keras.Input((32, 32, 3))])
for filters in (32, 32, 64):
    model.add(keras.layers.Conv2D(filters, 3, padding="same"))
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.ReLU())
model.add(keras.layers.GlobalAveragePooling2D())
model.add(keras.layers.Dense(10, activation="softmax"))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x[:2_000],
    y[:2_000],
    batch_size=arguments.batch_size,
    epochs=arguments.epochs,
    validation_data=(x[2_000:], y[2_000:]),
    verbose=2,
)
