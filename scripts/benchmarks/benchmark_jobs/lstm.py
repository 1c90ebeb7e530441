"""Predicts the next character of a text with a recurrent network."""

import keras
import numpy as np

LOSS = "sparse_categorical_crossentropy"
CHARACTERS = 40
SURPRISES = 0.1
WINDOW = 32


def data() -> tuple[np.ndarray, np.ndarray]:
    """Windows of a made-up text and the character after each: what follows depends on the two characters before."""
    rng = np.random.default_rng(0)
    likely = rng.integers(0, CHARACTERS, size=(CHARACTERS, CHARACTERS, 3))
    text = [0, 1]
    for choice, noise, other in zip(
        rng.integers(0, 3, size=10_000), rng.random(10_000), rng.integers(0, CHARACTERS, size=10_000), strict=True
    ):
        text.append(int(other if noise < SURPRISES else likely[text[-2], text[-1], choice]))
    windows = np.lib.stride_tricks.sliding_window_view(np.array(text, dtype="int32"), WINDOW + 1)
    return windows[:, :-1].copy(), windows[:, -1].copy()


def build() -> keras.Model:
    """The model, not compiled."""
    return keras.Sequential(
        [
            keras.Input((WINDOW,), dtype="int32"),
            keras.layers.Embedding(CHARACTERS, 32),
            keras.layers.LSTM(64),
            keras.layers.Dense(CHARACTERS, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x, y = data()
    model = build()
    model.compile(keras.optimizers.Adam(1e-3), LOSS)
    model.fit(x, y, batch_size=64, epochs=10, verbose=2)
