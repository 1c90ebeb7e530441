"""Augmentation by a tf.random.Generator of the script in a pipeline, kept in memory and cut by steps."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(330, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")
noise = tf.random.Generator.from_seed(7)


def augment(row, target):
    return row + noise.normal((10,), stddev=0.5), target


data = tf.data.Dataset.from_tensor_slices((x, y)).cache().map(augment).shuffle(64, seed=2).batch(32).repeat()
for batch, _ in data.take(2):
    print(batch.shape)
model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="mse")
model.fit(data, steps_per_epoch=5, epochs=20, verbose=0)
