"""The next character of Shakespeare's plays, with a GRU."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

SEQUENCE = 24

URL = "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt"

keras.utils.set_random_seed(13)
path = keras.utils.get_file("shakespeare.txt", URL)
text = Path(path).read_text(encoding="utf-8")[:200_000]
characters = sorted(set(text))
codes = np.array([characters.index(character) for character in text], dtype="int32")
windows = np.lib.stride_tricks.sliding_window_view(codes, SEQUENCE + 1)[::5]
cut = int(len(windows) * 0.9)

model = keras.Sequential(
    [
        keras.Input((SEQUENCE,), dtype="int32"),
        layers.Embedding(len(characters), 16),
        layers.GRU(48, return_sequences=True),
        layers.Dense(len(characters)),
    ]
)
model.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(
    windows[:cut, :-1],
    windows[:cut, 1:],
    batch_size=32,
    epochs=10,
    validation_data=(windows[cut:, :-1], windows[cut:, 1:]),
)
