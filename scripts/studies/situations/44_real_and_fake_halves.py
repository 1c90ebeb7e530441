"""Batches whose halves belong together, through BatchNormalization: 16 clean rows, then 16 corrupted ones of them."""
import numpy as np
import tensorflow as tf
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(45)
x, _ = load_digits(return_X_y=True)
x = (x / 16).astype("float32")


def corrupted(clean):
    noisy = clean[:, ::-1] + 0.6  # another distribution: the statistics of a batch are those of the mixture
    return tf.concat([clean, noisy], 0), tf.concat([tf.zeros((16, 1)), tf.ones((16, 1))], 0)


data = tf.data.Dataset.from_tensor_slices(x).batch(16, drop_remainder=True).map(corrupted)
model = keras.Sequential([
    keras.Input((64,)),
    keras.layers.BatchNormalization(),
    keras.layers.Dense(16, "relu"),
    keras.layers.BatchNormalization(),
    keras.layers.Dense(1, "sigmoid"),
])
model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
model.fit(data, epochs=2, verbose=0)
