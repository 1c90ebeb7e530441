"""100 samples in batches of 32: every fourth batch has four samples, and its gradient is that of four."""
import numpy as np
import keras

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
x = rng.normal(size=(100, 5)).astype("float32")
y = (x @ rng.normal(size=(5, 1)) + rng.normal(size=(100, 1))).astype("float32")
model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.05), "mse")
model.fit(x, y, batch_size=32, epochs=30, shuffle=False, verbose=0)
