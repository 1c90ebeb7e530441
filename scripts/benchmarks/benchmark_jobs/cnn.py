"""Tells ten kinds of grey pictures of 28 x 28 pixels apart with a small convolutional network."""

import keras
import numpy as np

LOSS = "sparse_categorical_crossentropy"


def data() -> tuple[np.ndarray, np.ndarray]:
    """6,000 pictures: each is the blurred pattern of its kind, shifted a little, under noise."""
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(10, 7, 7)).repeat(4, axis=1).repeat(4, axis=2)
    kinds = rng.integers(0, 10, size=6_000)
    shifts = rng.integers(-2, 3, size=(6_000, 2))
    pictures = [np.roll(patterns[kind], shift, axis=(0, 1)) for kind, shift in zip(kinds, shifts, strict=True)]
    noisy = np.stack(pictures) + rng.normal(scale=1.5, size=(6_000, 28, 28))
    return noisy[..., np.newaxis].astype("float32"), kinds.astype("int32")


def build() -> keras.Model:
    """The model, not compiled."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.25),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x, y = data()
    model = build()
    model.compile(keras.optimizers.Adam(1e-3), LOSS)
    model.fit(x, y, batch_size=32, epochs=10, verbose=2)
