"""A wide multilayer perceptron on many flat samples: weights and activations both count."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.normal(size=(20_000, 256)).astype("float32")
y = rng.integers(0, 10, size=20_000)

model = keras.Sequential(
    [
        keras.Input((256,)),
        keras.layers.Dense(2048, activation="relu"),
        keras.layers.Dense(2048, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10),
    ]
)
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x, y, batch_size=arguments.batch_size, epochs=arguments.epochs, validation_split=0.2, verbose=2)
