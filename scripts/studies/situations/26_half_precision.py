"""mixed_float16 with Keras's own train step: the loss is scaled inside and reported as it is."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(27)
keras.mixed_precision.set_global_policy("mixed_float16")
rng = np.random.default_rng(27)
x = rng.normal(size=(640, 16)).astype("float32")
y = (x[:, 0] + x[:, 1] ** 2 > 1).astype("int32")
model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(2, "softmax", dtype="float32")])
model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy")
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(32), epochs=4, verbose=0)
