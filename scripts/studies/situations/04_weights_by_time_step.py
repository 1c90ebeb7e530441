"""Tagging of padded sequences: an embedding that masks zeros, and a weight for every time step."""
import numpy as np
import keras

keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
length = rng.integers(3, 13, 512)
words = rng.integers(1, 60, (512, 12))
tags = ((words % 5) == 0).astype("int32")
for row, end in enumerate(length):
    words[row, end:] = 0
weight = np.where(words == 0, 0.0, np.where(tags == 1, 3.0, 1.0)).astype("float32")
model = keras.Sequential([
    keras.Input((12,), dtype="int32"),
    keras.layers.Embedding(60, 8, mask_zero=True),
    keras.layers.LSTM(12, return_sequences=True),
    keras.layers.Dense(2, "softmax"),
])
model.compile(keras.optimizers.RMSprop(5e-3), "sparse_categorical_crossentropy")
model.fit(words, tags, sample_weight=weight, batch_size=32, epochs=4, shuffle=False, verbose=0)
