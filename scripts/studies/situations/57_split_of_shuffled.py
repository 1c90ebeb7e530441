"""take and skip of one shuffled pipeline as training and validation data: each validation moves the order of later epochs on."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(60)
rng = np.random.default_rng(13)
x = rng.normal(size=(200, 6)).astype("float32")
y = (x @ rng.normal(size=(6, 1)) + rng.normal(size=(200, 1)) ** 2).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(200, seed=4)
train, val = data.take(160).batch(20), data.skip(160).batch(20)
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(train, validation_data=val, epochs=5, verbose=0)
