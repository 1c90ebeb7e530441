"""TextVectorization mapped over batches of texts of very different lengths: each batch is padded to its own longest."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(33)
rng = np.random.default_rng(33)
words = np.array([f"word{n}" for n in range(80)])
texts = [" ".join(rng.choice(words, rng.integers(2, 40))) for _ in range(480)]
labels = np.array([float("word7 " in text + " " or "word9 " in text + " ") for text in texts], "float32")
vectorize = keras.layers.TextVectorization(max_tokens=100)
vectorize.adapt(texts)
data = tf.data.Dataset.from_tensor_slices((texts, labels)).batch(24).map(lambda text, label: (vectorize(text), label))
model = keras.Sequential([
    keras.layers.Embedding(100, 8),
    keras.layers.GlobalAveragePooling1D(),  # no mask: padding counts
    keras.layers.Dense(1, "sigmoid"),
])
model.compile(keras.optimizers.Adam(2e-2), "binary_crossentropy")
model.fit(data, epochs=4, verbose=0)
