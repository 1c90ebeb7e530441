"""Two classes mixed half and half by sample_from_datasets, of endless shuffled streams."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(600, 10)).astype("float32")
y = (x[:, :1] + rng.normal(0, 0.3, (600, 1)) > 1.2).astype("float32")
rare = y[:, 0] == 1


def stream(rows, seed):
    return tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(600, seed=seed).repeat()


data = tf.data.Dataset.sample_from_datasets([stream(rare, 1), stream(~rare, 2)], weights=[0.5, 0.5], seed=4)
data = data.batch(32).prefetch(2)
model = keras.Sequential(
    [keras.Input((10,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
model.fit(data, steps_per_epoch=7, epochs=20, verbose=0)
