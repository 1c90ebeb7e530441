"""Everything in float64, with a loss of 1e-9: single precision would show noise."""
import numpy as np
import keras

keras.config.set_floatx("float64")
keras.utils.set_random_seed(52)
rng = np.random.default_rng(6)
x = rng.normal(size=(320, 5))
y = 1 + 1e-4 * x @ rng.normal(size=(5, 1))
model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer="ones")])
model.compile(keras.optimizers.SGD(0.05), "mse")
model.fit(x, y, batch_size=32, epochs=4, shuffle=False, verbose=0)
