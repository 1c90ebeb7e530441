"""A learning rate that is a function without arguments, which reads a variable of the script."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(320, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")
rate = keras.Variable(0.02, trainable=False)
model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(lambda: rate.value), loss="mse")
model.fit(x, y, batch_size=32, epochs=10, verbose=0)
