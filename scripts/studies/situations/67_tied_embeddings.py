"""A language model whose output layer uses the embedding's weights, with gradients clipped by their global norm."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
tokens = rng.integers(1, 40, size=(320, 9))
tokens[:, 1::2] = (tokens[:, 0::2][:, :4] * 3) % 40
inputs = keras.Input((8,), dtype="int32")


class Tied(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.embedding = keras.layers.Embedding(40, 16, mask_zero=True)

    def build(self, shape):
        self.embedding.build(shape)

    def call(self, x, reverse=False):
        if reverse:
            return keras.ops.matmul(x, keras.ops.transpose(self.embedding.embeddings))
        return self.embedding(x)


tied = Tied()
hidden = keras.layers.GRU(16, return_sequences=True, dropout=0.1)(tied(inputs))
model = keras.Model(inputs, tied(hidden, reverse=True))
model.compile(
    optimizer=keras.optimizers.Adam(1e-2, global_clipnorm=0.5),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit(tokens[:, :-1], tokens[:, 1:], batch_size=32, epochs=10, verbose=0)
