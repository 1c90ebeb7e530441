"""Handwritten digits, read row by row with a plain recurrent network."""

import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(2)
digits = load_digits()
x, y = digits.images / 16.0, digits.target

model = keras.Sequential([keras.Input((8, 8)), keras.layers.SimpleRNN(48), keras.layers.Dense(10)])
model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x, y, epochs=100, validation_split=0.2)
