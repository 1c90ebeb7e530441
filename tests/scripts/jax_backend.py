import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x / 16

model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(48, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=64, epochs=5, validation_split=0.2)
model.save("jax.keras")
