"""Spectral normalization: every call in training moves vectors that are no trained weights, and the loss depends on them."""
import numpy as np
import keras

keras.utils.set_random_seed(53)
rng = np.random.default_rng(7)
x = rng.normal(size=(480, 12)).astype("float32")
y = np.sign(x[:, :1] + x[:, 1:2]).astype("float32")
layers = [keras.layers.SpectralNormalization(keras.layers.Dense(24), power_iterations=1), keras.layers.LeakyReLU(), keras.layers.SpectralNormalization(keras.layers.Dense(1))]
model = keras.Sequential([keras.Input((12,)), *layers])
model.compile(keras.optimizers.Adam(1e-2, beta_1=0.5), "hinge")
model.fit(x, y, batch_size=40, epochs=5, verbose=0)
