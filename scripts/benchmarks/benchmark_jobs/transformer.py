"""Says which of eight words comes most often in a sequence, with a small transformer."""

import keras
import numpy as np

LOSS = "sparse_categorical_crossentropy"
WORDS = 64
LENGTH = 32
WIDTH = 64
SHARE = 0.2


def data() -> tuple[np.ndarray, np.ndarray]:
    """8,000 sequences of words, and which of the first eight words is the most frequent one."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, WORDS, size=(8_000, LENGTH))
    answer = rng.integers(0, 8, size=8_000)
    x = np.where(rng.random(x.shape) < SHARE, answer[:, np.newaxis], x)
    return x.astype("int32"), answer.astype("int32")


@keras.saving.register_keras_serializable()
class Positions(keras.layers.Layer):
    """Adds a vector for each position."""

    def build(self, shape: tuple[int, ...]) -> None:
        """Makes the vectors."""
        self.vectors = self.add_weight(shape=shape[1:], initializer="normal")

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """The input with the vectors added."""
        return x + self.vectors


def block(x: keras.KerasTensor) -> keras.KerasTensor:
    """Self-attention and two dense layers, each with its shortcut."""
    normed = keras.layers.LayerNormalization()(x)
    x = keras.layers.Add()([x, keras.layers.MultiHeadAttention(4, WIDTH // 4)(normed, normed)])
    hidden = keras.layers.Dense(2 * WIDTH, activation="gelu")(keras.layers.LayerNormalization()(x))
    return keras.layers.Add()([x, keras.layers.Dense(WIDTH)(hidden)])


def build() -> keras.Model:
    """The model, not compiled."""
    inputs = keras.Input((LENGTH,), dtype="int32")
    x = Positions()(keras.layers.Embedding(WORDS, WIDTH)(inputs))
    for _ in range(2):
        x = block(x)
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.LayerNormalization()(x))
    return keras.Model(inputs, keras.layers.Dense(8, activation="softmax")(x))


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    x, y = data()
    model = build()
    model.compile(keras.optimizers.Adam(1e-3), LOSS)
    model.fit(x, y, batch_size=64, epochs=10, verbose=2)
