"""JAX: class weights over arrays in order, with a seed generator inside a layer."""
import os

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras

keras.utils.set_random_seed(34)
rng = np.random.default_rng(34)
x = rng.normal(size=(640, 12)).astype("float32")
y = (x[:, 0] > 1).astype("int32")
model = keras.Sequential([
    keras.Input((12,)),
    keras.layers.GaussianNoise(0.5, seed=3),
    keras.layers.Dense(24, "relu"),
    keras.layers.Dropout(0.4, seed=4),
    keras.layers.Dense(1, "sigmoid"),
])
model.compile(keras.optimizers.Adam(5e-3), "binary_crossentropy")
model.fit(x, y, batch_size=32, epochs=3, shuffle=False, class_weight={0: 0.5, 1: 5.0}, verbose=0)
