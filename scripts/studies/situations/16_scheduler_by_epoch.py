"""LearningRateScheduler: a warm-up by epochs of five steps that peaks at 0.4, forty times the compiled rate."""
import numpy as np
import keras

keras.utils.set_random_seed(17)
rng = np.random.default_rng(17)
x = rng.normal(size=(160, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1))).astype("float32")
rates = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.01 * 2**epoch if epoch < 6 else 0.4 * 0.9 ** (epoch - 6))
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.01), "mse")
model.fit(x, y, batch_size=32, epochs=20, shuffle=False, callbacks=[rates], verbose=0)
