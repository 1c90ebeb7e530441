"""Rare events: an endless generator behind tf.data, with sparse labels that are weighted by class."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(11)
rng = np.random.default_rng(11)
x = rng.normal(size=(960, 12)).astype("float32")
y = (x[:, 0] + 0.5 * x[:, 1] > 1.6).astype("int32")  # some 8% are events


def batches(size):
    while True:
        for start in range(0, len(x), size):
            yield x[start : start + size], y[start : start + size]


model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2, "softmax")])
model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
signature = (tf.TensorSpec((None, 12), tf.float32), tf.TensorSpec((None,), tf.int32))
data = tf.data.Dataset.from_generator(batches, args=(48,), output_signature=signature)
model.fit(data, steps_per_epoch=20, epochs=5, class_weight={0: 1.0, 1: 11.0}, verbose=0)
