"""bucket_by_sequence_length: batches of differing sizes, each padded to the length of its own bucket."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(35)
rng = np.random.default_rng(35)
rows = [rng.normal(size=(rng.integers(2, 31), 3)).astype("float32") for _ in range(700)]
sums = [float(row[:, 0].mean()) for row in rows]
signature = (tf.TensorSpec((None, 3), tf.float32), tf.TensorSpec((), tf.float32))
data = tf.data.Dataset.from_generator(lambda: zip(rows, sums), output_signature=signature)
data = data.bucket_by_sequence_length(lambda row, _: tf.shape(row)[0], [8, 16, 24], [40, 24, 16, 8])
model = keras.Sequential([keras.Input((None, 3)), keras.layers.GRU(12), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(data, epochs=3, verbose=0)
