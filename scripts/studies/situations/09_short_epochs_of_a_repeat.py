"""A repeated pipeline with few steps an epoch, gradient accumulation over four batches, and a clipped norm."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)
x = rng.normal(size=(700, 6)).astype("float32")
y = np.sin(x.sum(1, keepdims=True)).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(20, drop_remainder=True).repeat().prefetch(2)
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2, gradient_accumulation_steps=4, clipnorm=0.5), "mse")
model.fit(data, steps_per_epoch=5, epochs=12, verbose=0)
