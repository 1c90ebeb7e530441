"""Sentences of different lengths as ragged tensors, made dense by the pipeline's last step with the batch's own width."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(56)
rng = np.random.default_rng(10)
rows = [rng.integers(1, 50, size=rng.integers(2, 30)).tolist() for _ in range(300)]
labels = np.array([float(sum(row) / len(row) > 25) for row in rows], "float32")
data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(rows), labels)).batch(30)
data = data.map(lambda x, y: (x.to_tensor(), y))
model = keras.Sequential([keras.layers.Embedding(50, 8, mask_zero=True), keras.layers.LSTM(8), keras.layers.Dense(1, "sigmoid")])
model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
model.fit(data, epochs=4, verbose=0)
