"""Reads handwritten digits of 8 x 8 pixels with a multilayer perceptron."""

import keras
import numpy as np
from sklearn.datasets import load_digits

LOSS = "sparse_categorical_crossentropy"


def data() -> tuple[np.ndarray, np.ndarray]:
    """1,797 pictures and what they show."""
    pixels, digits = load_digits(return_X_y=True)
    return (pixels / 16.0).astype("float32"), digits.astype("int32")


def build() -> keras.Model:
    """The model, not compiled."""
    return keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x, y = data()
    model = build()
    model.compile(keras.optimizers.Adam(1e-3), LOSS)
    model.fit(x, y, batch_size=64, epochs=30, verbose=2)
