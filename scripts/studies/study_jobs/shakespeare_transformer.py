"""The next character of Shakespeare's plays, with a small transformer."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

LENGTH, WIDTH = 24, 32

URL = "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt"

keras.utils.set_random_seed(14)
path = keras.utils.get_file("shakespeare.txt", URL)
text = Path(path).read_text(encoding="utf-8")[:150_000]
alphabet = {character: code for code, character in enumerate(sorted(set(text)))}
codes = np.array([alphabet[character] for character in text], dtype="int32")
windows = np.lib.stride_tricks.sliding_window_view(codes, LENGTH + 1)[::4]


class Position(layers.Layer):
    """Adds what is learnt of a place in the window."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes room for every place."""
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal")

    def call(self, values: keras.KerasTensor) -> keras.KerasTensor:
        """Adds it."""
        return values + self.table


def block(values: keras.KerasTensor) -> keras.KerasTensor:
    """Attention, then a dense pair, each added to what came in."""
    normal = layers.LayerNormalization()(values)
    values = values + layers.MultiHeadAttention(2, WIDTH // 2)(normal, normal, use_causal_mask=True)
    hidden = layers.Dense(2 * WIDTH, activation="gelu")(layers.LayerNormalization()(values))
    return values + layers.Dense(WIDTH)(hidden)


inputs = keras.Input((LENGTH,), dtype="int32")
values = Position()(layers.Embedding(len(alphabet), WIDTH)(inputs))
for _ in range(2):
    values = block(values)
outputs = layers.Dense(len(alphabet))(layers.LayerNormalization()(values))
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.AdamW(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(windows[:, :-1], windows[:, 1:], batch_size=32, epochs=8, validation_split=0.1)
