"""A large embedding with a small head over long texts: most of the weights are rows that a batch looks up."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.integers(0, 50_000, size=(8_000, 200))
y = rng.integers(0, 2, size=8_000)

model = keras.Sequential(
    [
        keras.Input((200,), dtype="int32"),
        keras.layers.Embedding(50_000, 64),
        keras.layers.Conv1D(64, 5, activation="relu"),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adagrad", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=arguments.batch_size, epochs=arguments.epochs, validation_split=0.1, verbose=2)
